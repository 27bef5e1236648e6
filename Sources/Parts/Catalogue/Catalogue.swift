import FileSystem
import FoundationEssentials
internal import GRDB
internal import GRDBSQLite
import Glibc
import MirrorTypes
import SystemPackage

/// What has a catalogue, and can be asked what stands in it.
package protocol Catalogued: Sendable {
  var catalogue: Catalogue { get }
}

/// The SQLite database of a store: one connection, used from any thread, one at a time.
///
/// Reads within reads are allowed, so that what is done for each file of a snapshot may ask the store for more.
package final class Catalogue: Sendable {
  package let path: FilePath
  package let readOnly: Bool
  private let queue: DatabaseQueue

  /// Opens a catalogue that exists.
  package init(_ path: FilePath, readOnly: Bool) throws(StoreError) {
    self.path = path
    self.readOnly = readOnly
    // Where the opening fails, SQLite may remove the files beside the catalogue, and with them the names of what is locked.
    let files = StoreError.files(of: path).compactMap { try? Files.status($0) }
    do {
      queue = try DatabaseQueue(path: path.string, configuration: Self.configuration(readOnly: readOnly))
    } catch {
      throw StoreError(catalogue: error, path: path, files: files)
    }
  }

  /// Checks the version of the schema, and brings it up to date if this connection may write.
  package func migrate() throws(StoreError) {
    let isOld = try reading { db in
      let migrator = CatalogueSchema.migrator
      if let unknown = try migrator.appliedIdentifiers(db).subtracting(migrator.migrations).min() {
        throw StoreError.tooNew(path.removingLastComponent(), version: unknown)
      }
      return try !migrator.hasCompletedMigrations(db)
    }
    guard isOld else { return }
    if readOnly { throw .needsUpgrade(path.removingLastComponent()) }
    do { try CatalogueSchema.migrator.migrate(queue) } catch { throw StoreError(catalogue: error, path: path) }
  }

  /// Makes a new catalogue whole under another name and gives it its own in one step, so that a kill leaves none
  /// or a good one.
  package static func create(_ path: FilePath, workingIn folder: FilePath) throws(StoreError) {
    let temporary = folder.appending("catalogue.new")
    for suffix in ["", "-journal", "-wal", "-shm"] {
      try withFiles { () throws(FileError) in try Files.remove(FilePath(temporary.string + suffix)) }
    }
    // SQLite gives its other files the permissions of this one.
    try withFiles { () throws(FileError) in
      var file = try OutputFile(temporary, permissions: PrivateFiles.permissions(in: path.removingLastComponent()))
      try file.close()
    }
    do {
      let queue = try DatabaseQueue(path: temporary.string)
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA application_id = \(CatalogueSchema.applicationID)")
      }
      try CatalogueSchema.migrator.migrate(queue)
      // The mode stands in the file's header: a reader never meets a catalogue in another mode.
      try queue.writeWithoutTransaction { db in _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") }
      try queue.close()
    } catch {
      throw StoreError(catalogue: error, path: path)
    }
    try withFiles { () throws(FileError) in
      try Files.syncFileSystem(containing: folder)
      try Files.rename(temporary, to: path)
      try Files.syncFolder(path.removingLastComponent())
    }
  }

  private static func configuration(readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.label = "kscmirror.catalogue"
    // Waited for only while another process recovers or closes the database: a writer never locks readers out.
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA cache_size = -4096")
      // No temporary folder is needed, and so none can be full.
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
      guard !readOnly else { return }
      try db.execute(sql: "PRAGMA synchronous = FULL")
      _ = try Int.fetchOne(db, sql: "PRAGMA journal_size_limit = 4194304")
      // The -wal and -shm files stay when the last writer closes: on a read-only file system, and for a user who may
      // not make files here, SQLite can open the catalogue only where they exist.
      var keep: CInt = 1
      sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &keep)
    }
    return configuration
  }

  // MARK: - Reading and writing

  /// Reads in one transaction: all that `body` sees belongs together.
  ///
  /// - Throws: what `body` throws, with the database's and the file system's errors as ``StoreError``.
  func read<T>(passingErrors body: (Database) throws -> T) throws -> T {
    do {
      return try queue.unsafeReentrantRead { db in
        try db.isInsideTransaction ? body(db) : transaction(.deferred, on: db, body)
      }
    } catch {
      throw mapped(error)
    }
  }

  /// The same, for a body that throws only what the store does.
  func reading<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    do { return try read(passingErrors: body) } catch { throw StoreError(catalogue: error, path: path) }
  }

  /// Reads with a single statement, which needs no transaction around it.
  func lookingUp<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    do { return try queue.unsafeReentrantRead(body) } catch { throw StoreError(catalogue: error, path: path) }
  }

  /// Writes in one transaction, durable when this returns, undone if `body` throws.
  func write<T>(passingErrors body: (Database) throws -> T) throws -> T {
    if readOnly { throw StoreError.openedForReading(path.removingLastComponent()) }
    do {
      return try queue.unsafeReentrantWrite { db in try transaction(.immediate, on: db, body) }
    } catch {
      throw mapped(error)
    }
  }

  /// The same, for a body that throws only what the store does.
  func writing<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    do { return try write(passingErrors: body) } catch { throw StoreError(catalogue: error, path: path) }
  }

  /// Runs `body` in a transaction that is undone if it throws.
  private func transaction<T>(
    _ kind: Database.TransactionKind,
    on db: Database,
    _ body: (Database) throws -> T
  ) throws -> T {
    var result: T?
    try db.inTransaction(kind) {
      result = try body(db)
      return .commit
    }
    guard let result else { throw StoreError.catalogue(path, "a transaction ended early") }
    return result
  }

  private func mapped(_ error: any Error) -> any Error {
    error is DatabaseError || error is FileError ? StoreError(catalogue: error, path: path) : error
  }

  /// Closes the connection: what is in the log moves to the database. No call may follow.
  package func close() { try? queue.close() }
}

extension StoreError {
  /// Whatever failed while the catalogue was used.
  ///
  /// - Parameter files: the catalogue's files, where they may have changed since; `nil`: those that are there.
  package init(catalogue error: any Error, path: FilePath, files: [FileStatus]? = nil) {
    switch error {
    case let error as StoreError: self = error
    case let error as FileError: self = StoreError(error)
    case let error as DatabaseError where error.resultCode == .SQLITE_FULL: self = .outOfSpace(path)
    case let error as DatabaseError where Self.isBusy(error):
      let files = files ?? Self.files(of: path).compactMap { try? Files.status($0) }
      self = .busy(
        path.removingLastComponent(),
        holder: files.lazy.compactMap { LockHolder.of($0, others: true) }.first
      )
    case let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN:
      self = Self.forbidden(path).map(StoreError.init) ?? .catalogue(path, error.message ?? "it cannot be opened")
    case let error as DatabaseError: self = .catalogue(path, error.message ?? error.resultCode.description)
    default: self = .catalogue(path, String(describing: error))
    }
  }
}

extension StoreError {
  /// Whether somebody else has the database, or a part of its index in memory, locked: nothing is wrong with it.
  private static func isBusy(_ error: DatabaseError) -> Bool {
    [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL].contains(error.resultCode)
      || [.SQLITE_IOERR_LOCK, .SQLITE_IOERR_RDLOCK, .SQLITE_IOERR_BLOCKED].contains(error.extendedResultCode)
  }

  fileprivate static func files(of catalogue: FilePath) -> [FilePath] {
    ["", "-shm", "-wal"].map { FilePath(catalogue.string + $0) }
  }

  /// What this user may not read, where that is why SQLite cannot open the database.
  private static func forbidden(_ catalogue: FilePath) -> FileError? {
    files(of: catalogue).first { access($0.string, R_OK) != 0 && errno == EACCES }
      .map { FileError("open", $0, .permissionDenied) }
  }
}

extension Digest256 {
  /// The digest as the catalogue keeps it: a blob of 32 bytes.
  var blob: Data { withUnsafeBytes { Data($0) } }
}

extension Row {
  /// The digest in a column; `nil` for NULL.
  func digest(_ index: Int) throws -> ObjectDigest? {
    try withUnsafeData(atIndex: index) { data in
      guard let data else { return nil }
      guard let digest = data.withUnsafeBytes({ ObjectDigest(bytes: $0) }) else { throw CatalogueDamage.digest }
      return digest
    }
  }

  /// The digest in a column that has one in every row.
  func requiredDigest(_ index: Int) throws -> ObjectDigest {
    guard let digest = try digest(index) else { throw CatalogueDamage.digest }
    return digest
  }
}

/// Rows that no version of the program writes.
enum CatalogueDamage: Error, CustomStringConvertible {
  case digest
  case name
  case sum

  var description: String {
    switch self {
    case .digest: "a digest in it has not 32 bytes"
    case .name: "a name in it is missing"
    case .sum: "the sizes in a snapshot are beyond all bounds"
    }
  }
}
