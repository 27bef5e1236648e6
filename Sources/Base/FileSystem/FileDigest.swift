import Crypto
import Glibc
import MirrorTypes
import SystemPackage

/// The SHA-256 of a file's bytes.
package enum FileDigest {
  /// Reads a plain file to its end.
  ///
  /// - Parameter progress: told how many bytes each step has read.
  /// - Returns: the digest, and how many bytes it is of.
  package static func of(
    _ path: FilePath,
    progress: (Int64) -> Void = { _ in }
  ) throws(FileError) -> (digest: Digest256, size: Int64) {
    try of(InputFile(path), progress: progress)
  }

  /// Reads a plain file below somebody else's folder to its end.
  ///
  /// - Parameter limit: the most bytes that it may have, also if it grows meanwhile; a longer one fails with `EFBIG`.
  /// - Returns: the digest, and how many bytes it is of.
  package static func of(
    _ place: Place,
    atMost limit: Int64 = .max
  ) throws(FileError) -> (digest: Digest256, size: Int64) {
    let file = try InputFile(place)
    let tooLarge = FileError("read", file.path, Errno(rawValue: EFBIG))
    guard file.size <= limit else { throw tooLarge }
    var hasher = SHA256()
    var buffer = [UInt8](repeating: 0, count: Int(min(max(file.size, 4096), 262_144)))
    var left = limit
    file.adviseSequential()
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { return (Digest256(hasher.finalize()), limit - left) }
      guard count <= left else { throw tooLarge }
      buffer.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      left -= Int64(count)
    }
  }

  private static func of(
    _ file: borrowing InputFile,
    progress: (Int64) -> Void
  ) throws(FileError) -> (digest: Digest256, size: Int64) {
    file.adviseSequential()
    var hasher = SHA256()
    let size = try hash(file, into: &hasher, progress: progress)
    return (Digest256(hasher.finalize()), size)
  }

  /// Feeds what is left of an open file to a hasher; returns its bytes.
  package static func hash(
    _ file: borrowing InputFile,
    into hasher: inout SHA256,
    progress: (Int64) -> Void = { _ in }
  ) throws(FileError) -> Int64 {
    var buffer = [UInt8](repeating: 0, count: Int(min(max(file.size, 4096), 262_144)))
    var total: Int64 = 0
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { return total }
      buffer.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      total += Int64(count)
      progress(Int64(count))
    }
  }
}
