import Crypto
import MirrorTypes

/// The listing of a snapshot: for each file, ordered by the bytes of the path, the line
/// `<SHA-256 in hexadecimal> <size in bytes> <path>` and a line feed. Its SHA-256 stands for the whole tree.
package struct TreeListing: Sendable {
  private var hasher = SHA256()
  private var buffer: [UInt8] = []

  /// An empty listing.
  package init() {}

  /// Adds the next file; the order is the caller's duty.
  package mutating func append(_ object: ObjectDigest, size: Int64, path: TreePath) {
    append(object, size, path.string)
  }

  package mutating func append(_ object: ObjectDigest, _ size: Int64, _ path: String) {
    Self.appendLine(object, size, path, to: &buffer)
    if buffer.count >= 32_768 { flush() }
  }

  /// The digest of the listing so far.
  package func digest() -> ObjectDigest? {
    var hasher = hasher
    hasher.update(data: buffer)
    return ObjectDigest(hasher.finalize())
  }

  private mutating func flush() {
    hasher.update(data: buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Adds the line of a file to a buffer.
  static func appendLine(_ object: ObjectDigest, _ size: Int64, _ path: String, to buffer: inout [UInt8]) {
    buffer += object.hex.utf8
    buffer.append(UInt8(ascii: " "))
    buffer += String(size).utf8
    buffer.append(UInt8(ascii: " "))
    buffer += path.utf8
    buffer.append(UInt8(ascii: "\n"))
  }
}
