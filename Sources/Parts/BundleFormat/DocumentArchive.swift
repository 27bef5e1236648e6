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
  private let archive: ArchiveReader

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
    let buffer = GrowingBuffer()
    archive = try ArchiveReader(naming: name) { buffer.holding(try source()) }
  }

  /// The next document; `nil` at the end.
  ///
  /// - Throws: ``BundleError``, ``BundleError/unexpectedEntry(_:_:)`` for a link, a folder, a device, or a name that leads
  ///   elsewhere.
  package func next() throws(BundleError) -> Entry? {
    try archive.next { name, size in (try? TreePath(name)).map { Entry(path: $0, size: size) } }
  }

  /// Hands out the bytes of the document.
  package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws(BundleError) { try archive.read(body) }
}

/// Memory that holds bytes until the next ones come.
private final class GrowingBuffer {
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)

  deinit { buffer.deallocate() }

  func holding(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    if bytes.count > buffer.count {
      buffer.deallocate()
      buffer = .allocate(byteCount: bytes.count, alignment: 64)
    }
    buffer.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
  }
}
