import MirrorTypes

internal import GRDB

/// A snapshot that a person went back from. It need not be here any more.
package struct RolledBack: Hashable, Sendable {
  /// Its number.
  package let snapshot: Int
  /// The digest of its tree: another snapshot with the same files is as little wanted.
  package let tree: ObjectDigest
  /// When somebody went back.
  package let since: UTCTime
}

extension Catalogued {
  /// The snapshots that a person went back from and has not asked for since, by number.
  package func rolledBack() throws(StoreError) -> [RolledBack] {
    try catalogue.reading { db in
      try Row.fetchAll(db, sql: "SELECT snapshot, tree, since FROM rolled_back ORDER BY snapshot").map { row in
        RolledBack(snapshot: row[0], tree: try row.requiredDigest(1), since: row[2])
      }
    }
  }

  /// Forgets that somebody went back from a snapshot: a person asks for it again.
  package func forgetRollback(of snapshot: Int) throws(StoreError) {
    try catalogue.writing { db in try db.forgetRollback(of: snapshot, besides: .nothing) }
  }
}

extension Database {
  /// How many snapshots are remembered, the newest rollbacks first.
  private static let mostRolledBack = 1000

  /// Which rollbacks are forgotten together with that of a snapshot.
  enum OtherRollbacks {
    case nothing
    /// All that the rollback went back from that is in force.
    case thatIsInForce
  }

  /// Remembers what a rollback goes back from; what it goes back to is wanted again.
  func rememberRollback(_ held: HeldBack) throws {
    guard let instead = held.instead else { return }
    try execute(
      sql: """
        INSERT OR REPLACE INTO rolled_back (snapshot, tree, since)
        SELECT number, tree, ? FROM snapshot WHERE number > ? AND number <= ? AND selected_from IS NULL
          AND tree <> (SELECT tree FROM snapshot WHERE number = ?)
        """,
      arguments: [held.since, instead, held.upTo, instead]
    )
    try forgetRollback(of: instead, besides: .nothing)
    try execute(
      sql: """
        DELETE FROM rolled_back WHERE snapshot NOT IN
          (SELECT snapshot FROM rolled_back ORDER BY since DESC, snapshot DESC LIMIT ?)
        """,
      arguments: [Self.mostRolledBack]
    )
  }

  func forgetRollback(of snapshot: Int, besides others: OtherRollbacks) throws {
    if case .thatIsInForce = others {
      try execute(
        sql: """
          DELETE FROM rolled_back WHERE EXISTS
            (SELECT 1 FROM held WHERE cause = 'rollback' AND rolled_back.snapshot > instead AND rolled_back.snapshot <= up_to)
          """
      )
    }
    try execute(
      sql: """
        DELETE FROM rolled_back WHERE snapshot = ? OR tree = (SELECT tree FROM snapshot WHERE number = ?)
        """,
      arguments: [snapshot, snapshot]
    )
  }
}
