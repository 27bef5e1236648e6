import ContentStore
import MirrorTypes
import StoreFixtures
import Testing

/// Since when each path of the current release has its content.
struct ServedTests {
  private func dates(_ store: ContentStore) throws -> [String: UTCTime] {
    let current = try #require(try store.currentRelease())
    var dates: [String: UTCTime] = [:]
    try store.forEachServedFile(in: current.number, moved: current.moved) { dates[$0.path] = $0.changed }
    return dates
  }

  @Test func `what stays the same stays as old as it was, and what changes is newer than all before`() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.seal(["updates/a": "same", "updates/b": "old"])
    try store.seal(["updates/a": "same", "updates/b": "new", "updates/c": "first"])
    _ = try store.publish(1)
    let first = try dates(store)
    // Within the same second.
    _ = try store.publish(2)
    let second = try dates(store)
    #expect(second["updates/a"] == first["updates/a"])
    #expect(try #require(second["updates/b"]) > #require(first["updates/b"]))
    _ = try store.rollback()
    let third = try dates(store)
    #expect(third.keys.sorted() == ["updates/a", "updates/b"])
    #expect(third["updates/a"] == first["updates/a"])
    #expect(try #require(third["updates/b"]) > #require(second["updates/b"]))
    // To publish what is current already moves nothing.
    _ = try store.publish(1)
    #expect(try dates(store) == third)
  }

  @Test func `a release that is not current is dated by the time that is given`() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.seal(["updates/a": "one"])
    #expect(try store.currentRelease() == nil)
    var dates: [UTCTime] = []
    try store.forEachServedFile(in: 1, moved: 77) { dates.append($0.changed) }
    #expect(dates == [77])
  }

  @Test func `each move of current is distinguished from the one before`() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.seal(["updates/a": "one"])
    try store.seal(["updates/a": "two"])
    _ = try store.publish(1)
    let first = try store.currentRelease()
    _ = try store.publish(2)
    #expect(try store.currentRelease() != first)
    #expect(try store.currentRelease()?.number == 2)
  }
}
