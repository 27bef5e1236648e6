internal import GRDB
import MirrorTypes

extension Catalogued {
  /// All snapshots, by number.
  package func snapshots() throws(StoreError) -> [Snapshot] {
    try catalogue.reading { db in
      try Row.fetchAll(db, sql: Snapshot.select + " ORDER BY number").map { try Snapshot($0) }
    }
  }

  /// The newest snapshot that is a state of all sources.
  package func newestWhole() throws(StoreError) -> Snapshot? {
    try catalogue.reading { db in
      let sql = Snapshot.select + " WHERE selected_from IS NULL ORDER BY number DESC LIMIT 1"
      return try Row.fetchOne(db, sql: sql).map { try Snapshot($0) }
    }
  }

  /// One snapshot.
  ///
  /// - Throws: ``StoreError/noSuchSnapshot(_:)``.
  package func snapshot(_ number: Int) throws(StoreError) -> Snapshot {
    try catalogue.reading { db in
      guard let row = try Row.fetchOne(db, sql: Snapshot.select + " WHERE number = ?", arguments: [number])
      else { throw StoreError.noSuchSnapshot(number) }
      return try Snapshot(row)
    }
  }

  /// The files of a snapshot, one after the other, ordered by the bytes of their paths.
  ///
  /// All are of one state of the catalogue, whatever a writer does meanwhile. Memory does not grow with their number.
  ///
  /// - Throws: what `body` throws; ``StoreError/noSuchSnapshot(_:)``.
  package func forEachFile(in number: Int, _ body: (SnapshotFile) throws -> Void) throws {
    try catalogue.read { db in
      guard try db.snapshotExists(number) else { throw StoreError.noSuchSnapshot(number) }
      let names = NameTable(db)
      let rows = try Row.fetchCursor(
        db,
        sql: SnapshotFile.select + " WHERE member.snapshot = ? ORDER BY path.name",
        arguments: [number]
      )
      while let row = try rows.next() { try body(try SnapshotFile(row, names)) }
    }
  }

  /// One file of a snapshot; `nil` if the snapshot does not have it.
  package func file(_ path: TreePath, in number: Int) throws(StoreError) -> SnapshotFile? {
    try catalogue.reading { db in
      guard try db.snapshotExists(number) else { throw StoreError.noSuchSnapshot(number) }
      let row = try Row.fetchOne(
        db,
        sql: SnapshotFile.select + " WHERE member.snapshot = ? AND path.name = ?",
        arguments: [number, path.string]
      )
      return try row.map { try SnapshotFile($0, NameTable(db)) }
    }
  }

  /// Writes the listing of a snapshot (see ``TreeListing``) in pieces of some 64 KiB.
  package func writeListing(of number: Int, to write: (UnsafeRawBufferPointer) throws -> Void) throws {
    var buffer: [UInt8] = []
    try forEachListed(in: number) { object, size, path in
      TreeListing.appendLine(object, size, path, to: &buffer)
      guard buffer.count >= 65_536 else { return }
      try buffer.withUnsafeBytes(write)
      buffer.removeAll(keepingCapacity: true)
    }
    if !buffer.isEmpty { try buffer.withUnsafeBytes(write) }
  }

  /// What each component of a snapshot has, by source and component.
  package func summary(of number: Int) throws(StoreError) -> [ComponentSummary] {
    try catalogue.reading { db in
      guard try db.snapshotExists(number) else { throw StoreError.noSuchSnapshot(number) }
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT s.text, c.text, count(*), sum(object.size), max(version.fetched)
          FROM member JOIN version ON version.id = member.version JOIN object ON object.id = version.object
            JOIN name s ON s.id = version.source JOIN name c ON c.id = version.component
          WHERE member.snapshot = ? GROUP BY version.source, version.component ORDER BY s.text, c.text
          """,
        arguments: [number]
      )
      return rows.map {
        ComponentSummary(source: $0[0], component: $0[1], files: $0[2], bytes: $0[3], arrived: $0[4])
      }
    }
  }

  /// Paths of any snapshot that end in `text`, ordered, at most `limit`: for a user who knows a file's name only.
  package func paths(endingIn text: String, limit: Int) throws(StoreError) -> [TreePath] {
    try catalogue.reading { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name FROM path WHERE substr(name, -length(:text)) = :text
            AND EXISTS (SELECT 1 FROM version WHERE version.path = path.id) ORDER BY name LIMIT :limit
          """,
        arguments: ["text": text, "limit": limit]
      ).map { try TreePath($0) }
    }
  }

  /// Digest, size and path of each file of a snapshot, ordered by the bytes of the paths.
  package func forEachListed(in number: Int, _ body: (ObjectDigest, Int64, String) throws -> Void) throws {
    try catalogue.read { db in
      guard try db.snapshotExists(number) else { throw StoreError.noSuchSnapshot(number) }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT object.digest, object.size, path.name
          FROM member JOIN version ON version.id = member.version JOIN object ON object.id = version.object
            JOIN path ON path.id = member.path
          WHERE member.snapshot = ? ORDER BY path.name
          """,
        arguments: [number]
      )
      while let row = try rows.next() { try body(try row.requiredDigest(0), row[1], row[2]) }
    }
  }
}

extension Snapshot {
  static let select = "SELECT number, created, tree, files, bytes, bundle, notes, selected_from FROM snapshot"

  init(_ row: Row) throws {
    number = row[0]
    created = row[1]
    treeDigest = try row.requiredDigest(2)
    fileCount = row[3]
    totalBytes = row[4]
    origin = (row[5] as String?).map { .imported(bundle: $0) } ?? .synced
    notes = row[6]
    selectedFrom = row[7]
  }
}

extension SnapshotFile {
  static let select = """
    SELECT path.name, object.digest, object.size, version.source, version.component, version.named_by, version.origin,
      version.fetched, version.modified
    FROM member JOIN version ON version.id = member.version JOIN object ON object.id = version.object
      JOIN path ON path.id = member.path
    """

  init(_ row: Row, _ names: NameTable) throws {
    self.init(
      path: try TreePath(row[0]),
      object: try row.requiredDigest(1),
      size: row[2],
      source: try names.text(of: row[3] as Int64),
      component: try names.text(of: row[4] as Int64),
      namedBy: try names.text(of: row[5]),
      origin: try names.text(of: row[6]),
      fetched: row[7],
      modified: row[8]
    )
  }
}
