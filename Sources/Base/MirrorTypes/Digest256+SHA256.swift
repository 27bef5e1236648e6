import Crypto

extension Digest256 {
  /// A finished SHA-256.
  package init(_ digest: SHA256Digest) {
    guard let value = digest.withUnsafeBytes({ Self(bytes: $0) }) else { preconditionFailure("a SHA-256 has 32 bytes") }
    self = value
  }

  /// The SHA-256 of some bytes.
  package static func sha256(of bytes: some Collection<UInt8>) -> Digest256 {
    Digest256(SHA256.hash(data: Array(bytes)))
  }
}
