import Crypto
import MirrorTypes

extension Digest256 {
  /// A finished SHA-256.
  init(_ digest: SHA256Digest) {
    guard let value = digest.withUnsafeBytes({ Self(bytes: $0) }) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    self = value
  }

  /// The SHA-256 of some bytes.
  static func sha256(of bytes: [UInt8]) -> Digest256 { Digest256(SHA256.hash(data: bytes)) }
}

/// Hash functions that metadata may name for a file.
enum NamedHash {
  /// The digest of `bytes` in hexadecimal digits; `nil` for a function that is unknown here.
  static func hex(_ name: String, of bytes: [UInt8]) -> String? {
    switch name {
    case "sha256": Hexadecimal.digits(SHA256.hash(data: bytes))
    case "sha384": Hexadecimal.digits(SHA384.hash(data: bytes))
    case "sha512": Hexadecimal.digits(SHA512.hash(data: bytes))
    default: nil
    }
  }
}
