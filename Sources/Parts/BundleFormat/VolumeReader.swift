import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Reads one volume once, from beginning to end: its SHA-256 is computed while a confined process unpacks it.
final class VolumeReader {
  private let archive: ArchiveReader
  private let input: Input

  /// What is read: used by one thread, as long as the archive lives.
  private final class Input {
    let file: JoinedInput
    let limit: Int64
    let progress: (Int64) -> Void
    var hash = SHA256()
    var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    var count: Int64 = 0

    init(_ files: [Place], limit: Int64, progress: @escaping (Int64) -> Void) throws(FileError) {
      file = try JoinedInput(files)
      self.limit = limit
      self.progress = progress
    }

    deinit { buffer.deallocate() }

    /// Reads the next bytes; none at the end, or at the size that the manifest tells.
    func next() throws(FileError) -> UnsafeRawBufferPointer {
      let room = min(Int64(buffer.count), limit - count)
      guard room > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
      let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(room)]))
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<read])
      hash.update(bufferPointer: bytes)
      count += Int64(read)
      progress(count)
      return bytes
    }
  }

  /// An entry's name and size.
  struct Entry {
    let name: EntryName
    let size: Int64
  }

  /// Reads the volume that lies in `files`, one or its pieces; `path` is what it is called in errors.
  init(
    _ files: [Place],
    as path: FilePath,
    size: Int64,
    progress: @escaping (Int64) -> Void
  ) throws(BundleError) {
    let input: Input
    do { input = try Input(files, limit: size, progress: progress) } catch { throw .file(error) }
    self.input = input
    archive = try ArchiveReader(naming: path) { try input.next() }
  }

  /// The next entry; `nil` at the end of the archive.
  func next() throws(BundleError) -> Entry? {
    try archive.next { name, size in EntryName(name).map { Entry(name: $0, size: size) } }
  }

  /// Hands out the bytes of the entry.
  func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) { try archive.read(body) }

  /// Reads what is left of the file, and gives the digest and the count of all of it.
  func finish() throws(BundleError) -> (digest: ObjectDigest?, size: Int64) {
    do { while try !input.next().isEmpty {} } catch { throw .file(error) }
    return (ObjectDigest(bytes: input.hash.finalize()), input.count)
  }
}
