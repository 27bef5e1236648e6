internal import GRDB
import MirrorTypes

/// A file that two snapshots do not have alike.
package struct Difference: Hashable, Sendable {
  /// What happened to a file from the first snapshot to the second.
  package enum Kind: String, Hashable, Sendable {
    /// Only the second has it.
    case added
    /// Only the first has it.
    case removed
    /// Both have it, with different bytes.
    case changed
  }

  /// The file's path.
  package let path: TreePath
  /// What happened to it.
  package let kind: Kind
  /// The source: the second snapshot's word, or the first's if that is the only one.
  package let source: String
  /// The component, likewise.
  package let component: String
  /// Its object in the first snapshot.
  package let oldObject: ObjectDigest?
  /// Its object in the second snapshot.
  package let newObject: ObjectDigest?
  /// Its size in the first snapshot, in bytes.
  package let oldSize: Int64?
  /// Its size in the second snapshot, in bytes.
  package let newSize: Int64?
}

extension Catalogued {
  /// The files that two snapshots do not have alike, ordered by the bytes of their paths. What is the same in both is
  /// not looked at twice, and memory does not grow with the number of files.
  ///
  /// - Throws: what `body` throws; ``StoreError/noSuchSnapshot(_:)``.
  package func differences(from old: Int, to new: Int, _ body: (Difference) throws -> Void) throws {
    try catalogue.read { db in
      for number in [old, new] where try !db.snapshotExists(number) { throw StoreError.noSuchSnapshot(number) }
      let names = NameTable(db)
      let rows = try Row.fetchCursor(db, sql: Difference.select, arguments: ["old": old, "new": new])
      while let row = try rows.next() { try body(try Difference(row, names)) }
    }
  }
}

extension Difference {
  /// Versions that only one of the two names, brought together by path.
  fileprivate static let select = """
    WITH gone AS (
      SELECT path, version FROM member WHERE snapshot = :old
      EXCEPT SELECT path, version FROM member WHERE snapshot = :new
    ), come AS (
      SELECT path, version FROM member WHERE snapshot = :new
      EXCEPT SELECT path, version FROM member WHERE snapshot = :old
    ), pair AS (
      SELECT path, max(old) AS old, max(new) AS new FROM (
        SELECT path, version AS old, NULL AS new FROM gone UNION ALL SELECT path, NULL, version FROM come
      ) GROUP BY path
    )
    SELECT path.name, oo.digest, oo.size, no.digest, no.size,
      coalesce(nv.source, ov.source), coalesce(nv.component, ov.component)
    FROM pair JOIN path ON path.id = pair.path
      LEFT JOIN version ov ON ov.id = pair.old LEFT JOIN object oo ON oo.id = ov.object
      LEFT JOIN version nv ON nv.id = pair.new LEFT JOIN object no ON no.id = nv.object
    WHERE oo.id IS NOT no.id ORDER BY path.name
    """

  fileprivate init(_ row: Row, _ names: NameTable) throws {
    path = try TreePath(row[0])
    oldObject = try row.digest(1)
    oldSize = row[2]
    newObject = try row.digest(3)
    newSize = row[4]
    kind = oldObject == nil ? .added : newObject == nil ? .removed : .changed
    source = try names.text(of: row[5] as Int64)
    component = try names.text(of: row[6] as Int64)
  }
}
