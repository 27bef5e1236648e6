import CLibarchive
import FileSystem
import MirrorTypes
import SystemPackage

/// Writes documents into a tar archive through zstd, whose bytes a closure takes: the inside of a parcel.
package final class DocumentWriter {
  private let tar: TarWriter
  private let compressor: ZstdCompressor
  private let sink: (UnsafeRawBufferPointer) throws -> Void

  /// A writer.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - level: zstd's level.
  ///   - sink: takes the bytes.
  package init(
    naming name: FilePath,
    level: Int = 3,
    to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws(BundleError) {
    let compressor = try ZstdCompressor(name, level: level, threads: 0)
    self.compressor = compressor
    self.sink = sink
    tar = try TarWriter(naming: name) { bytes in
      try compressor.compress(bytes) { ready throws(BundleError) in try bundling { try sink(ready) } }
    }
  }

  /// Begins a document of `size` bytes, which ``write(_:)`` is to be handed.
  package func begin(_ path: TreePath, size: Int64) throws(BundleError) { try tar.begin(path.string, size: size) }

  /// Writes bytes of the document.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(BundleError) { try tar.write(bytes) }

  /// Ends the archive.
  package func finish() throws(BundleError) {
    try tar.finish()
    try compressor.finish { ready throws(BundleError) in try bundling { try sink(ready) } }
  }
}

/// Reads what ``DocumentWriter`` has written, once, from beginning to end: plain files only.
package final class DocumentReader {
  private let archive: OpaquePointer
  private let input: Input
  private let name: FilePath

  /// What libarchive's callback reads from: used by one thread, as long as the archive lives.
  private final class Input {
    let source: () throws -> [UInt8]
    var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    var failure: (any Error)?

    init(_ source: @escaping () throws -> [UInt8]) { self.source = source }

    deinit { buffer.deallocate() }

    /// Fills the buffer with the next bytes; 0 at the end.
    func read() -> Int {
      do {
        let bytes = try source()
        if bytes.count > buffer.count {
          buffer.deallocate()
          buffer = .allocate(byteCount: bytes.count, alignment: 64)
        }
        buffer.copyBytes(from: bytes)
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }
  }

  /// A document.
  package struct Entry: Sendable, Hashable {
    /// Its path.
    package let path: TreePath
    /// Its bytes.
    package let size: Int64
  }

  /// A reader.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - source: gives the next bytes, none at the end.
  package init(naming name: FilePath, from source: @escaping () throws -> [UInt8]) throws(BundleError) {
    guard let archive = archive_read_new() else { throw .archive(name, "out of memory") }
    (self.archive, self.name, input) = (archive, name, Input(source))
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_tar(archive)
    let opened = archive_read_open(
      archive,
      Unmanaged.passUnretained(input).toOpaque(),
      nil,
      { _, context, start in
        guard let context, let start else { return -1 }
        let input = Unmanaged<Input>.fromOpaque(context).takeUnretainedValue()
        let count = input.read()
        start.pointee = UnsafeRawPointer(input.buffer.baseAddress)
        return count
      },
      nil
    )
    guard opened == ARCHIVE_OK else { throw failure }
  }

  deinit { archive_read_free(archive) }

  /// The next document; `nil` at the end.
  ///
  /// - Throws: ``BundleError``, ``BundleError/unexpectedEntry(_:_:)`` for a link, a folder, a device, or a name that leads
  ///   elsewhere.
  package func next() throws(BundleError) -> Entry? {
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    guard result == ARCHIVE_OK, let entry else { throw failure }
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    let isPlainFile =
      archive_entry_filetype(entry) == 0o100000 && archive_entry_hardlink(entry) == nil
      && archive_entry_symlink(entry) == nil && archive_entry_size_is_set(entry) != 0
    guard isPlainFile, let path = try? TreePath(name), let size = ByteCount.ofFile(archive_entry_size(entry)) else {
      throw .unexpectedEntry(name, self.name)
    }
    return Entry(path: path, size: size)
  }

  /// Hands out the bytes of the document.
  package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    var expected: la_int64_t = 0
    while true {
      let result = archive_read_data_block(archive, &start, &count, &offset)
      if result == ARCHIVE_EOF { return }
      guard result == ARCHIVE_OK else { throw failure }
      // A sparse entry would have holes: ours have none.
      guard offset == expected else { throw .volumeDamaged(name, "a document has holes") }
      expected += la_int64_t(count)
      try bundling { try body(UnsafeRawBufferPointer(start: start, count: count)) }
    }
  }

  private var failure: BundleError {
    switch input.failure {
    case let error as BundleError: error
    case let error as FileError: .file(error)
    case let error?: .caller(error)
    case nil: .volumeDamaged(name, archive_error_string(archive).map { String(cString: $0) } ?? "libarchive failed")
    }
  }
}
