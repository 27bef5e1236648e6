import Glibc
import SystemPackage

/// The vendor's DSKM2 digest of a file (FORMAT.md, section 3): `H(H(content) ‖ name ‖ 00 00)`, where H is
/// Streebog-256 and the name is the file's own, in lower case, as UTF-16LE.
package enum DSKM2 {
  /// The digest of a file whose content has the Streebog-256 digest `contentHash`.
  package static func digest(contentHash: [UInt8], name: String) throws(VendorSignatureError) -> [UInt8] {
    var outer = try Streebog256()
    outer.update(contentHash)
    outer.update(
      name.lowercased().utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    )
    outer.update([0, 0])
    return outer.finalize()
  }

  /// The digest of the file at `path` under the name `name`; the file is streamed.
  package static func digest(ofFile path: FilePath, name: String) throws(VendorSignatureError) -> [UInt8] {
    try digest(contentHash: contentHash(ofFile: path), name: name)
  }

  /// The Streebog-256 digest of the content of the file at `path`, 32 bytes; the file is streamed.
  package static func contentHash(ofFile path: FilePath) throws(VendorSignatureError) -> [UInt8] {
    let descriptor = open(path.string, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var inner = try Streebog256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      inner.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return inner.finalize()
  }

  private static func failure(_ path: FilePath) -> VendorSignatureError {
    .unreadable(path: path.string, reason: "\(Errno(rawValue: errno))")
  }
}
