import Crypto
import MirrorTypes

/// A SHA-256 that people compare, in groups that can be read over a telephone.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// The digest.
  package let digest: Digest256

  /// The fingerprint of some bytes.
  init(of bytes: [UInt8]) {
    digest = Digest256(SHA256.hash(data: bytes))
  }

  /// Reads 64 hexadecimal digits of either case, with blanks, colons and hyphens anywhere; `nil` for anything else.
  package init?(_ text: String) {
    let digits = text.filter { !$0.isWhitespace && $0 != ":" && $0 != "-" }
    guard let digest = Digest256(hex: digits) else { return nil }
    self.digest = digest
  }

  /// Sixteen groups of four digits.
  package var groups: [String] {
    let hex = Array(digest.hex)
    return stride(from: 0, to: hex.count, by: 4).map { String(hex[$0..<min($0 + 4, hex.count)]) }
  }

  /// The groups in one line.
  package var description: String { groups.joined(separator: " ") }

  /// The groups in lines of eight.
  package var lines: [String] {
    stride(from: 0, to: groups.count, by: 8).map { groups[$0..<min($0 + 8, groups.count)].joined(separator: " ") }
  }
}
