import Crypto
import MirrorTypes

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
