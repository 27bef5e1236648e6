import FileSystem
import FoundationEssentials
internal import GRDB
internal import GRDBSQLite
import MirrorTypes
import Synchronization
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
  private let connection: Mutex<CatalogueConnection>

  /// Opens a catalogue that exists.
  package init(_ path: FilePath, readOnly: Bool) throws(StoreError) {
    self.path = path
    self.readOnly = readOnly
    connection = Mutex(try Self.connect(path, readOnly: readOnly))
  }

  /// - Parameter readOnly: whether nothing is to be changed. Where nothing can be changed, and SQLite could not make the
  ///   files that it needs beside the catalogue, the catalogue is read without them.
  private static func connect(_ path: FilePath, readOnly: Bool) throws(StoreError) -> CatalogueConnection {
    // Where the opening fails, SQLite may remove the files beside the catalogue, and with them the names of what is locked.
    let files = StoreError.files(of: path).compactMap { try? Files.status($0) }
    let isUnchanging = readOnly && CataloguePlace(path).isUnchanging
    let stamp = isUnchanging ? CatalogueStamp(path) : nil
    let name = isUnchanging ? "file:\(PercentEncoding.encoded(path.string))?immutable=1" : path.string
    do {
      return CatalogueConnection(
        queue: try DatabaseQueue(path: name, configuration: configuration(readOnly: readOnly)),
        stamp: stamp
      )
    } catch {
      throw StoreError(catalogue: error, path: path, files: files)
    }
  }

  /// The connection to use now. One that took the catalogue for unchanging gives way to another one when somebody has begun
  /// to write to it: the file system may be mounted for writing elsewhere.
  private func current() throws(StoreError) -> CatalogueConnection {
    try connection.withLock { (connection) throws(StoreError) in
      if let stamp = connection.stamp, stamp != CatalogueStamp(path) {
        connection = try Self.connect(path, readOnly: readOnly)
      }
      return connection
    }
  }

  private func queue() throws(StoreError) -> DatabaseQueue { try current().queue }

  /// Reads, and sees that what was taken for unchanging has not changed meanwhile.
  private func steadily<T>(_ body: (DatabaseQueue) throws -> T) throws -> T {
    let connection = try current()
    let result = Result { try body(connection.queue) }
    if let stamp = connection.stamp, stamp != CatalogueStamp(path) {
      throw StoreError.busy(path.removingLastComponent(), holder: nil)
    }
    return try result.get()
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
    do { try CatalogueSchema.migrator.migrate(try queue()) } catch { throw StoreError(catalogue: error, path: path) }
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
      var configuration = Configuration()
      configuration.prepareDatabase { CatalogueMemory.watch($0.sqliteConnection) }
      let queue = try DatabaseQueue(path: temporary.string, configuration: configuration)
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
      CatalogueMemory.watch(db.sqliteConnection)
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
      return try steadily { queue in
        try queue.unsafeReentrantRead { db in
          try db.isInsideTransaction ? body(db) : transaction(.deferred, on: db, body)
        }
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
    do { return try steadily { try $0.unsafeReentrantRead(body) } } catch {
      throw StoreError(catalogue: error, path: path)
    }
  }

  /// Writes in one transaction, durable when this returns, undone if `body` throws.
  func write<T>(passingErrors body: (Database) throws -> T) throws -> T {
    if readOnly { throw StoreError.openedForReading(path.removingLastComponent()) }
    do {
      return try queue().unsafeReentrantWrite { db in try transaction(.immediate, on: db, body) }
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
  package func close() { connection.withLock { try? $0.queue.close() } }

  /// Moves the whole log to the database, and takes its room away from it, as far as nobody reads it now.
  package func emptyLog() throws(StoreError) {
    do {
      _ = try queue().writeWithoutTransaction { db in try db.checkpoint(.truncate) }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      // A reader still needs it.
    } catch {
      throw StoreError(catalogue: error, path: path)
    }
  }
}

/// A connection to a catalogue.
private struct CatalogueConnection {
  let queue: DatabaseQueue
  /// How the catalogue was when it was taken for unchanging; `nil` where it is read as one that others may write to.
  let stamp: CatalogueStamp?
}

/// What shows that somebody writes to a catalogue: who does makes a log beside it before anything else.
private struct CatalogueStamp: Equatable {
  private let catalogue: FileStatus?
  private let log: FileStatus?

  init(_ path: FilePath) {
    catalogue = (try? Files.status(path)) ?? nil
    log = (try? Files.status(FilePath(path.string + "-wal"))) ?? nil
  }
}

extension StoreError {
  /// Whatever failed while the catalogue was used.
  ///
  /// - Parameter files: the catalogue's files, where they may have changed since; `nil`: those that are there.
  package init(catalogue error: any Error, path: FilePath, files: [FileStatus]? = nil) {
    switch error {
    case let error as StoreError: self = error
    case let error as FileError: self = StoreError(error)
    case let error as DatabaseError where Self.isBusy(error):
      let files = files ?? Self.files(of: path).compactMap { try? Files.status($0) }
      self = .busy(
        path.removingLastComponent(),
        holder: files.lazy.compactMap { LockHolder.of($0, others: true) }.first
      )
    case let error as DatabaseError:
      self = .judged(error.resultCode, error.message ?? error.resultCode.description, at: CataloguePlace(path))
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

  static func files(of catalogue: FilePath) -> [FilePath] {
    ["", "-shm", "-wal"].map { FilePath(catalogue.string + $0) }
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
