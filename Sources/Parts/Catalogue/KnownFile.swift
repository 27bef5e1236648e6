internal import GRDB
import MirrorTypes

/// What the last syncs learned about one file of a source: enough not to ask for it again.
package struct KnownFile: Hashable, Sendable {
  /// Its bytes; `nil` if it was named but absent.
  package var object: ObjectDigest?
  /// Its size in bytes.
  package var size: Int64
  /// The server's `ETag`, as sent.
  package var etag: String?
  /// The server's `Last-Modified`, as sent.
  package var lastModified: String?
  /// A digest of what the index says of the file's content: the same as long as the index says the same.
  package var fingerprint: UInt64?
  /// The server that it came from.
  package var server: String?
  /// Whether an index names it but the servers do not have it.
  package var isAbsent: Bool
  /// What is known of its absence; `nil` for a file that is here, and for one that may well be absent.
  package var absence: Absence?
  /// When its bytes came, or when it was last found absent.
  package var fetched: UTCTime
  /// The vendor's digest that its bytes were found to have; `nil`: none was checked.
  package var checked: Digest256?

  /// What is known about a file.
  package init(
    object: ObjectDigest?,
    size: Int64,
    etag: String? = nil,
    lastModified: String? = nil,
    fingerprint: UInt64? = nil,
    server: String? = nil,
    isAbsent: Bool = false,
    absence: Absence? = nil,
    fetched: UTCTime,
    checked: Digest256? = nil
  ) {
    self.object = object
    self.size = size
    self.etag = etag
    self.lastModified = lastModified
    self.fingerprint = fingerprint
    self.server = server
    self.isAbsent = isAbsent
    self.absence = absence
    self.fetched = fetched
    self.checked = checked
  }
}

/// What is known of a file that should be there and is not.
package struct Absence: Hashable, Sendable, Codable {
  /// How often in a row it was asked for in vain, at least once.
  package var asks: Int
  /// The HTTP status with which a server that gives other files refused it; `nil`: it is plainly not there.
  package var refusal: Int?
  /// Whether it was reported to a person, and a snapshot sealed without it.
  package var isReported: Bool

  /// What is known of an absence.
  package init(asks: Int = 1, refusal: Int? = nil, isReported: Bool = false) {
    self.asks = asks
    self.refusal = refusal
    self.isReported = isReported
  }
}

/// What a source keeps from one sync to the next, beside its files. The store does not look into it.
package struct SourceState: Hashable, Sendable {
  /// A fingerprint of the configuration that the source was synced with.
  package var configuration: String
  /// When a sync of it last finished; `nil`: never.
  package var finished: UTCTime?
  /// Whatever else, as JSON text.
  package var notes: String

  /// The state of a source.
  package init(configuration: String, finished: UTCTime?, notes: String = "{}") {
    self.configuration = configuration
    self.finished = finished
    self.notes = notes
  }
}

/// Which known files go when others are remembered.
package enum ForgottenFiles: Hashable, Sendable {
  /// These; all others stay.
  case only(Set<TreePath>)
  /// All that are not among the new ones.
  case allOthers
}

extension Catalogued {
  /// All that is known about the files of a source, in one query.
  package func knownFiles(of source: String) throws(StoreError) -> [TreePath: KnownFile] {
    do {
      var files: [TreePath: KnownFile] = [:]
      try forEachKnownFile(of: source) { path, file in files[path] = file }
      return files
    } catch {
      throw StoreError(catalogue: error, path: catalogue.path)
    }
  }

  /// What is known about the files of a source, one after the other. Memory does not grow with their number.
  ///
  /// - Parameter absentOnly: leaves out all but those that should be there and are not.
  /// - Throws: what `body` throws.
  package func forEachKnownFile(
    of source: String,
    absentOnly: Bool = false,
    _ body: (TreePath, KnownFile) throws -> Void
  ) throws {
    try catalogue.read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT path.name, object.digest, known.size, etag, last_modified, fingerprint, known.server,
            absent, fetched, checked, asks, refusal, reported
          FROM known JOIN path ON path.id = known.path LEFT JOIN object ON object.id = known.object
          WHERE known.source = (SELECT id FROM name WHERE text = ?) AND (asks > 0 OR NOT ?)
          """,
        arguments: [source, absentOnly]
      )
      // One string a server, not one a file.
      let names = NameTable(db)
      while let row = try rows.next() { try body(try TreePath(row[0]), try KnownFile(row, names)) }
    }
  }

  /// Whether anything is known about the files of a source.
  package func knowsFiles(of source: String) throws(StoreError) -> Bool {
    try catalogue.reading { db in
      let sql = "SELECT 1 FROM known WHERE source = (SELECT id FROM name WHERE text = ?) LIMIT 1"
      return try Bool.fetchOne(db, sql: sql, arguments: [source]) ?? false
    }
  }

  /// What a source kept from its last sync; `nil` if nothing.
  package func sourceState(_ source: String) throws(StoreError) -> SourceState? {
    try catalogue.reading { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT configuration, finished, notes FROM source_state JOIN name ON name.id = source WHERE text = ?
          """,
        arguments: [source]
      ).map { SourceState(configuration: $0[0], finished: $0[1], notes: $0[2]) }
    }
  }

  /// The sources that the store knows anything about, by name.
  package func knownSources() throws(StoreError) -> [String] {
    try catalogue.reading { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT text FROM name WHERE id IN (SELECT source FROM source_state UNION SELECT source FROM known)
          ORDER BY text
          """
      )
    }
  }

  /// Keeps what a sync learned, in one transaction. The files' objects must be committed.
  ///
  /// - Parameters:
  ///   - files: new or changed ones.
  ///   - state: the state to keep; `nil` leaves none, so that the next sync takes nothing for granted.
  ///   - forgetting: which of the others go.
  ///   - settingAside: files that are out of use for now, and that would be asked for again if that changed: what is
  ///     known of them stays as long as a snapshot has them.
  /// - Throws: ``StoreError/missingObject(_:path:)``.
  package func remember(
    _ files: [TreePath: KnownFile],
    state: SourceState?,
    of source: String,
    forgetting: ForgottenFiles = .only([]),
    settingAside: Set<TreePath> = []
  ) throws(StoreError) {
    try catalogue.writing { db in
      let names = NameTable(db)
      let sourceID = try names.id(of: source)
      try db.forgetFiles(forgetting, of: sourceID)
      try db.setAside(settingAside, of: sourceID, after: state?.finished ?? .epoch)
      let insert = try db.makeStatement(sql: Statements.insertKnown)
      for (path, file) in files {
        var objectID: Int64?
        if let object = file.object {
          objectID = try db.objectID(object)
          if objectID == nil { throw StoreError.missingObject(object, path: path) }
        }
        try insert.execute(arguments: [
          try db.pathID(path), sourceID, objectID, file.size, file.etag, file.lastModified,
          file.fingerprint.map { Int64(bitPattern: $0) }, try file.server.map(names.id(of:)),
          file.isAbsent,
          file.fetched, file.checked?.blob, file.absence?.asks ?? 0, file.absence?.refusal,
          file.absence?.isReported ?? false,
        ])
      }
      try db.execute(sql: "DELETE FROM source_state WHERE source = ?", arguments: [sourceID])
      guard let state else { return }
      try db.execute(
        sql: "INSERT INTO source_state (source, configuration, finished, notes) VALUES (?, ?, ?, ?)",
        arguments: [sourceID, state.configuration, state.finished, state.notes]
      )
    }
  }

  /// Drops all that is known about a source, as when it is no longer configured. Its files in snapshots stay.
  package func forget(_ source: String) throws(StoreError) {
    try catalogue.writing { db in
      guard let id = try Int64.fetchOne(db, sql: "SELECT id FROM name WHERE text = ?", arguments: [source])
      else { return }
      try db.forgetFiles(.allOthers, of: id)
      try db.execute(sql: "DELETE FROM source_state WHERE source = ?", arguments: [id])
    }
  }
}

private enum Statements {
  static let insertKnown = """
    INSERT OR REPLACE INTO known (path, source, object, size, etag, last_modified, fingerprint, server, absent,
      fetched, checked, asks, refusal, reported) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
}

extension KnownFile {
  fileprivate init(_ row: Row, _ names: NameTable) throws {
    self.init(
      object: try row.digest(1),
      size: row[2],
      etag: row[3],
      lastModified: row[4],
      fingerprint: (row[5] as Int64?).map { UInt64(bitPattern: $0) },
      server: try names.text(of: row[6]),
      isAbsent: row[7],
      absence: (row[10] as Int) > 0 ? Absence(asks: row[10], refusal: row[11], isReported: row[12]) : nil,
      fetched: row[8],
      checked: try row.digest(9)
    )
  }
}

extension Database {
  fileprivate func forgetFiles(_ forgotten: ForgottenFiles, of source: Int64) throws {
    switch forgotten {
    case .allOthers:
      try execute(sql: "DELETE FROM known WHERE source = ?", arguments: [source])
    case .only(let paths):
      let statement = try makeStatement(
        sql: "DELETE FROM known WHERE path = (SELECT id FROM path WHERE name = ?) AND source = ?"
      )
      for path in paths { try statement.execute(arguments: [path.string, source]) }
    }
  }

  /// Marks files as set aside: they came later than anything that a sync could take for granted, so that each is asked
  /// for if it is wanted again, unless the vendor's digest proves it.
  fileprivate func setAside(_ paths: Set<TreePath>, of source: Int64, after time: UTCTime) throws {
    guard !paths.isEmpty else { return }
    let statement = try makeStatement(
      sql: """
        UPDATE known SET asks = 0, reported = 1, fetched = ?
        WHERE path = (SELECT id FROM path WHERE name = ?) AND source = ?
        """
    )
    for path in paths {
      try statement.execute(arguments: [time.adding(seconds: 1).seconds, path.string, source])
    }
    try execute(sql: Self.forgetUnusedAsides)
  }

  /// Forgets what was set aside and is in no snapshot any more. Of other files, only absent ones are `reported`.
  static let forgetUnusedAsides = """
    DELETE FROM known WHERE asks = 0 AND reported = 1 AND NOT EXISTS (
      SELECT 1 FROM version JOIN member ON member.version = version.id
      WHERE version.path = known.path AND version.object = known.object);
    """

  /// The number of an object; `nil` if the catalogue does not name it.
  func objectID(_ object: ObjectDigest) throws -> Int64? {
    try Int64.fetchOne(
      try cachedStatement(sql: "SELECT id FROM object WHERE digest = ?"),
      arguments: [object.blob]
    )
  }

  /// The number of a path, given to it now if it has none.
  func pathID(_ path: TreePath) throws -> Int64 {
    let find = try cachedStatement(sql: "SELECT id FROM path WHERE name = ?")
    if let id = try Int64.fetchOne(find, arguments: [path.string]) { return id }
    try cachedStatement(sql: "INSERT INTO path (name) VALUES (?)").execute(arguments: [path.string])
    return lastInsertedRowID
  }
}
