import CLibarchive
import FileSystem
import MirrorTypes
import SystemPackage

/// Reads a tar archive of ours once, from beginning to end: plain files alone, without holes. What libarchive makes of
/// bytes that nobody has verified yet is looked at here and nowhere else.
final class ArchiveReader {
  private let archive: OpaquePointer
  private let name: FilePath
  private let source: Source?
  private let damage: (String) -> BundleError

  /// What libarchive's callback reads from: used by one thread, as long as the archive lives.
  private final class Source {
    let next: () throws -> UnsafeRawBufferPointer
    var failure: (any Error)?

    init(_ next: @escaping () throws -> UnsafeRawBufferPointer) { self.next = next }

    /// The next bytes; none at the end, -1 when they cannot be had.
    func read(_ start: inout UnsafeRawPointer?) -> Int {
      do {
        let bytes = try next()
        start = bytes.baseAddress
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }
  }

  /// A reader of an archive through zstd.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - next: gives the next bytes, which stay until it is called again; none at the end.
  init(naming name: FilePath, from next: @escaping () throws -> UnsafeRawBufferPointer) throws(BundleError) {
    archive = try Self.make(name)
    (self.name, source, damage) = (name, Source(next), { .volumeDamaged(name, $0) })
    archive_read_support_filter_zstd(archive)
    let opened = archive_read_open(
      archive,
      source.map { Unmanaged.passUnretained($0).toOpaque() },
      nil,
      { _, context, start in
        guard let context, let start else { return -1 }
        return Unmanaged<Source>.fromOpaque(context).takeUnretainedValue().read(&start.pointee)
      },
      nil
    )
    guard opened == ARCHIVE_OK else { throw failure }
  }

  /// A reader of an open file that is not packed, such as a pipe.
  ///
  /// - Parameter damage: the error for what is no such archive, with libarchive's words.
  init(
    naming name: FilePath,
    reading descriptor: FileDescriptor,
    damage: @escaping (String) -> BundleError
  ) throws(BundleError) {
    archive = try Self.make(name)
    (self.name, source, self.damage) = (name, nil, damage)
    guard archive_read_open_fd(archive, descriptor.rawValue, 1 << 18) == ARCHIVE_OK else { throw failure }
  }

  private static func make(_ name: FilePath) throws(BundleError) -> OpaquePointer {
    guard let archive = archive_read_new() else { throw .archive(name, "out of memory") }
    archive_read_support_format_tar(archive)
    return archive
  }

  deinit { archive_read_free(archive) }

  /// The next entry; `nil` at the end of the archive.
  ///
  /// - Parameter accepted: makes an entry of a name and a size; `nil` for what does not belong here.
  /// - Throws: ``BundleError/unexpectedEntry(_:_:)`` also for a link, a folder, a device.
  func next<Entry>(
    _ accepted: (_ name: String, _ size: Int64) -> Entry?
  ) throws(BundleError) -> Entry? {
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    guard result == ARCHIVE_OK, let entry else { throw failure }
    let path = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    let isPlainFile =
      archive_entry_filetype(entry) == 0o100000 && archive_entry_hardlink(entry) == nil
      && archive_entry_symlink(entry) == nil && archive_entry_size_is_set(entry) != 0
    guard isPlainFile, let size = ByteCount.ofFile(archive_entry_size(entry)), let found = accepted(path, size) else {
      throw .unexpectedEntry(path, name)
    }
    return found
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
      guard offset == expected else { throw damage("an entry has holes") }
      expected += la_int64_t(count)
      try bundling { try body(UnsafeRawBufferPointer(start: start, count: count)) }
    }
  }

  /// Why nothing more can be read.
  var failure: BundleError {
    switch source?.failure {
    case let error as BundleError: error
    case let error as FileError: .file(error)
    case let error?: .caller(error)
    case nil: damage(archive_error_string(archive).map { String(cString: $0) } ?? "it ends too soon")
    }
  }
}
