import BundleFormat
import Crypto
import FileSystem
import JobCore
import Languages
import MirrorTypes
import SiteDocuments
import SystemPackage
import Trust

/// Takes what a parcel is to hold, document after document. What the list beside the parcel says of them is read from
/// the bytes that are sealed, on their way.
package final class ParcelWriter {
  private let kinds: [ParcelKind]
  private let documents: DocumentWriter
  private var files: [ParcelFile] = []
  private var paths: Set<TreePath> = []
  private var listed = 0
  private var declared: ParcelWords
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)

  init(
    carrying kinds: [ParcelKind],
    _ direction: ParcelDirection,
    in language: Language,
    naming name: FilePath,
    to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(BundleError) {
    self.kinds = kinds
    declared = ParcelWords(isDelivery: direction == .toSite, language: language)
    documents = try DocumentWriter(naming: name, to: sink)
  }

  /// Adds a document that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - name: its path below the folder of its kind.
  ///   - kind: one of those that the parcel carries.
  /// - Throws: an error; the parcel cannot be made then.
  package func add(_ bytes: [UInt8], as name: TreePath, of kind: ParcelKind) throws {
    let path = try path(name, kind)
    try documents.begin(path, size: Int64(bytes.count))
    try bytes.withUnsafeBytes { try documents.write($0) }
    declared.begin(path.string, size: Int64(bytes.count))
    declared.take(bytes)
    declared.end()
    try note(path, size: Int64(bytes.count), SHA256.hash(data: bytes))
  }

  /// Adds a plain file.
  ///
  /// - Parameters:
  ///   - file: where it lies.
  ///   - name: its path below the folder of its kind.
  ///   - kind: one of those that the parcel carries.
  /// - Throws: an error, also when the file becomes shorter or longer while it is read; the parcel cannot be made then.
  package func add(file: FilePath, as name: TreePath, of kind: ParcelKind) throws {
    try add(try InputFile(file), as: name, of: kind, having: nil)
  }

  /// Adds a plain file of somebody else's folder, whose size and SHA-256 were found before.
  ///
  /// - Parameters:
  ///   - file: where it lies.
  ///   - found: its size and SHA-256.
  ///   - name: its path below the folder of its kind.
  ///   - kind: one of those that the parcel carries.
  /// - Throws: an error, also when the file is not what was found; the parcel cannot be made then.
  package func add(
    file: Place,
    having found: (size: Int64, sha256: Digest256),
    as name: TreePath,
    of kind: ParcelKind
  ) throws {
    let input: InputFile
    do throws(FileError) { input = try InputFile(file) } catch {
      guard error.isNoSuchPlainFile || error.reason == .noSuchFileOrDirectory || error.reason == .notDirectory else {
        throw error
      }
      throw Self.changed(file.shown)
    }
    try add(input, as: name, of: kind, having: found)
  }

  private func add(
    _ input: borrowing InputFile,
    as name: TreePath,
    of kind: ParcelKind,
    having found: (size: Int64, sha256: Digest256)?
  ) throws {
    let file = input.path
    let path = try path(name, kind)
    var hash = SHA256()
    guard found.map({ $0.size == input.size }) ?? true else { throw Self.changed(file) }
    input.adviseSequential()
    try documents.begin(path, size: input.size)
    declared.begin(path.string, size: input.size)
    var rest = input.size
    while rest > 0 {
      let count = try input.read(into: &buffer, atMost: Int(min(rest, Int64(buffer.count))))
      guard count > 0 else { throw Self.changed(file) }
      hash.update(data: buffer[..<count])
      try buffer.withUnsafeBytes { try documents.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      declared.take(buffer[..<count])
      rest -= Int64(count)
    }
    guard try input.read(into: &buffer, atMost: 1) == 0 else { throw Self.changed(file) }
    declared.end()
    let digest = hash.finalize()
    guard found.map({ Digest256(bytes: digest) == $0.sha256 }) ?? true else { throw Self.changed(file) }
    try note(path, size: input.size, digest)
  }

  private static func changed(_ file: FilePath) -> JobError {
    JobError(.inputOutput, "\(file): it has changed since it was looked at", remedy: "Run the command again.")
  }

  private func path(_ name: TreePath, _ kind: ParcelKind) throws -> TreePath {
    guard kinds.contains(kind) else {
      throw JobError(.software, "\(name): a parcel of \(kinds.map(\.rawValue)) cannot hold what is of kind \(kind)")
    }
    let path = try TreePath("\(kind.folder)/\(name)")
    guard paths.insert(path).inserted else { throw JobError(.software, "\(path): a parcel holds each path once") }
    listed += path.string.utf8.count + 100
    guard paths.count <= ParcelContents.maximumFiles, listed <= ParcelContents.maximumSize - (64 << 10) else {
      throw JobError(
        .usage,
        "a parcel can hold no more than \(ParcelContents.maximumFiles) files, and a list of \(ParcelContents.maximumSize) bytes",
        remedy: "Put them into several parcels."
      )
    }
    return path
  }

  private func note(_ path: TreePath, size: Int64, _ hash: SHA256Digest) throws {
    guard let digest = ObjectDigest(bytes: hash) else { throw JobError(.software, "SHA-256 has 32 bytes") }
    files.append(ParcelFile(path: path, size: size, sha256: digest))
  }

  /// What it holds so far, in plain words for the list beside it.
  var words: [String] { declared.lines }

  /// Ends the content.
  ///
  /// - Throws: an error when there is nothing in it, or one path is below another.
  func finish() throws -> ParcelContents {
    guard !files.isEmpty else { throw JobError(.notThere, "there is nothing to be sent") }
    try documents.finish()
    guard let contents = ParcelContents(files) else {
      throw JobError(.software, "a parcel cannot hold a file below another file")
    }
    return contents
  }
}
