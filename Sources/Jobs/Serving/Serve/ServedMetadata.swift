import FileSystem
import MirrorTypes
import Synchronization
import SystemPackage
import WebStore

/// The signed metadata of a store, as TUF clients ask for it.
///
/// `timestamp.json` changes; all others have their version in their names, and never do.
final class ServedMetadata: Sendable {
  static let prefix = "metadata/"
  private static let timestamp = "timestamp.json"
  /// The most bytes of a file.
  private static let maximumSize: Int64 = 256 << 20
  /// The most bytes of a timestamp, which is read whole for each request.
  private static let maximumTimestampSize = 1 << 20
  /// The most digests that are remembered.
  private static let maximumDigests = 1024

  private struct Mark: Hashable {
    let name: String
    let inode: UInt64
    let size: Int64
    let modified: UTCTime
  }

  private let folder: FilePath
  private let digests = Mutex<[Mark: Digest256]>([:])

  init(_ folder: FilePath) { self.folder = folder }

  /// Looks up a path that begins with ``prefix``.
  func find(_ path: String) -> WebLookup {
    let name = path.removing(prefix: Self.prefix) ?? ""
    let place = folder.appending(name)
    if name == Self.timestamp { return .onDisk { try Self.timestamp(path, place) } }
    guard Self.isVersioned(name) else { return .nothing }
    return .onDisk { try self.versioned(path, name, place) }
  }

  /// `12.targets.json`.
  private static func isVersioned(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[2] == "json" && !parts[0].isEmpty && !parts[1].isEmpty
      && parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
      && parts[1].utf8.allSatisfy { (0x61...0x7A).contains($0) }
  }

  private static func timestamp(_ path: String, _ place: FilePath) throws -> WebFile? {
    guard let status = try Files.status(place), status.kind == .file else { return nil }
    let bytes = try Files.read(place, atMost: maximumTimestampSize)
    return WebFile(
      path: path,
      size: Int64(bytes.count),
      digest: .sha256(of: bytes),
      changed: status.modified,
      bytes: .inMemory(bytes)
    )
  }

  private func versioned(_ path: String, _ name: String, _ place: FilePath) throws -> WebFile? {
    guard let status = try Files.status(place), status.kind == .file, status.size <= Self.maximumSize else {
      return nil
    }
    let mark = Mark(name: name, inode: status.inode, size: status.size, modified: status.modified)
    let digest = try digests.withLock { $0[mark] } ?? digest(of: place, mark)
    return WebFile(
      path: path,
      size: status.size,
      digest: digest,
      changed: status.modified,
      bytes: .at(place),
      freshness: .forever
    )
  }

  private func digest(of place: FilePath, _ mark: Mark) throws -> Digest256 {
    let digest = try FileDigest.of(place).digest
    digests.withLock { digests in
      if digests.count >= Self.maximumDigests { digests.removeAll() }
      digests[mark] = digest
    }
    return digest
  }
}
