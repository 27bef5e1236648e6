import MirrorTypes

internal import GRDB

/// What was begun with a snapshot, and has to be brought to its end by whoever comes next if the run that began it does
/// not.
package enum OwedTask: String, Hashable, Sendable {
  /// A sync has sealed it.
  case sync
  /// An import has sealed it.
  case `import`
  /// Somebody goes back to it.
  case rollback
  /// Somebody ends a rollback, and publishes it again.
  case undo
}

/// A task that is owed.
package struct OwedPublication: Hashable, Sendable {
  /// The snapshot.
  package let snapshot: Int
  /// What was begun with it.
  package let task: OwedTask
}

/// Why the newest snapshot is not the one that is published.
package struct HeldBack: Hashable, Sendable {
  /// What holds it back.
  package enum Cause: String, Hashable, Sendable {
    /// A person went back.
    case rollback
    /// A bundle of an older snapshot was imported on purpose.
    case olderBundle = "older bundle"
    /// It is to be rehearsed first, and that was not done yet or did not go well.
    case rehearsal
  }

  /// No snapshot up to this number is published by itself. One with a higher number ends it.
  package var upTo: Int
  /// What is published instead; `nil`: whatever was.
  package var instead: Int?
  /// What was published before; `nil`: nothing, or that is not known.
  package var previous: Int?
  /// Since when.
  package var since: UTCTime
  /// Why.
  package var cause: Cause

  /// Something that holds snapshots back.
  package init(upTo: Int, instead: Int?, previous: Int?, since: UTCTime, cause: Cause) {
    self.upTo = upTo
    self.instead = instead
    self.previous = previous
    self.since = since
    self.cause = cause
  }
}

extension Catalogued {
  /// What holds the newest snapshots back; `nil` if nothing does. A snapshot with a higher number may have ended it.
  package func heldBack() throws(StoreError) -> HeldBack? {
    try catalogue.reading { db in
      let row = try Row.fetchOne(db, sql: "SELECT up_to, instead, previous, since, cause FROM held")
      return row.map {
        // A cause that only a newer program knows holds back all the same.
        let cause = HeldBack.Cause(rawValue: $0[4]) ?? .rollback
        return HeldBack(upTo: $0[0], instead: $0[1], previous: $0[2], since: $0[3], cause: cause)
      }
    }
  }

  /// Holds snapshots back from now on, and notes in the same step what is owed with that. What a person goes back from is
  /// remembered for good.
  package func hold(_ held: HeldBack, owing task: OwedPublication? = nil) throws(StoreError) {
    try catalogue.writing { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO held (id, up_to, instead, previous, since, cause) VALUES (1, ?, ?, ?, ?, ?)",
        arguments: [held.upTo, held.instead, held.previous, held.since, held.cause.rawValue]
      )
      if held.cause == .rollback { try db.rememberRollback(held) }
      if let task { try db.owe(task.task, task.snapshot) }
    }
  }

  /// Holds nothing back any more, and notes in the same step what is owed with that: what a person asks for with
  /// that no longer counts as rolled back, nor does what the rollback that ends went back from.
  package func endHolding(owing task: OwedPublication? = nil) throws(StoreError) {
    try catalogue.writing { db in
      if let task { try db.forgetRollback(of: task.snapshot, besides: .thatIsInForce) }
      try db.execute(sql: "DELETE FROM held")
      if let task { try db.owe(task.task, task.snapshot) }
    }
  }

  /// All that is owed, by snapshot.
  package func owed() throws(StoreError) -> [OwedPublication] {
    try catalogue.reading { db in
      try Row.fetchAll(db, sql: "SELECT snapshot, task FROM owed ORDER BY snapshot, task").compactMap { row in
        OwedTask(rawValue: row[1]).map { OwedPublication(snapshot: row[0], task: $0) }
      }
    }
  }

  /// Notes that nothing is owed with a snapshot any more.
  package func settle(_ snapshot: Int) throws(StoreError) {
    try catalogue.writing { db in
      try db.execute(sql: "DELETE FROM owed WHERE snapshot = ?", arguments: [snapshot])
    }
  }
}

extension OwedPublication {
  /// Something to be owed.
  package init(_ task: OwedTask, _ snapshot: Int) {
    self.init(snapshot: snapshot, task: task)
  }
}

extension Database {
  func owe(_ task: OwedTask, _ snapshot: Int) throws {
    try execute(
      sql: "INSERT OR IGNORE INTO owed (snapshot, task) VALUES (?, ?)",
      arguments: [snapshot, task.rawValue]
    )
  }
}
