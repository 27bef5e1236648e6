internal import GRDB
import MirrorTypes

/// What the store keeps, by object.
extension Catalogue {
  /// Whether an object is named.
  package func names(_ object: ObjectDigest) throws(StoreError) -> Bool {
    try lookingUp { db in
      let statement = try db.cachedStatement(sql: "SELECT 1 FROM object WHERE digest = ?")
      return try Bool.fetchOne(statement, arguments: [object.blob]) ?? false
    }
  }

  /// Names objects that are on the disk.
  package func insert(_ objects: [ObjectDigest: Int64]) throws(StoreError) {
    try writing { db in
      let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO object (digest, size) VALUES (?, ?)")
      // In the order of the digests, the index on them grows at its end and reading all objects goes folder by folder.
      for (digest, size) in objects.sorted(by: { $0.key < $1.key }) {
        try statement.execute(arguments: [digest.blob, size])
      }
    }
  }

  /// The objects that were found damaged and not replaced since.
  package func damagedObjects() throws(StoreError) -> Set<ObjectDigest> {
    try reading { db in
      let rows = try Row.fetchAll(db, sql: "SELECT digest FROM object WHERE id IN (SELECT object FROM damaged)")
      return Set(try rows.map { try $0.requiredDigest(0) })
    }
  }

  /// The digests of the objects that lie in one of the 256 folders.
  package func digests(inFolder folder: String) throws(StoreError) -> Set<ObjectDigest> {
    guard let low = ObjectDigest(hex: folder + String(repeating: "0", count: 62)),
      let high = ObjectDigest(hex: folder + String(repeating: "f", count: 62))
    else { return [] }
    return try reading { db in
      let statement = try db.cachedStatement(sql: "SELECT digest FROM object WHERE digest BETWEEN ? AND ?")
      var found: Set<ObjectDigest> = []
      let rows = try Row.fetchCursor(statement, arguments: [low.blob, high.blob])
      while let row = try rows.next() { found.insert(try row.requiredDigest(0)) }
      return found
    }
  }

  /// The next objects in the order in which they were named.
  ///
  /// - Parameter last: the number of the last one before; 0 to begin.
  package func objects(
    after last: Int64,
    atMost count: Int
  ) throws(StoreError) -> [(number: Int64, object: ObjectDigest, size: Int64)] {
    try reading { db in
      try Row.fetchAll(
        db,
        sql: "SELECT id, digest, size FROM object WHERE id > ? ORDER BY id LIMIT ?",
        arguments: [last, count]
      ).map { ($0[0], try $0.requiredDigest(1), $0[2]) }
    }
  }

  /// The paths that an object has in any snapshot, ordered by their bytes.
  package func paths(of object: ObjectDigest) throws(StoreError) -> [String] {
    try reading { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT DISTINCT path.name FROM object JOIN version ON version.object = object.id
            JOIN path ON path.id = version.path
          WHERE object.digest = ? ORDER BY path.name
          """,
        arguments: [object.blob]
      )
    }
  }
}

/// Damage.
extension Catalogue {
  /// Notes that objects are damaged, and forgets what was known of the sources' files with these bytes. Those that are not
  /// named are skipped.
  ///
  /// - Returns: the sources that must be synced again.
  package func noteDamaged(_ objects: [ObjectDigest]) throws(StoreError) -> [String] {
    try writing { db in
      var sources: Set<String> = []
      for object in objects {
        guard let id = try db.objectID(object) else { continue }
        try db.execute(sql: "INSERT OR IGNORE INTO damaged (object) VALUES (?)", arguments: [id])
        let ids = try Int64.fetchAll(
          db,
          sql: """
            SELECT source FROM known WHERE object = :object
            UNION SELECT source FROM version WHERE object = :object AND source IN (SELECT source FROM source_state)
            """,
          arguments: ["object": id]
        )
        try db.execute(sql: "DELETE FROM known WHERE object = ?", arguments: [id])
        for source in ids {
          try db.execute(sql: "DELETE FROM source_state WHERE source = ?", arguments: [source])
          if let name = try String.fetchOne(db, sql: "SELECT text FROM name WHERE id = ?", arguments: [source]) {
            sources.insert(name)
          }
        }
      }
      return sources.sorted()
    }
  }

  /// The places in releases where an object lies.
  package func forEachPublished(_ object: ObjectDigest, _ body: (_ release: Int, _ path: String) throws -> Void) throws
  {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT release.number, path.name
          FROM object JOIN version ON version.object = object.id JOIN path ON path.id = version.path
            JOIN member ON member.version = version.id JOIN release ON release.number = member.snapshot
          WHERE object.digest = ?
          """,
        arguments: [object.blob]
      )
      while let row = try rows.next() { try body(row[0], row[1]) }
    }
  }

  /// Notes that an object is whole again.
  package func noteMended(_ object: ObjectDigest) throws(StoreError) {
    try writing { db in
      try db.execute(
        sql: "DELETE FROM damaged WHERE object = (SELECT id FROM object WHERE digest = ?)",
        arguments: [object.blob]
      )
    }
  }

  /// SQLite's own checks, and what the tables contradict each other in.
  package func contradictions() throws(StoreError) -> [String] {
    try reading { db in
      var problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
      if let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") {
        problems.append("a row of table \(row[0] as String? ?? "?") names a row that is not there")
      }
      let strays = try Int.fetchOne(
        db,
        sql: "SELECT count(*) FROM member JOIN version ON version.id = member.version WHERE version.path <> member.path"
      )
      if let strays, strays > 0 {
        problems.append(
          "\(Words.count(strays, "file of a snapshot has", "files of snapshots have")) another path than their versions"
        )
      }
      return problems
    }
  }
}

/// Pruning.
extension Catalogue {
  /// Strikes snapshots out with all that only they named, and moves objects that nothing names to the condemned.
  ///
  /// - Returns: how many objects, and their bytes.
  package func strikeOut(_ snapshots: [Int], dryRun: Bool) throws(StoreError) -> (Int, Int64) {
    struct DryRun: Error { let result: (Int, Int64) }
    do {
      return try write { db in
        for number in snapshots {
          try db.execute(sql: "DELETE FROM release WHERE number = ?", arguments: [number])
          try db.execute(sql: "DELETE FROM member WHERE snapshot = ?", arguments: [number])
          try db.execute(sql: "DELETE FROM snapshot WHERE number = ?", arguments: [number])
        }
        try db.execute(sql: Database.forgetUnusedAsides)
        try db.execute(sql: Self.strikeOutUnnamed)
        let row = try Row.fetchOne(db, sql: "SELECT count(*), coalesce(sum(size), 0) FROM condemned")
        let result: (Int, Int64) = row.map { ($0[0], $0[1]) } ?? (0, 0)
        if dryRun { throw DryRun(result: result) }
        return result
      }
    } catch let error as DryRun {
      return error.result
    } catch {
      throw StoreError(catalogue: error, path: path)
    }
  }

  private static let strikeOutUnnamed = """
    DELETE FROM version WHERE NOT EXISTS (SELECT 1 FROM member WHERE member.version = version.id);
    INSERT OR IGNORE INTO condemned (digest, size) SELECT digest, size FROM object
      WHERE NOT EXISTS (SELECT 1 FROM version WHERE version.object = object.id)
        AND NOT EXISTS (SELECT 1 FROM known WHERE known.object = object.id);
    DELETE FROM object WHERE digest IN (SELECT digest FROM condemned);
    DELETE FROM path WHERE NOT EXISTS (SELECT 1 FROM version WHERE version.path = path.id)
      AND NOT EXISTS (SELECT 1 FROM known WHERE known.path = path.id);
    """

  /// The objects that were struck out and whose files may still be there.
  package func forEachCondemned(_ body: (ObjectDigest) throws -> Void) throws {
    try read { db in
      let rows = try Row.fetchCursor(db, sql: "SELECT digest FROM condemned")
      while let row = try rows.next() { try body(try row.requiredDigest(0)) }
    }
  }

  /// The files of all that were struck out are gone.
  package func forgetCondemned() throws(StoreError) {
    try writing { db in try db.execute(sql: "DELETE FROM condemned") }
  }
}
