import CLibarchive
import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Reads one volume once, from beginning to end: its SHA-256 is computed while libarchive unpacks it.
final class VolumeReader {
  private let archive: OpaquePointer
  private let input: Input
  private let path: FilePath

  /// What libarchive's callbacks read from: used by one thread, as long as the archive lives.
  private final class Input {
    let file: JoinedInput
    let limit: Int64
    let progress: (Int64) -> Void
    var hash = SHA256()
    var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    var count: Int64 = 0
    var failure: FileError?

    init(_ files: [Place], limit: Int64, progress: @escaping (Int64) -> Void) throws(FileError) {
      file = try JoinedInput(files)
      self.limit = limit
      self.progress = progress
    }

    deinit { buffer.deallocate() }

    /// Reads the next bytes; 0 at the end, or at the size that the manifest tells.
    func read() -> Int {
      let room = min(Int64(buffer.count), limit - count)
      guard room > 0 else { return 0 }
      do {
        let read = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(room)]))
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<read]))
        count += Int64(read)
        progress(count)
        return read
      } catch {
        failure = error
        return -1
      }
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
    self.path = path
    do { input = try Input(files, limit: size, progress: progress) } catch { throw .file(error) }
    guard let archive = archive_read_new() else { throw .archive(path, "out of memory") }
    self.archive = archive
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_tar(archive)
    let opened = archive_read_open(
      archive,
      Unmanaged.passUnretained(input).toOpaque(),
      nil,
      { _, context, start in
        guard let context, let start else { return -1 }
        let input = Unmanaged<Input>.fromOpaque(context).takeUnretainedValue()
        start.pointee = UnsafeRawPointer(input.buffer.baseAddress)
        return input.read()
      },
      nil
    )
    guard opened == ARCHIVE_OK else { throw failure }
  }

  deinit { archive_read_free(archive) }

  /// The next entry; `nil` at the end of the archive.
  func next() throws(BundleError) -> Entry? {
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    guard result == ARCHIVE_OK, let entry else { throw failure }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    let isPlainFile =
      archive_entry_filetype(entry) == 0o100000 && archive_entry_hardlink(entry) == nil
      && archive_entry_symlink(entry) == nil && archive_entry_size_is_set(entry) != 0
    guard isPlainFile, let parsed = EntryName(name), let size = ByteCount.ofFile(archive_entry_size(entry)) else {
      throw .unexpectedEntry(name, path)
    }
    return Entry(name: parsed, size: size)
  }

  /// Hands out the bytes of the entry.
  func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    var expected: la_int64_t = 0
    while true {
      let result = archive_read_data_block(archive, &start, &count, &offset)
      if result == ARCHIVE_EOF { return }
      guard result == ARCHIVE_OK else { throw failure }
      // A sparse entry would have holes: ours have none.
      guard offset == expected else { throw .volumeDamaged(path, "an entry has holes") }
      expected += la_int64_t(count)
      do { try body(UnsafeRawBufferPointer(start: start, count: count)) } catch {
        throw error as? BundleError ?? .caller(error)
      }
    }
  }

  /// Reads what is left of the file, and gives the digest and the count of all of it.
  func finish() throws(BundleError) -> (digest: ObjectDigest?, size: Int64) {
    while true {
      let count = input.read()
      if count == 0 { break }
      if count < 0 { throw failure }
    }
    return (ObjectDigest(bytes: input.hash.finalize()), input.count)
  }

  private var failure: BundleError {
    if let failure = input.failure { return .file(failure) }
    return .volumeDamaged(path, archive_error_string(archive).map { String(cString: $0) } ?? "libarchive failed")
  }
}
