import CLibarchive
import FileSystem
import SystemPackage

/// Writes a tar archive, whose bytes a closure takes. Nothing in it tells when, where or by whom it was written.
final class TarWriter {
  private let archive: OpaquePointer
  private let entry: OpaquePointer
  private let name: FilePath
  private let output: Output

  /// What libarchive's callback hands bytes to: used by one thread, as long as the archive lives.
  private final class Output {
    let sink: (UnsafeRawBufferPointer) throws -> Void
    var failure: (any Error)?

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.sink = sink }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
      do {
        try sink(bytes)
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }
  }

  /// A writer.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - sink: takes the archive's bytes.
  init(naming name: FilePath, to sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) {
    guard let archive = archive_write_new() else { throw .archive(name, "out of memory") }
    guard let entry = archive_entry_new() else {
      archive_write_free(archive)
      throw .archive(name, "out of memory")
    }
    (self.archive, self.entry, self.name, output) = (archive, entry, name, Output(sink))
    try check(archive_write_set_format_pax_restricted(archive))
    try check(archive_write_add_filter_none(archive))
    // Few calls with much in each.
    archive_write_set_bytes_per_block(archive, 1 << 17)
    archive_write_set_bytes_in_last_block(archive, 1)
    let opened = archive_write_open2(
      archive,
      Unmanaged.passUnretained(output).toOpaque(),
      nil,
      { _, context, bytes, count in
        guard let context, let bytes else { return -1 }
        return Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
          .write(UnsafeRawBufferPointer(start: bytes, count: count))
      },
      nil,
      nil
    )
    try check(opened)
  }

  deinit {
    archive_entry_free(entry)
    // What was not finished is not to reach the sink any more.
    archive_write_fail(archive)
    archive_write_free(archive)
  }

  /// Begins an entry of `size` bytes.
  func begin(_ name: String, size: Int64) throws(BundleError) {
    archive_entry_clear(entry)
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, size)
    archive_entry_set_filetype(entry, UInt32(0o100000))
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 0, 0)
    try check(archive_write_header(archive, entry))
  }

  /// Writes bytes of the entry.
  func write(_ bytes: UnsafeRawBufferPointer) throws(BundleError) {
    guard !bytes.isEmpty else { return }
    guard archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count else { throw failure }
  }

  /// Ends the archive.
  func finish() throws(BundleError) { try check(archive_write_close(archive)) }

  private func check(_ result: Int32) throws(BundleError) {
    if result < ARCHIVE_WARN { throw failure }
  }

  private var failure: BundleError {
    switch output.failure {
    case let error as BundleError: error
    case let error as FileError: .file(error)
    case let error?: .caller(error)
    case nil: .archive(name, archive_error_string(archive).map { String(cString: $0) } ?? "libarchive failed")
    }
  }
}
