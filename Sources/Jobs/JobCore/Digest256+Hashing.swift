import Crypto
import MirrorTypes

extension Digest256 {
  /// The SHA-256 of bytes.
  package init?(hashing bytes: [UInt8]) { self.init(bytes: SHA256.hash(data: bytes)) }
}
