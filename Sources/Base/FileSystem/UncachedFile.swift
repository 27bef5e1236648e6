import Glibc
import SystemPackage

/// Reads files from the medium that they lie on, past what the kernel still holds of them in memory.
package enum UncachedFile {
  private static let blockSize = 1 << 20
  private static let alignment = 4096
  /// `O_DIRECT`, which Swift cannot import: the same number on all processors but PowerPC and ARM.
  #if arch(arm64) || arch(arm)
    private static let direct: Int32 = 0o200000
  #else
    private static let direct: Int32 = 0o40000
  #endif

  /// Reads a plain file to its end, and hands out its bytes in turn.
  ///
  /// Where a file system cannot be read directly, the kernel is asked to forget what it holds of the file first; it has to
  /// be synced for that. Below a file system by FUSE it is asked to forget what it holds of the device, too.
  ///
  /// - Throws: ``FileError``, `EINVAL` for what is no plain file; what `body` throws.
  package static func read(_ place: Place, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let path = place.shown
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: alignment)
    defer { buffer.deallocate() }
    var isDirect = true
    let raw: Int32
    do throws(FileError) {
      raw = try place.openRaw("open", O_RDONLY | direct)
    } catch {
      guard error.reason == .invalidArgument || error.reason == .notSupported else { throw error }
      isDirect = false
      raw = try place.openRaw("open", O_RDONLY)
    }
    defer { close(raw) }
    let record = try OpenedKind.record(of: raw, at: path)
    BackingDevice.forget(of: record.st_dev)
    if !isDirect { _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED) }
    while true {
      let count = Glibc.read(raw, buffer.baseAddress, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EINVAL && isDirect {
        // It could be opened so, and cannot be read so.
        isDirect = false
        guard fcntl(raw, F_SETFL, O_RDONLY) == 0 else { throw FileError.current("read", path) }
        _ = posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
        continue
      }
      guard count >= 0 else { throw FileError.current("read", path) }
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
