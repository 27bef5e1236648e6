import Crypto
import CryptoExtras

/// Makes a key of a pass phrase, slowly, so that guessing costs (scrypt).
enum KeyStretching {
  /// What it costs as a power of two: 128 · r · N bytes, here 128 MiB, and about a third of a second.
  static let usualCost: UInt8 = 17
  /// What a hostile file may make us spend: a gibibyte.
  static let largestCost: UInt8 = 20
  static let blockSize = 8

  /// The key that belongs to a pass phrase and a salt.
  ///
  /// - Parameter cost: scrypt's N.
  /// - Throws: ``KeyError/unusable``.
  static func key(from passphrase: String, salt: [UInt8], cost: Int) throws(KeyError) -> SymmetricKey {
    do {
      return try KDF.Scrypt.deriveKey(
        from: Array(passphrase.utf8),
        salt: salt,
        outputByteCount: 32,
        rounds: cost,
        blockSize: blockSize,
        parallelism: 1,
        maxMemory: 256 * blockSize * cost
      )
    } catch {
      throw .unusable
    }
  }
}
