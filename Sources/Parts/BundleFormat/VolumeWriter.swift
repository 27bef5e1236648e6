import CLibarchive
import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Writes one volume: tar by libarchive through zstd to a file, with the SHA-256 of what is written.
///
/// The same content, level and count of threads give the same bytes: no times, owners or names of this machine.
final class VolumeWriter {
  private let archive: OpaquePointer
  private let entry: OpaquePointer
  private let output: Output
  private let path: FilePath
  private(set) var entries = 0
  private(set) var contentBytes: Int64 = 0

  /// What libarchive's callbacks write to: used by one thread, as long as the archive lives.
  private final class Output {
    var file: OutputFile
    var hash = SHA256()
    var failure: BundleError?
    private let compressor: ZstdCompressor
    /// Up to where the kernel was asked to write to the medium: a stick has as much to do at the end as it is slow.
    private var started: Int64 = 0

    init(_ place: Place, level: Int, threads: Int) throws(BundleError) {
      compressor = try ZstdCompressor(place.shown, level: level, threads: threads)
      do { file = try OutputFile(place) } catch { throw .file(error) }
    }

    /// Takes what libarchive has made; -1 when it cannot be kept.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
      do throws(BundleError) {
        try compressor.compress(bytes, keep)
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }

    /// Writes what still waits to be compressed.
    func finish() throws(BundleError) { try compressor.finish(keep) }

    private func keep(_ bytes: UnsafeRawBufferPointer) throws(BundleError) {
      do { try file.write(bytes) } catch { throw .file(error) }
      if file.count - started >= 16 << 20 {
        file.startWriting()
        started = file.count
      }
      hash.update(bufferPointer: bytes)
    }
  }

  init(_ place: Place, level: Int, threads: Int) throws(BundleError) {
    path = place.shown
    output = try Output(place, level: level, threads: threads)
    guard let archive = archive_write_new() else { throw .archive(path, "out of memory") }
    guard let entry = archive_entry_new() else {
      archive_write_free(archive)
      throw .archive(path, "out of memory")
    }
    self.archive = archive
    self.entry = entry
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
    archive_write_free(archive)
  }

  /// How many bytes were written to the file so far.
  var bytesWritten: Int64 { output.file.count }

  /// Begins an entry of `size` bytes.
  func begin(_ name: String, size: Int64) throws(BundleError) {
    archive_entry_clear(entry)
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, size)
    archive_entry_set_filetype(entry, UInt32(0o100000))
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 0, 0)
    try check(archive_write_header(archive, entry))
    entries += 1
  }

  /// Writes bytes of the entry.
  func write(_ bytes: UnsafeRawBufferPointer) throws(BundleError) {
    guard !bytes.isEmpty else { return }
    let count = archive_write_data(archive, bytes.baseAddress, bytes.count)
    guard count == bytes.count else { throw failure }
    contentBytes += Int64(count)
  }

  /// Ends the volume and writes it to the disk.
  func finish(name: String) throws(BundleError) -> Volume {
    try check(archive_write_close(archive))
    try output.finish()
    do {
      try output.file.sync()
      let size = output.file.count
      try output.file.close()
      guard let digest = ObjectDigest(bytes: output.hash.finalize()) else {
        throw BundleError.archive(path, "no digest")
      }
      return Volume(
        name: name,
        size: size,
        sha256: digest,
        entries: entries,
        contentBytes: contentBytes
      )
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .caller(error)
    }
  }

  private func check(_ result: Int32) throws(BundleError) {
    if result < ARCHIVE_WARN { throw failure }
  }

  private var failure: BundleError {
    if let failure = output.failure { return failure }
    return .archive(path, archive_error_string(archive).map { String(cString: $0) } ?? "libarchive failed")
  }
}
