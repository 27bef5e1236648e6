import StrictJSON

/// A statement that carries the key by which it is signed: what somebody says of himself, such as a site in a receipt.
///
/// It is an Ed25519 signature over canonical JSON in the envelope of metadata. That a statement is good means only that
/// the holder of its key has made it; whose key that is, its fingerprint tells, which people compare.
package struct SignedStatement: Sendable {
  /// What is stated, with `kind` and `key` among the fields.
  package let fields: JSONObject
  /// The fingerprint of the key: the SHA-256 of its canonical form, which is also its identifier.
  package let fingerprint: Fingerprint
  /// The key, as metadata lists it.
  package let key: JSONObject

  private let metadata: SignedMetadata

  /// Makes and signs a statement.
  ///
  /// - Parameters:
  ///   - fields: what is stated.
  ///   - kind: what sort of statement it is: no statement can be passed off as one of another sort.
  ///   - signer: the key.
  package init(_ fields: JSONObject, kind: String, signedBy signer: SigningKey) throws(KeyError) {
    var fields = fields
    fields["kind"] = .string(kind)
    fields["key"] = .object(signer.publicObject)
    var metadata = SignedMetadata(fields)
    try metadata.sign(with: signer)
    self.metadata = metadata
    self.fields = fields
    key = signer.publicObject
    fingerprint = Fingerprint(of: JSONValue.object(key).canonical)
  }

  /// Reads a statement, and verifies that its own key has signed it.
  ///
  /// - Throws: ``MetadataProblem`` for anything else than one good signature over a statement of this kind.
  package init(parsing bytes: some Collection<UInt8>, kind: String) throws(MetadataProblem) {
    metadata = try SignedMetadata(parsing: bytes)
    fields = metadata.signed
    guard fields["kind"]?.string == kind else { throw MetadataProblem("it is no \(kind)") }
    key = try (fields["key"]?.object).orMalformed("'key'")
    fingerprint = Fingerprint(of: JSONValue.object(key).canonical)
    let id = fingerprint.digest.hex
    let verifier = try PublicKey(id: id, .object(key))
    // Each key is spelt in one way only, so that it has one fingerprint.
    guard verifier.isSupported, key == Self.spelling(of: verifier) else {
      throw MetadataProblem("its key is not an Ed25519 key as kscmirror writes them")
    }
    guard metadata.signatures.count == 1, let signature = metadata.signatures.first, signature.keyID == id else {
      throw MetadataProblem("it is not signed by the key that it carries")
    }
    guard verifier.isValid(signature.bytes, for: metadata.canonical) else {
      throw MetadataProblem("its signature is wrong: it was changed, or made with another key")
    }
  }

  private static func spelling(of key: PublicKey) -> JSONObject {
    [
      "keytype": "ed25519", "scheme": "ed25519",
      "keyval": .object(["public": .string(key.material.lowercased())]),
    ]
  }

  /// The statement's bytes: JSON.
  package var serialized: [UInt8] { metadata.serialized + [UInt8(ascii: "\n")] }

  /// What is signed: two statements that have it alike say the same.
  package var canonical: [UInt8] { metadata.canonical }
}
