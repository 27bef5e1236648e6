internal import GRDB
import MirrorTypes

/// A file of a snapshot whose bytes another snapshot does not have anywhere.
package struct LackingFile: Hashable, Sendable {
  /// A file's bytes.
  package struct Content: Hashable, Sendable {
    /// The object.
    package let object: ObjectDigest
    /// Its size in bytes.
    package let size: Int64
  }

  /// The first of its paths.
  package let path: TreePath
  /// What it has.
  package let content: Content
  /// The component.
  package let component: String
  /// What the same path has in the other snapshot; `nil` if it is not there.
  package let old: Content?
}

extension Catalogued {
  /// The files whose bytes one has to add to a snapshot's to have another's, ordered by the bytes of their paths; equal
  /// files once.
  ///
  /// - Throws: what `body` throws; ``StoreError/noSuchSnapshot(_:)``.
  package func lacking(from old: Int, to new: Int, _ body: (LackingFile) throws -> Void) throws {
    try catalogue.read { db in
      for number in [old, new] where try !db.snapshotExists(number) { throw StoreError.noSuchSnapshot(number) }
      let names = NameTable(db)
      let rows = try Row.fetchCursor(db, sql: LackingFile.select, arguments: ["old": old, "new": new])
      while let row = try rows.next() { try body(try LackingFile(row, names)) }
    }
  }

  /// The paths of a snapshot that another one does not have, ordered by their bytes.
  package func paths(of old: Int, goneIn new: Int, _ body: (TreePath) throws -> Void) throws {
    try catalogue.read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT name FROM path WHERE id IN (
            SELECT path FROM member WHERE snapshot = ? EXCEPT SELECT path FROM member WHERE snapshot = ?
          ) ORDER BY name
          """,
        arguments: [old, new]
      )
      while let row = try rows.next() { try body(try TreePath(row[0])) }
    }
  }

  /// Object, size and path of each file of a snapshot, ordered by the bytes of the paths.
  package func forEachContent(in number: Int, _ body: (TreePath, LackingFile.Content) throws -> Void) throws {
    try forEachListed(in: number) { object, size, path in
      try body(try TreePath(path), LackingFile.Content(object: object, size: size))
    }
  }
}

extension LackingFile {
  /// Versions that only the new snapshot names, whose objects no path of the old one has. CROSS JOIN keeps SQLite from
  /// going through all of the old one for each.
  fileprivate static let select = """
    WITH come AS (
      SELECT path, version FROM member WHERE snapshot = :new
      EXCEPT SELECT path, version FROM member WHERE snapshot = :old
    )
    SELECT min(path.name), no.digest, no.size, nv.component, oo.digest, oo.size
    FROM come CROSS JOIN path ON path.id = come.path
      CROSS JOIN version nv ON nv.id = come.version CROSS JOIN object no ON no.id = nv.object
      LEFT JOIN member om ON om.snapshot = :old AND om.path = come.path
      LEFT JOIN version ov ON ov.id = om.version LEFT JOIN object oo ON oo.id = ov.object
    WHERE NOT EXISTS (
      SELECT 1 FROM version bv CROSS JOIN member bm ON bm.snapshot = :old AND bm.path = bv.path AND bm.version = bv.id
      WHERE bv.object = nv.object
    )
    GROUP BY no.id ORDER BY 1
    """

  fileprivate init(_ row: Row, _ names: NameTable) throws {
    path = try TreePath(row[0])
    content = Content(object: try row.requiredDigest(1), size: row[2])
    component = try names.text(of: row[3] as Int64)
    old = try row.digest(4).map { Content(object: $0, size: row[5]) }
  }
}
