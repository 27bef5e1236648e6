import Catalogue
import ContentStore
import GRDB
import MirrorTypes
import StoreFixtures
import SystemPackage
import Testing

/// What is owed with a snapshot, and what is held back.
@Suite struct OwedTests {
  let fixture = StoreFixture()

  @Test func `what has to follow a sealing is owed with it, all or nothing, until it is settled`() throws {
    struct Interrupted: Error {}
    do {
      let store = try fixture.open()
      #expect(throws: Interrupted.self) {
        try store.seal(SnapshotHeader(created: 1, owes: .sync)) { _ in throw Interrupted() }
      }
      #expect(try store.owed().isEmpty)
      for task in [OwedTask.sync, .import] { _ = try store.seal(SnapshotHeader(created: 1, owes: task)) { _ in } }
      _ = try store.seal(SnapshotHeader(created: 1)) { _ in }
      try store.hold(
        HeldBack(upTo: 3, instead: 1, previous: 3, since: 9, cause: .rollback),
        owing: OwedPublication(.rollback, 1)
      )
    }
    let store = try fixture.open()
    let (first, second) = (OwedPublication(.rollback, 1), OwedPublication(.sync, 1))
    #expect(try store.owed() == [first, second, OwedPublication(.import, 2)])
    #expect(try store.heldBack() == HeldBack(upTo: 3, instead: 1, previous: 3, since: 9, cause: .rollback))
    try store.settle(1)
    #expect(try store.owed() == [OwedPublication(.import, 2)])
    try store.endHolding(owing: OwedPublication(.undo, 3))
    #expect(try store.heldBack() == nil && store.owed().contains(OwedPublication(.undo, 3)))
    // What is pruned owes nothing.
    _ = try store.publish(3)
    _ = try store.prune(keeping: 1, dryRun: false)
    #expect(try store.owed() == [OwedPublication(.undo, 3)])
  }

  /// A catalogue as the program had it before it remembered rollbacks.
  private func before(_ fill: (ContentStore) throws -> Void) throws -> ContentStore {
    do {
      let store = try fixture.open()
      for number in 1...2 {
        try store.seal(["updates/a": "\(number)"])
        _ = try store.publish(number)
      }
      try fill(store)
    }
    let queue = try DatabaseQueue(path: fixture.root.appending("catalogue.sqlite").string)
    try queue.write { db in
      try db.execute(sql: "DROP TABLE held; DROP TABLE owed; DELETE FROM grdb_migrations WHERE identifier LIKE '4 %'")
    }
    try queue.close()
    return try fixture.open()
  }

  private func run(_ job: String, _ snapshot: Int, at time: UTCTime) -> Run {
    Run(job: job, started: time, finished: time, outcome: .ok, message: "", snapshot: snapshot)
  }

  @Test func `a rollback from before it was remembered is in force after the update`() throws {
    let store = try before { store in
      _ = try store.rollback(to: 1)
      try store.record(run("rollback", 1, at: 2000))
      try store.record(run("sync", 2, at: 3000))
    }
    #expect(try store.heldBack() == HeldBack(upTo: 2, instead: 1, previous: nil, since: 2000, cause: .rollback))
    #expect(try store.owed().isEmpty)
  }

  @Test func `one that a newer snapshot has ended is not, and without one nothing is held back`() throws {
    let store = try before { store in
      try store.record(run("rollback", 1, at: 500))
      try store.record(run("sync", 2, at: 3000))
    }
    #expect(try store.heldBack() == nil)
  }
}
