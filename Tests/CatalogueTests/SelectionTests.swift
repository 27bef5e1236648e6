import Catalogue
import ContentStore
import FileSystem
import GRDB
import StoreFixtures
import SystemPackage
import Testing

/// Snapshots that are smaller selections of others: they are carried, and are no state of the sources.
@Suite struct SelectionTests {
  let fixture = StoreFixture()

  private func seal(_ store: ContentStore, of whole: Int? = nil, notes: String = "{}") throws -> Int {
    try store.seal(SnapshotHeader(created: 1, notes: notes, selectedFrom: whole)) { _ in }.number
  }

  @Test func `the newest whole one is no selection, and none where there are only those`() throws {
    let store = try fixture.open()
    #expect(try store.newestWhole() == nil)
    let first = try seal(store)
    let selection = try seal(store, of: first)
    #expect(try store.newestWhole()?.number == first)
    #expect(try store.snapshot(selection).selectedFrom == first)
    #expect(try !store.snapshot(selection).isWhole && store.snapshot(first).isWhole)
  }

  @Test func `prune counts whole ones, and keeps selections with what they were made of`() throws {
    let store = try fixture.open()
    let first = try seal(store)
    let old = try seal(store, of: first)
    let second = try seal(store)
    let (one, two, three) = (try seal(store, of: second), try seal(store, of: second), try seal(store, of: second))
    let third = try seal(store)
    let report = try store.prune(keeping: 2, dryRun: false)
    #expect(report.snapshots == [first, old])
    #expect(try store.snapshots().map(\.number) == [second, one, two, three, third])
    // What a site has as its base stays.
    let later = try store.prune(keeping: 1, protecting: [two], dryRun: false)
    #expect(later.protected == [two])
    #expect(try store.snapshots().map(\.number) == [two, third])
  }

  @Test func `a store of a version that noted selections as text knows them after the update`() throws {
    do {
      let store = try fixture.open()
      let notes = [
        "{}", #"{"selection":{"left":[],"of":1},"sources":{}}"#, #"{"selection":{"of":"1"}}"#, "no JSON",
      ]
      for text in notes { _ = try seal(store, notes: text) }
    }
    let queue = try DatabaseQueue(path: fixture.root.appending("catalogue.sqlite").string)
    try queue.write { db in
      try db.execute(
        sql: "ALTER TABLE snapshot DROP COLUMN selected_from; DELETE FROM grdb_migrations WHERE identifier LIKE '6 %'"
      )
    }
    try queue.close()
    let store = try fixture.open()
    #expect(try store.snapshots().map(\.selectedFrom) == [nil, 1, nil, nil])
  }
}
