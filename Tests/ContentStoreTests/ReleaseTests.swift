import Catalogue
import FileSystem
import MirrorTypes
import StoreFixtures
import SystemPackage
import Testing

@Suite struct ReleaseTests {
  let fixture = StoreFixture()

  @Test func `a release is a tree of links to objects, and current leads to it`() throws {
    let store = try fixture.open()
    let snapshot = try store.seal(["updates/index/a.xml": "index", "updates/b": "b", "packages/c": "b"])
    let release = try store.publish(snapshot.number)
    #expect(release.isCurrent)
    #expect(release.copiedFiles == 0)
    #expect(try fixture.published("updates/index/a.xml") == "index")
    #expect(try fixture.published("packages/c") == "b")
    #expect(try Files.status(fixture.folder["store/releases/1/updates/b"])?.links == 3)
    #expect(try Files.linkTarget(fixture.folder["store/current"]) == "releases/1")
    #expect(try fixture.names("releases") == ["1"])
    #expect(try store.verify().releases == [1])
    // Again: nothing happens.
    let inode = try Files.status(fixture.folder["store/current"])?.inode
    #expect(try store.publish(1) == release)
    #expect(try Files.status(fixture.folder["store/current"])?.inode == inode)
    #expect(try fixture.openForReading().current() == release)
  }

  @Test func `folders that look the same and have other bytes are two, and both are published`() throws {
    let store = try fixture.open()
    let (one, two) = ("updates/caf\u{E9}/a", "updates/cafe\u{301}/b")
    let snapshot = try store.seal([one: "one", two: "two", "updates/\u{600}.xml": "three"])
    _ = try store.publish(snapshot.number)
    #expect(try fixture.published(one) == "one")
    #expect(try fixture.published(two) == "two")
    #expect(try fixture.published("updates/\u{600}.xml") == "three")
    #expect(try fixture.names("releases/1/updates").count == 3)
    #expect(try store.verify().releases == [1])
  }

  @Test func `rollback goes to the release before, or to a given one, and publish comes back`() throws {
    let store = try fixture.open()
    #expect(throws: StoreError.noSuchRelease(nil)) { try store.rollback() }
    for text in ["1", "2", "3", "4"] { try store.seal(["updates/a": text]) }
    for number in [1, 2, 4] { _ = try store.publish(number) }
    #expect(try store.rollback().number == 2)
    #expect(try fixture.published("updates/a") == "2")
    #expect(try store.rollback().number == 1)
    #expect(throws: StoreError.noSuchRelease(nil)) { try store.rollback() }
    #expect(throws: StoreError.noSuchRelease(3)) { try store.rollback(to: 3) }
    #expect(try store.rollback(to: 4).number == 4)
    #expect(try store.publish(2).number == 2)
    #expect(try store.releases().map(\.isCurrent) == [false, true, false])
    #expect(throws: StoreError.noSuchSnapshot(9)) { try store.publish(9) }
    #expect(try fixture.published("updates/a") == "2")
  }

  @Test func `the release that was current before is known, until it is pruned`() throws {
    let store = try fixture.open()
    for text in ["1", "2", "3"] { try store.seal(["updates/a": text]) }
    #expect(try store.previousRelease() == nil)
    _ = try store.publish(1)
    #expect(try store.previousRelease() == nil)
    _ = try store.publish(3)
    #expect(try store.previousRelease() == 1)
    // What is current already does not move.
    _ = try store.publish(3)
    #expect(try store.previousRelease() == 1)
    _ = try store.rollback()
    #expect(try store.previousRelease() == 3)
    _ = try store.publish(2)
    #expect(try fixture.openForReading().previousRelease() == 1)
    #expect(try store.prune(keeping: 1, protecting: [], dryRun: false).releases == [1])
    #expect(try store.previousRelease() == nil)
    #expect(try store.current()?.number == 2)
    // As a kill between the two moves leaves it.
    try Files.remove(fixture.folder["store/previous"])
    try Files.makeLink(fixture.folder["store/previous"], to: "releases/2")
    #expect(try store.previousRelease() == nil)
  }

  @Test func `a release whose object is gone is not published, and the current one stays`() throws {
    let store = try fixture.open()
    try store.seal(["updates/a": "1"])
    _ = try store.publish(1)
    try store.seal(["updates/a": "1", "updates/b": "2"])
    let lost = try #require(try store.file(try TreePath("updates/b"), in: 2)).object
    try Files.remove(store.path(of: lost))
    #expect(throws: StoreError.missingObject(lost, path: try TreePath("updates/b"))) { try store.publish(2) }
    #expect(try store.current()?.number == 1)
    #expect(try fixture.names("releases") == ["1"])
  }

  @Test func `prune keeps the newest, the current and the protected, and tells before what it would do`() throws {
    let store = try fixture.open()
    for number in 1...6 {
      try store.seal(["updates/a": "version \(number)", "updates/same": "same"])
      _ = try store.publish(number)
    }
    _ = try store.rollback(to: 1)
    let plan = try store.prune(keeping: 2, protecting: [3], dryRun: true)
    #expect(plan.isDryRun)
    #expect(plan.snapshots == [2, 4])
    #expect(plan.releases == [2, 4])
    #expect(plan.objects == 2)
    #expect(plan.bytes == 18)
    #expect(try store.snapshots().count == 6)
    #expect(try fixture.names("releases").count == 6)
    let done = try store.prune(keeping: 2, protecting: [3], dryRun: false)
    #expect(done.snapshots == plan.snapshots)
    #expect(done.objects == plan.objects)
    #expect(try store.snapshots().map(\.number) == [1, 3, 5, 6])
    #expect(try fixture.names("releases") == ["1", "3", "5", "6"])
    #expect(try fixture.names("partial").isEmpty)
    #expect(try fixture.published("updates/a") == "version 1")
    let report = try store.verify()
    #expect(report.isClean)
    #expect(report.objects == 5)
    #expect(report.unlisted == 0)
    #expect(try store.prune(keeping: 2, protecting: [3], dryRun: false).objects == 0)
    #expect(try store.seal(["updates/a": "7"]).number == 7)
  }

  @Test func `prune spares what a source knows, until it is forgotten`() throws {
    let store = try fixture.open()
    let object = try store.put("known").digest
    try store.commitObjects()
    try store.remember(
      [try TreePath("a"): KnownFile(object: object, size: 5, fetched: 1)],
      state: nil,
      of: "s"
    )
    #expect(try store.prune(keeping: 1, dryRun: false).objects == 0)
    #expect(try store.contains(object))
    try store.forget("s")
    #expect(try store.prune(keeping: 1, dryRun: false).objects == 1)
    #expect(try !store.contains(object))
    #expect(try Files.status(store.path(of: object)) == nil)
  }

  @Test func `nothing is pruned while objects are written`() throws {
    let store = try fixture.open()
    let writer = try store.writer()
    #expect(throws: StoreError.objectsInUse) { try store.prune(keeping: 1, dryRun: false) }
    _ = try writer.finish()
    #expect(throws: StoreError.objectsInUse) { try store.prune(keeping: 1, dryRun: false) }
    try store.commitObjects()
    #expect(try store.prune(keeping: 1, dryRun: false).objects == 1)
  }
}
