import Crypto
import CryptoExtras
import FoundationEssentials

/// A public key as metadata lists it (specification, section 4.2).
public struct PublicKey: Sendable {
  /// Its identifier: by it roles and signatures refer to the key.
  public let id: String
  /// `ed25519`, `ecdsa`, `rsa` or another kind, which verifies nothing here.
  public let keyType: String
  /// The signature scheme, such as `ed25519`.
  public let scheme: String
  /// What the key is made of, to tell two identifiers of one key: the `public` value.
  let material: String
  private let verifier: Verifier

  private enum Verifier: Sendable {
    case ed25519(Curve25519.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case rsaPSS(_RSA.Signing.PublicKey)
    case unsupported
  }

  /// Reads a key. One of an unknown kind, or that is malformed, is read but verifies nothing: other keys of its role may.
  ///
  /// - Throws: ``MetadataProblem`` where even the outer form is wrong.
  init(id: String, _ value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("key \(id.prefix(80))")
    self.id = id
    keyType = try (object["keytype"]?.string).orMalformed("keytype of key \(id.prefix(80))")
    scheme = try (object["scheme"]?.string).orMalformed("scheme of key \(id.prefix(80))")
    let keyValue = try (object["keyval"]?.object).orMalformed("keyval of key \(id.prefix(80))")
    material = keyValue["public"]?.string ?? ""
    verifier = Self.verifier(keyType, scheme, material)
  }

  private static func verifier(_ keyType: String, _ scheme: String, _ material: String) -> Verifier {
    switch (keyType, scheme) {
    case ("ed25519", "ed25519"):
      if let bytes = Hex.bytes(material), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) {
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
  public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
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
  public var isSupported: Bool { if case .unsupported = verifier { false } else { true } }

  /// A fingerprint of what the key is made of: its SHA-256.
  public var fingerprint: Fingerprint {
    Fingerprint(of: Array("\(keyType) \(scheme) \(material)".utf8))
  }
}

extension PublicKey: Hashable {
  /// Equal when kind, scheme and material are, whatever the identifiers.
  public static func == (left: Self, right: Self) -> Bool {
    left.keyType == right.keyType && left.scheme == right.scheme && left.material.hasSameBytes(as: right.material)
  }

  /// Hashes what equality looks at.
  public func hash(into hasher: inout Hasher) { hasher.combine(material) }
}
