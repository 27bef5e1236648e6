import Catalogue
import ContentStore
import FileSystem
import MirrorTypes
import StoreFixtures
import SystemPackage
import Testing

/// What a person went back from, and numbers that are not given again.
@Suite struct RolledBackTests {
  let fixture = StoreFixture()

  private func rollBack(_ store: ContentStore, to target: Int, from newest: Int) throws {
    try store.hold(HeldBack(upTo: newest, instead: target, previous: newest, since: 9, cause: .rollback))
  }

  @Test func `what a rollback goes back from is remembered after it ends, and when it is gone`() throws {
    let store = try fixture.open()
    let snapshots = try (1...3).map { try store.seal(["updates/a": "\($0)"]) }
    try rollBack(store, to: 1, from: 3)
    #expect(try store.rolledBack().map(\.snapshot) == [2, 3])
    // A newer snapshot ends the holding, not the memory.
    _ = try store.seal(["updates/a": "4"])
    try store.endHolding()
    #expect(try store.rolledBack().map(\.tree) == snapshots[1...].map(\.treeDigest))
    _ = try store.publish(4)
    _ = try store.prune(keeping: 1, dryRun: false)
    #expect(try store.snapshots().map(\.number) == [4])
    #expect(try store.rolledBack().map(\.snapshot) == [2, 3])
  }

  @Test func `what a person asks for again is no longer rolled back, whatever its number`() throws {
    let store = try fixture.open()
    for text in ["1", "2", "3"] { try store.seal(["updates/a": text]) }
    try rollBack(store, to: 1, from: 3)
    let again = try store.seal(["updates/a": "2"])
    try store.forgetRollback(of: again.number)
    #expect(try store.rolledBack().map(\.snapshot) == [3])
    try store.endHolding(owing: OwedPublication(.undo, 3))
    #expect(try store.rolledBack().isEmpty)
    // What is gone back to is wanted.
    try rollBack(store, to: 2, from: 4)
    #expect(try store.rolledBack().map(\.snapshot) == [3])
    try rollBack(store, to: 3, from: 4)
    #expect(try store.rolledBack().map(\.snapshot) == [4])
  }

  @Test func `the next number is behind all that were given, and all that others have seen`() throws {
    let store = try fixture.open()
    #expect(try store.highestNumber() == 0)
    #expect(try store.seal(["updates/a": "1"]).number == 1)
    try NumbersSeen(snapshot: 8, metadata: 5).raise(in: store.root)
    #expect(try store.highestNumber() == 8)
    #expect(try store.seal(["updates/a": "2"]).number == 9)
    // Numbers of bundles are those of the bundles.
    #expect(try store.seal(["updates/a": "3"], number: 4).number == 4)
    #expect(try store.seal(["updates/a": "4"]).number == 10)
    // They never go back.
    try NumbersSeen(snapshot: 3, metadata: 7).raise(in: store.root)
    #expect(try NumbersSeen(of: store.root) == NumbersSeen(snapshot: 8, metadata: 7))
  }

  @Test(arguments: ["", "kscmirror numbers 1\nsnapshot 1\n", "kscmirror numbers 1\nsnapshot -1\nmetadata 2\n", "\u{0}"])
  func `a damaged list of numbers is reported, and nothing is numbered by it`(_ text: String) throws {
    let store = try fixture.open()
    try Files.replace(store.root.appending(NumbersSeen.name), with: Array(text.utf8))
    #expect(throws: StoreError.self) { try store.seal(["updates/a": "1"]) }
    #expect(try store.snapshots().isEmpty)
  }
}
