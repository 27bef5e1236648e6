internal import GRDB

/// What one snapshot has and another lacks.
package struct Lacking: Hashable, Sendable {
  /// How many objects.
  package let objects: Int
  /// Their bytes.
  package let bytes: Int64
}

extension Catalogued {
  /// The snapshots whose files are all here, as far as is known, by number: those of which `verify` has found an object
  /// damaged are left out until it has come again.
  package func undamagedSnapshots() throws(StoreError) -> [Snapshot] {
    try catalogue.reading { db in
      let rows = try Row.fetchAll(
        db,
        sql: Snapshot.select + """
           WHERE number NOT IN (
            SELECT member.snapshot FROM damaged CROSS JOIN version ON version.object = damaged.object
              CROSS JOIN member ON member.version = version.id
          ) ORDER BY number
          """
      )
      return try rows.map { try Snapshot($0) }
    }
  }

  /// The objects that a snapshot has and another one lacks, each counted once: what an incremental bundle has to carry.
  ///
  /// - Parameters:
  ///   - number: the snapshot.
  ///   - base: the other one; `nil`: nothing is there, so that all objects count.
  /// - Throws: ``StoreError/noSuchSnapshot(_:)``.
  package func lacking(of number: Int, in base: Int?) throws(StoreError) -> Lacking {
    try catalogue.reading { db in
      for number in [number] + (base.map { [$0] } ?? []) where try !db.snapshotExists(number) {
        throw StoreError.noSuchSnapshot(number)
      }
      let row = try Row.fetchOne(db, sql: Lacking.select, arguments: ["new": number, "base": base])
      return row.map { Lacking(objects: $0[0], bytes: $0[1]) } ?? Lacking(objects: 0, bytes: 0)
    }
  }
}

extension Lacking {
  /// Versions that only the new snapshot names are few; of their objects, those count that no file of the base has.
  ///
  /// CROSS JOIN keeps SQLite from going through the whole base for each of them.
  fileprivate static let select = """
    WITH come AS (
      SELECT path, version FROM member WHERE snapshot = :new
      EXCEPT SELECT path, version FROM member WHERE snapshot = :base
    ), candidate AS (
      SELECT DISTINCT version.object AS id FROM come JOIN version ON version.id = come.version
    )
    SELECT count(*), coalesce(sum(object.size), 0) FROM candidate JOIN object ON object.id = candidate.id
    WHERE NOT EXISTS (
      SELECT 1 FROM version CROSS JOIN member ON member.snapshot = :base AND member.path = version.path
        AND member.version = version.id
      WHERE version.object = candidate.id
    )
    """
}
