import Crypto
import Failures
import FoundationEssentials
import MirrorTypes
import StrictJSON

/// A private Ed25519 key: what this program signs with.
package struct SigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key.
  package init() { key = Curve25519.Signing.PrivateKey() }

  /// The key of a seed of 32 bytes; `nil` for another count.
  init?(seed: [UInt8]) {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
    self.key = key
  }

  /// The seed.
  var seed: [UInt8] { Array(key.rawRepresentation) }

  /// The public key as metadata lists it.
  package var publicObject: JSONObject {
    ["keytype": "ed25519", "scheme": "ed25519", "keyval": .object(["public": .string(publicHex)])]
  }

  private var publicHex: String { Hexadecimal.digits(key.publicKey.rawRepresentation) }

  /// The key's identifier: the SHA-256 of the canonical form of its public part.
  package var id: String { Fingerprint(of: JSONValue.object(publicObject).canonical).digest.hex }

  /// Signs a message: 64 bytes.
  ///
  /// - Throws: ``KeyError/unusable`` when the library cannot sign.
  package func signature(for message: [UInt8]) throws(KeyError) -> [UInt8] {
    do { return Array(try key.signature(for: message)) } catch { throw .unusable }
  }
}

/// Why a private key cannot be used.
package enum KeyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file that is not a key file, and why.
  case malformed(String)
  /// The pass phrase is not the one that the key was sealed with, or the file was changed.
  case wrongPassphrase
  /// The key is sealed, and there is no pass phrase.
  case passphraseNeeded
  /// A pass phrase of no characters.
  case emptyPassphrase
  /// The library refused the key.
  case unusable

  /// The failure in words.
  package var description: String {
    switch self {
    case .malformed(let why): "this is not a key file: \(why)"
    case .wrongPassphrase: "the pass phrase is wrong, or the key file was changed"
    case .passphraseNeeded: "the key is sealed with a pass phrase, and none was given"
    case .emptyPassphrase: "the pass phrase is empty"
    case .unusable: "the key cannot be used"
    }
  }
}

extension KeyError: Failure {
  package var status: ExitStatus { .keyUnusable }
}
