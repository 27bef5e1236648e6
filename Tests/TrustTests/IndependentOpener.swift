import Crypto
import Foundation

/// Opens what HPKE has sealed, written from RFC 9180 and kscmirror-bundle(5) alone: base mode, DHKEM(X25519, HKDF-SHA256),
/// HKDF-SHA256, ChaCha20Poly1305.
struct IndependentOpener {
  private let key: SymmetricKey
  private let baseNonce: [UInt8]

  private static let kem: [UInt8] = Array("KEM".utf8) + [0x00, 0x20]
  private static let suite: [UInt8] = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x03]

  init(seed: [UInt8], encapsulated: [UInt8], info: String) throws {
    let secret = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed)
    let sender = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: encapsulated)
    let agreed = try secret.sharedSecretFromKeyAgreement(with: sender).withUnsafeBytes { Array($0) }
    let shared = Self.expand(
      Self.extract([], "eae_prk", agreed, Self.kem),
      "shared_secret",
      encapsulated + Array(secret.publicKey.rawRepresentation),
      32,
      Self.kem
    )
    let context =
      [0x00] + Self.extract([], "psk_id_hash", [], Self.suite)
      + Self.extract([], "info_hash", Array(info.utf8), Self.suite)
    let scheduled = Self.extract(shared, "secret", [], Self.suite)
    key = SymmetricKey(data: Self.expand(scheduled, "key", context, 32, Self.suite))
    baseNonce = Self.expand(scheduled, "base_nonce", context, 12, Self.suite)
  }

  /// LabeledExtract
  private static func extract(_ salt: [UInt8], _ label: String, _ input: [UInt8], _ suite: [UInt8]) -> [UInt8] {
    let labelled = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + input
    return HKDF<SHA256>.extract(inputKeyMaterial: SymmetricKey(data: labelled), salt: salt).withUnsafeBytes {
      Array($0)
    }
  }

  /// LabeledExpand
  private static func expand(
    _ key: [UInt8],
    _ label: String,
    _ info: [UInt8],
    _ count: Int,
    _ suite: [UInt8]
  ) -> [UInt8] {
    let labelled = [UInt8(count >> 8), UInt8(count & 255)] + Array("HPKE-v1".utf8) + suite + Array(label.utf8) + info
    return HKDF<SHA256>.expand(pseudoRandomKey: SymmetricKey(data: key), info: labelled, outputByteCount: count)
      .withUnsafeBytes { Array($0) }
  }

  /// Opens what was sealed as the `number`th, counted from 0.
  func open(_ sealed: [UInt8], number: Int, associated: [UInt8]) throws -> [UInt8] {
    var nonce = baseNonce
    for place in 0..<8 { nonce[11 - place] ^= UInt8(truncatingIfNeeded: number >> (8 * place)) }
    let box = try ChaChaPoly.SealedBox(
      nonce: ChaChaPoly.Nonce(data: nonce),
      ciphertext: sealed.dropLast(16),
      tag: sealed.suffix(16)
    )
    return Array(try ChaChaPoly.open(box, using: key, authenticating: associated))
  }
}
