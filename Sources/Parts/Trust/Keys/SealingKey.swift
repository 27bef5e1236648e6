import Crypto
import FoundationEssentials
import MirrorTypes
import StrictJSON

/// A private X25519 key: what parcels are opened with.
package struct SealingKey: Sendable {
  private let key: Curve25519.KeyAgreement.PrivateKey

  /// A new key.
  package init() { key = Curve25519.KeyAgreement.PrivateKey() }

  /// The key of a seed of 32 bytes; `nil` for another count.
  init?(seed: [UInt8]) {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed) else { return nil }
    self.key = key
  }

  /// The seed.
  var seed: [UInt8] { Array(key.rawRepresentation) }

  /// The part that parcels are sealed with.
  package var publicKey: SealingPublicKey { SealingPublicKey(key.publicKey) }

  /// The key's identifier.
  package var id: String { publicKey.id }

  /// Begins to open.
  ///
  /// - Throws: ``ParcelError/alteredPayload(_:)`` for a key that nothing was sealed with.
  func recipient(of encapsulated: [UInt8], info: [UInt8]) throws(ParcelError) -> HPKE.Recipient {
    do {
      try Self.refuseSmallOrder(Curve25519.KeyAgreement.PublicKey(rawRepresentation: encapsulated), with: key)
      return try HPKE.Recipient(
        privateKey: key,
        ciphersuite: SealingPublicKey.ciphersuite,
        info: Data(info),
        encapsulatedKey: Data(encapsulated)
      )
    } catch {
      throw .alteredPayload("its encapsulated key is invalid")
    }
  }

  /// Keys of small order agree on zero with everybody: RFC 9180, section 7.1.4, and the library does not look.
  fileprivate static func refuseSmallOrder(
    _ other: Curve25519.KeyAgreement.PublicKey,
    with key: Curve25519.KeyAgreement.PrivateKey
  ) throws {
    let isZero = try key.sharedSecretFromKeyAgreement(with: other).withUnsafeBytes { $0.allSatisfy { $0 == 0 } }
    if isZero { throw ParcelError.unusableKey }
  }
}

/// The public part of a key that opens parcels: whoever has it can seal, and cannot open.
package struct SealingPublicKey: Sendable, Hashable {
  private let bytes: [UInt8]

  private static let keyType = "x25519"
  /// RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305.
  private static let scheme = "hpke-x25519-sha256-chacha20poly1305"
  static let ciphersuite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

  fileprivate init(_ key: Curve25519.KeyAgreement.PublicKey) { bytes = Array(key.rawRepresentation) }

  /// Whether an object is a key of the kind that is read here. There may be others some day.
  package static func isKnown(_ object: JSONObject) -> Bool {
    object["keytype"]?.string == keyType && object["scheme"]?.string == scheme
  }

  /// Reads what ``object`` has written; `nil` for anything else.
  package init?(_ object: JSONObject) {
    guard Self.isKnown(object), let hex = object["keyval"]?.object?["public"]?.string,
      let bytes = Hexadecimal.bytes(hex),
      (try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)) != nil
    else { return nil }
    self.bytes = bytes
  }

  /// The key in the form in which metadata lists keys.
  package var object: JSONObject {
    [
      "keytype": .string(Self.keyType), "scheme": .string(Self.scheme),
      "keyval": .object(["public": .string(Hexadecimal.digits(bytes))]),
    ]
  }

  /// The key's identifier: the SHA-256 of the canonical form of ``object``.
  package var id: String { Fingerprint(of: JSONValue.object(object).canonical).digest.hex }

  /// Begins to seal.
  ///
  /// - Throws: ``ParcelError/unusableKey`` for a key that no honest side makes.
  func sender(info: [UInt8]) throws(ParcelError) -> HPKE.Sender {
    do {
      let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
      try SealingKey.refuseSmallOrder(key, with: Curve25519.KeyAgreement.PrivateKey())
      return try HPKE.Sender(recipientKey: key, ciphersuite: Self.ciphersuite, info: Data(info))
    } catch {
      throw .unusableKey
    }
  }
}
