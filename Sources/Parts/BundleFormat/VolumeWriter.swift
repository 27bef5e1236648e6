import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Writes one volume: tar through zstd to a file, with the SHA-256 of what is written.
///
/// The same content, level and count of threads give the same bytes: no times, owners or names of this machine.
final class VolumeWriter {
  private let tar: TarWriter
  private let output: Output
  private let path: FilePath
  private(set) var entries = 0
  private(set) var contentBytes: Int64 = 0

  /// What the archive's bytes go to: used by one thread, as long as it is written.
  private final class Output {
    var file: OutputFile
    var hash = SHA256()
    private let compressor: ZstdCompressor
    /// Up to where the kernel was asked to write to the medium: a stick has as much to do at the end as it is slow.
    private var started: Int64 = 0

    init(_ place: Place, level: Int, threads: Int) throws(BundleError) {
      compressor = try ZstdCompressor(place.shown, level: level, threads: threads)
      do { file = try OutputFile(place) } catch { throw .file(error) }
    }

    /// Takes what the archive has made.
    func write(_ bytes: UnsafeRawBufferPointer) throws(BundleError) { try compressor.compress(bytes, keep) }

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
    let output = try Output(place, level: level, threads: threads)
    self.output = output
    tar = try TarWriter(naming: path) { try output.write($0) }
  }

  /// How many bytes were written to the file so far.
  var bytesWritten: Int64 { output.file.count }

  /// Begins an entry of `size` bytes.
  func begin(_ name: String, size: Int64) throws(BundleError) {
    try tar.begin(name, size: size)
    entries += 1
  }

  /// Writes bytes of the entry.
  func write(_ bytes: UnsafeRawBufferPointer) throws(BundleError) {
    try tar.write(bytes)
    contentBytes += Int64(bytes.count)
  }

  /// Ends the volume and writes it to the disk.
  func finish(name: String) throws(BundleError) -> Volume {
    try tar.finish()
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
}
