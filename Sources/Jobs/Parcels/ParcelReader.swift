import BundleFormat
import Crypto
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// Opens a parcel and reads what it holds, once, from beginning to end: in bounded memory, and only what the signed list
/// of contents names, byte for byte.
package final class ParcelReader {
  /// Its header.
  package let header: ParcelHeader
  /// What it holds.
  package let contents: ParcelContents
  private let files: ParcelFiles
  private var folder: Place { files.folder }
  private let documents: DocumentReader
  private let chunks: OpenedChunks
  private var isRead = false

  /// Hands out a document's bytes.
  package typealias Reading = ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Opens the parcel in a folder.
  ///
  /// - Throws: an error with ``ExitStatus/badParcel`` or ``ExitStatus/keyUnusable``.
  init(_ files: ParcelFiles, _ signed: SignedParcelHeader, key: SealingKey) throws {
    self.files = files
    header = signed.header
    contents = try files.contents(of: signed).contents
    let paths = try files.payload(of: signed)
    let chunks = try translatingParcelErrors(at: files) {
      OpenedChunks(try ParcelOpener(signed, key: key), input: try JoinedInput(paths), size: signed.header.payload.size)
    }
    self.chunks = chunks
    do throws(BundleError) {
      documents = try DocumentReader(naming: files.folder.shown) { try chunks.next() }
    } catch {
      throw Self.error(error, at: files)
    }
  }

  /// Reads all documents in their order. Can be called once.
  ///
  /// - Parameter body: is handed each, and whoever reads it.
  /// - Throws: an error with ``ExitStatus/badParcel`` for anything that was not signed so; what `body` throws.
  package func forEach(_ body: (ParcelFile, Reading) throws -> Void) throws {
    guard !isRead else { throw JobError(.software, "\(folder): a parcel is read once") }
    isRead = true
    do {
      for file in contents.files {
        guard let entry = try documents.next(), entry.path == file.path, entry.size == file.size else {
          throw ParcelError.alteredContents("\(file.path) does not lie in the parcel where it is listed")
        }
        var reading = DocumentCheck(file)
        try body(file) { take in try self.read(&reading, take) }
        // What was not asked for is verified all the same.
        if !reading.isComplete { try read(&reading) { _ in } }
      }
      guard try documents.next() == nil else {
        throw ParcelError.alteredContents("it lists less than the parcel holds")
      }
      while try !chunks.next().isEmpty {}
    } catch {
      throw Self.error(error, at: files)
    }
  }

  private func read(_ check: inout DocumentCheck, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    try documents.read { bytes in
      try check.take(bytes)
      try take(bytes)
    }
    try check.finish()
  }

  private static func error(_ error: any Error, at files: ParcelFiles) -> JobError {
    switch error {
    case let error as ParcelError: JobError(parcel: error, at: files)
    case BundleError.caller(let cause): Self.error(cause, at: files)
    case let error as BundleError where error.status == .damagedBundle:
      JobError(parcel: .alteredPayload("what it holds cannot be unpacked: \(error)"), at: files)
    default: JobError(error)
    }
  }

  /// Reads the documents of a kind into memory.
  ///
  /// - Parameters:
  ///   - kind: the kind.
  ///   - limit: the most bytes that they may have together.
  /// - Returns: each with its path below the kind's folder.
  package func documents(
    of kind: ParcelKind,
    atMost limit: Int
  ) throws -> [(name: TreePath, bytes: [UInt8])] {
    let wanted = contents.files.filter { $0.isOf(kind) }
    guard wanted.totalBytes({ $0.size }) <= Int64(limit) else {
      throw JobError(.badParcel, "\(folder): what it holds of kind \(kind) has more than \(limit) bytes")
    }
    var found: [(name: TreePath, bytes: [UInt8])] = []
    try forEach { file, read in
      guard file.isOf(kind) else { return }
      var bytes: [UInt8] = []
      try read { bytes += $0 }
      found.append((try file.name(below: kind), bytes))
    }
    return found
  }

  /// Unpacks the documents of a kind into a new folder, which appears by one rename when all of the parcel is verified;
  /// one that is there already is left as it is.
  ///
  /// - Returns: the files, whose paths begin with the kind's folder; at `path` they lie below it.
  package func extract(_ kind: ParcelKind, to path: FilePath) throws -> [ParcelFile] {
    let place = try Place(at: path)
    let wanted = contents.files.filter { $0.isOf(kind) }
    guard try place.status() == nil else { return wanted }
    let partial = place.parent.appending(".\(place.name).part")
    do {
      try partial.removeTree()
      try partial.makeFolder(permissions: 0o700)
      try refuseWithoutRoom(for: wanted, at: partial)
      try forEach { file, read in
        guard file.isOf(kind) else { return }
        try Self.write(partial.pushing(try file.name(below: kind).string), read)
      }
      try partial.syncFileSystem()
      try partial.rename(to: place)
      try place.parent.syncFolder()
    } catch {
      try? partial.removeTree()
      throw error
    }
    return wanted
  }

  private func refuseWithoutRoom(for wanted: [ParcelFile], at place: Place) throws {
    let free = try place.freeSpace().bytes
    let needed = wanted.totalBytes { $0.size }
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(place): what is in the parcel needs \(needed) bytes, and \(free) are free",
      remedy: "Make room there; nothing was unpacked."
    )
  }

  private static func write(_ place: Place, _ read: Reading) throws {
    try place.parent.makeFolder(permissions: 0o700)
    var output = try OutputFile(place, permissions: 0o600)
    try read { try output.write($0) }
    try output.close()
  }
}

extension ParcelFile {
  /// The path below the folder of a kind.
  fileprivate func name(below kind: ParcelKind) throws -> TreePath {
    guard let inner = path(below: kind) else { throw JobError(.software, "\(path) is not of kind \(kind.rawValue)") }
    return inner
  }
}

/// Compares a document with what was signed of it, while it is read.
private struct DocumentCheck {
  private let file: ParcelFile
  private var hash = SHA256()
  private var size: Int64 = 0
  private(set) var isComplete = false

  init(_ file: ParcelFile) { self.file = file }

  mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
    size += Int64(bytes.count)
    guard size <= file.size else { throw ParcelError.alteredContents("\(file.path) is longer than it is listed") }
    hash.update(bufferPointer: bytes)
  }

  mutating func finish() throws {
    isComplete = true
    guard size == file.size, Digest256(hash.finalize()) == file.sha256 else {
      throw ParcelError.alteredContents("\(file.path) is not what is listed")
    }
  }
}

/// Reads sealed chunks and opens them.
private final class OpenedChunks {
  private var opener: ParcelOpener
  private let input: JoinedInput
  private let size: Int64
  private var done: Int64 = 0

  init(_ opener: ParcelOpener, input: JoinedInput, size: Int64) {
    self.opener = opener
    self.input = input
    self.size = size
  }

  /// What the next chunk holds; nothing behind the last.
  func next() throws -> [UInt8] {
    // A chunk without content is the only one.
    guard let count = opener.nextSize else { return [] }
    var chunk = [UInt8](repeating: 0, count: count)
    let read = try chunk.withUnsafeMutableBytes { try input.fill($0) }
    done += Int64(read)
    guard read == count else { throw ParcelError.cutShort(has: done, of: size) }
    return try opener.open(chunk)
  }
}
