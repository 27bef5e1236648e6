import Crypto
import CryptoExtras
import FoundationEssentials
import MirrorTypes
import StrictJSON

/// A public key as metadata lists it (specification, section 4.2).
package struct PublicKey: Sendable {
  /// Its identifier: by it roles and signatures refer to the key.
  package let id: String
  /// `ed25519`, `ecdsa`, `rsa` or another kind, which verifies nothing here.
  package let keyType: String
  /// The signature scheme, such as `ed25519`.
  package let scheme: String
  /// What the key is made of, as it is spelt: the `public` value.
  let material: String
  /// What the key is made of, however it is spelt, to tell two identifiers of one key.
  private let identity: [UInt8]
  private let verifier: Verifier

  private enum Verifier: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case rsaPSS(_RSA.Signing.PublicKey)
    case unsupported
  }

  /// Reads a key. One of an unknown kind, or that is malformed, is read but verifies nothing: other keys of its role may.
  ///
  /// - Throws: ``MetadataProblem`` where even the outer form is wrong, and for a key that anybody can sign for.
  init(id: String, _ value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("key \(id.prefix(80))")
    self.id = id
    keyType = try (object["keytype"]?.string).orMalformed("keytype of key \(id.prefix(80))")
    scheme = try (object["scheme"]?.string).orMalformed("scheme of key \(id.prefix(80))")
    let keyValue = try (object["keyval"]?.object).orMalformed("keyval of key \(id.prefix(80))")
    material = keyValue["public"]?.string ?? ""
    verifier = Self.verifier(keyType, scheme, material)
    switch verifier {
    case .ed25519(let key):
      identity = Array(key.rawRepresentation)
      if Ed25519Points.isOfSmallOrder(identity) {
        throw MetadataProblem("key \(id.prefix(80)) is of small order, so that anybody can sign for it")
      }
    case .p256(let key): identity = Array(key.x963Representation)
    case .rsaPSS(let key): identity = Array(key.pkcs1DERRepresentation)
    case .unsupported:
      identity = Array(JSONValue.array([.string(keyType), .string(scheme), .string(material)]).canonical)
    }
  }

  private static func verifier(_ keyType: String, _ scheme: String, _ material: String) -> Verifier {
    switch (keyType, scheme) {
    case ("ed25519", "ed25519"):
      if let bytes = Hexadecimal.bytes(material), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
      {
        return .ed25519(key)
      }
    case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
      if let key = try? P256.Signing.PublicKey(pemRepresentation: material) { return .p256(key) }
    case ("rsa", "rsassa-pss-sha256"):
      if let key = try? _RSA.Signing.PublicKey(pemRepresentation: material) { return .rsaPSS(key) }
    default: break
    }
    return .unsupported
  }

  /// Whether `signature` is this key's over `message`.
  package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    switch verifier {
    case .ed25519(let key): return key.isValidSignature(signature, for: message)
    case .p256(let key):
      guard let parsed = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
      return key.isValidSignature(parsed, for: message)
    case .rsaPSS(let key):
      let parsed = _RSA.Signing.RSASignature(rawRepresentation: signature)
      return key.isValidSignature(parsed, for: SHA256.hash(data: message), padding: .PSS)
    case .unsupported: return false
    }
  }

  /// Whether the kind of key is one that can verify here.
  package var isSupported: Bool { if case .unsupported = verifier { false } else { true } }
}

extension PublicKey: Hashable {
  /// Equal when they verify the same signatures, whatever the identifiers, and however the key is spelt: hexadecimal
  /// digits may be of either case, PEM may have its lines broken anywhere, and two names stand for ECDSA keys.
  package static func == (left: Self, right: Self) -> Bool { left.identity == right.identity }

  /// Hashes what equality looks at.
  package func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}
