import FoundationEssentials
internal import GRDB
import MirrorTypes

extension Catalogued {
  /// Seals a snapshot: all of it in one transaction, or nothing.
  ///
  /// - Parameters:
  ///   - header: what is said of it.
  ///   - files: called once with a function that takes one file at a time, in any order. It must not change the store.
  /// - Throws: what `files` throws; ``StoreError/missingObject(_:path:)`` for a file whose object the catalogue does
  ///   not name (``commitObjects()`` comes first) or that is damaged; ``StoreError/snapshotExists(_:)``,
  ///   ``StoreError/duplicatePath(_:)``, ``StoreError/fileIsFolder(_:)``,
  ///   ``StoreError/pathsAlike(_:_:)``, ``StoreError/sizeMismatch(_:given:object:)``,
  ///   ``StoreError/digestMismatch(expected:found:)``.
  package func seal(
    _ header: SnapshotHeader,
    _ files: ((SnapshotFile) throws -> Void) throws -> Void
  ) throws -> Snapshot {
    let seen = try NumbersSeen(of: catalogue.path.removingLastComponent())
    return try catalogue.write { db in
      if let number = header.number, try db.snapshotExists(number) { throw StoreError.snapshotExists(number) }
      let sealing = try Sealing(db, seen)
      try files(sealing.add)
      return try sealing.seal(header)
    }
  }

  /// Seals a snapshot, unless it would have the very same files and bytes as another one.
  ///
  /// - Returns: the new snapshot, or `last`.
  /// - Throws: as ``seal(_:_:)``.
  package func seal(
    _ header: SnapshotHeader,
    unlessLike last: Snapshot?,
    _ files: ((SnapshotFile) throws -> Void) throws -> Void
  ) throws -> Snapshot {
    do {
      let seen = try NumbersSeen(of: catalogue.path.removingLastComponent())
      return try catalogue.write { db in
        let sealing = try Sealing(db, seen)
        try files(sealing.add)
        return try sealing.seal(header, unlessTreeIs: last?.treeDigest)
      }
    } catch is Sealing.Alike {
      guard let last else { throw StoreError.catalogue(catalogue.path, "a snapshot is like none") }
      return last
    }
  }
}

/// A snapshot in the making: its files gather in a temporary table, then move to their places by a few statements.
private struct Sealing {
  private let db: Database
  private let insert: Statement
  private let names: NameTable
  /// What others have proven to be given already.
  private let seen: NumbersSeen

  init(_ db: Database, _ seen: NumbersSeen) throws {
    self.db = db
    self.seen = seen
    names = NameTable(db)
    try db.execute(
      sql: """
        CREATE TEMPORARY TABLE incoming (
          path TEXT PRIMARY KEY, digest BLOB, size INTEGER, source INTEGER, component INTEGER, named_by INTEGER,
          origin INTEGER, fetched INTEGER, modified INTEGER
        ) STRICT, WITHOUT ROWID
        """
    )
    insert = try db.makeStatement(sql: "INSERT INTO incoming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
  }

  func add(_ file: SnapshotFile) throws {
    do {
      insert.setUncheckedArguments([
        file.path.string, file.object.blob, file.size, try names.id(of: file.source),
        try names.id(of: file.component), try file.namedBy.map(names.id(of:)), try file.origin.map(names.id(of:)),
        file.fetched, file.modified,
      ])
      try insert.execute()
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
      throw StoreError.duplicatePath(file.path)
    }
  }

  /// What is being sealed has a tree that is there already; thrown so that all of it is undone.
  struct Alike: Error {}

  func seal(_ header: SnapshotHeader, unlessTreeIs known: ObjectDigest? = nil) throws -> Snapshot {
    try checkObjects()
    let (tree, count, bytes) = try listing()
    if tree == known { throw Alike() }
    if let expected = header.treeDigest, expected != tree {
      throw StoreError.digestMismatch(expected: expected, found: tree)
    }
    var bundle: String?
    if case .imported(let name) = header.origin { bundle = name }
    try db.execute(
      sql: """
        INSERT INTO snapshot (number, created, tree, files, bytes, bundle, notes, selected_from)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        try header.number ?? (max(db.highestSnapshotNumber(), seen.snapshot) + 1), header.created, tree.blob, count,
        bytes, bundle, header.notes, header.selectedFrom,
      ]
    )
    let number = Int(db.lastInsertedRowID)
    try moveFiles(to: number)
    if let task = header.owes { try db.owe(task, number) }
    return Snapshot(
      number: number,
      created: header.created,
      treeDigest: tree,
      fileCount: count,
      totalBytes: bytes,
      origin: header.origin,
      notes: header.notes,
      selectedFrom: header.selectedFrom
    )
  }

  private func checkObjects() throws {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT incoming.path, incoming.digest, incoming.size, object.size, damaged.object
        FROM incoming LEFT JOIN object USING (digest) LEFT JOIN damaged ON damaged.object = object.id
        WHERE object.id IS NULL OR object.size <> incoming.size OR damaged.object IS NOT NULL LIMIT 1
        """
    )
    guard let row else { return }
    let path = try TreePath(row[0])
    if let size: Int64 = row[3], row[4] as Int64? == nil {
      throw StoreError.sizeMismatch(path, given: row[2], object: size)
    }
    throw StoreError.missingObject(try row.requiredDigest(1), path: path)
  }

  /// One pass in the order of the paths: the listing's digest, the sums, and no file where a folder must be.
  private func listing() throws -> (ObjectDigest, Int, Int64) {
    var listing = TreeListing()
    var count = 0
    var bytes: Int64 = 0
    var folders: Set<TreePath> = []
    var likes: [FoldedPath: (path: TreePath, object: ObjectDigest)] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT path, digest, size FROM incoming ORDER BY path")
    while let row = try rows.next() {
      let path = try TreePath(row[0])
      let size: Int64 = row[2]
      let object = try row.requiredDigest(1)
      try checkFolders(of: path, &folders)
      // Of one content, it is one file to whoever takes the paths for one, and does no harm.
      if let other = likes.updateValue((path, object), forKey: path.folded), other.object != object {
        throw StoreError.pathsAlike(other.path, path)
      }
      listing.append(object, size: size, path: path)
      count += 1
      let (sum, overflow) = bytes.addingReportingOverflow(size)
      guard !overflow else { throw CatalogueDamage.sum }
      bytes = sum
    }
    guard let digest = listing.digest() else { throw CatalogueDamage.digest }
    return (digest, count, bytes)
  }

  /// Looks at each folder once: there must be no file of its name.
  private func checkFolders(of path: TreePath, _ folders: inout Set<TreePath>) throws {
    var next = path.folder
    while let folder = next, folders.insert(folder).inserted {
      let find = try db.cachedStatement(sql: "SELECT 1 FROM incoming WHERE path = ?")
      if try Bool.fetchOne(find, arguments: [folder.string]) == true { throw StoreError.fileIsFolder(folder) }
      next = folder.folder
    }
  }

  private func moveFiles(to number: Int) throws {
    try db.execute(sql: "INSERT OR IGNORE INTO path (name) SELECT path FROM incoming ORDER BY path")
    try db.execute(
      sql: """
        INSERT INTO version (path, object, source, component, named_by, origin, fetched, modified)
        SELECT path.id, object.id, i.source, i.component, i.named_by, i.origin, i.fetched, i.modified
        FROM incoming i JOIN path ON path.name = i.path JOIN object ON object.digest = i.digest
        WHERE NOT EXISTS (SELECT 1 FROM version v WHERE \(Self.isSame)) ORDER BY i.path
        """
    )
    try db.execute(
      sql: """
        INSERT INTO member (snapshot, path, version)
        SELECT ?, path.id, (SELECT v.id FROM version v WHERE \(Self.isSame))
        FROM incoming i JOIN path ON path.name = i.path JOIN object ON object.digest = i.digest ORDER BY path.id
        """,
      arguments: [number]
    )
    try db.execute(sql: "DROP TABLE temp.incoming")
  }

  private static let isSame = """
    v.path = path.id AND v.object = object.id AND v.source = i.source AND v.component = i.component
    AND v.named_by IS i.named_by AND v.origin IS i.origin AND v.fetched = i.fetched AND v.modified IS i.modified
    """
}

extension Database {
  /// The greatest number that a snapshot has ever had here; 0 before the first.
  func highestSnapshotNumber() throws -> Int {
    let sequence = try Int.fetchOne(self, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'snapshot'") ?? 0
    return max(sequence, try Int.fetchOne(self, sql: "SELECT max(number) FROM snapshot") ?? 0)
  }

  /// Whether there is a snapshot of this number.
  func snapshotExists(_ number: Int) throws -> Bool {
    try Bool.fetchOne(self, sql: "SELECT 1 FROM snapshot WHERE number = ?", arguments: [number]) ?? false
  }
}
