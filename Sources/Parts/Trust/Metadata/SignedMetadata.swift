import MirrorTypes
import StrictJSON

/// A signature over metadata.
package struct MetadataSignature: Sendable, Hashable {
  /// The identifier of the key that made it.
  package let keyID: String
  /// Its bytes; empty where they are not hexadecimal digits, and it verifies for no key then.
  package let bytes: [UInt8]
}

/// A file of metadata: what is signed, and the signatures over it (specification, section 4.2).
///
/// The signed part is kept as it came, unknown fields included, so that it can be written again with one signature more.
package struct SignedMetadata: Sendable {
  /// What is signed.
  package let signed: JSONObject
  /// The signatures.
  package private(set) var signatures: [MetadataSignature]
  /// What the signatures are over: the canonical form of ``signed``.
  package let canonical: [UInt8]

  /// Metadata without signatures.
  package init(_ signed: JSONObject) {
    self.signed = signed
    signatures = []
    canonical = JSONValue.object(signed).canonical
  }

  /// Reads a file.
  ///
  /// - Throws: ``MetadataProblem`` when it is malformed, or has two signatures of one key.
  package init(parsing bytes: some Collection<UInt8>) throws(MetadataProblem) {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw MetadataProblem(error.description) }
    let object = try value.object.orMalformed("the outermost object")
    signed = try (object["signed"]?.object).orMalformed("'signed'")
    signatures = []
    var seen = Set<String>()
    for entry in try (object["signatures"]?.array).orMalformed("'signatures'") {
      let id = try (entry.object?["keyid"]?.string).orMalformed("the keyid of a signature")
      let text = try (entry.object?["sig"]?.string).orMalformed("a signature")
      guard seen.insert(id).inserted else { throw MetadataProblem("there are two signatures of key \(id.prefix(80))") }
      signatures.append(MetadataSignature(keyID: id, bytes: Hexadecimal.bytes(text) ?? []))
    }
    canonical = JSONValue.object(signed).canonical
  }

  /// Adds a key's signature, in the place of an earlier one of the same key.
  ///
  /// - Throws: ``KeyError``.
  package mutating func sign(with key: SigningKey) throws(KeyError) {
    let signature = MetadataSignature(keyID: key.id, bytes: try key.signature(for: canonical))
    signatures.removeAll { $0.keyID == key.id }
    signatures.append(signature)
  }

  /// Adds signatures of a copy; of a key that has signed both, the copy's.
  package mutating func add(_ others: [MetadataSignature]) {
    for signature in others {
      signatures.removeAll { $0.keyID == signature.keyID }
      signatures.append(signature)
    }
  }

  /// The file's bytes: JSON, the signed part in its canonical order.
  package var serialized: [UInt8] {
    let list = signatures.map { signature in
      JSONValue.object(["keyid": .string(signature.keyID), "sig": .string(Hexadecimal.digits(signature.bytes))])
    }
    // Without control characters the canonical form is JSON.
    let body = canonical.contains { $0 < 0x20 } ? JSONValue.object(signed).serialized : canonical
    return Array("{\"signatures\":".utf8) + JSONValue.array(list).serialized + Array(",\"signed\":".utf8) + body
      + Array("}".utf8)
  }

  /// Which of a role's keys have signed.
  package func tally(_ role: RoleKeys, among keys: [String: PublicKey]) -> SignatureTally {
    var tally = SignatureTally(threshold: role.threshold)
    // A key counts once, under however many identifiers it is listed.
    var counted = Set<PublicKey>()
    for signature in signatures where role.keyIDs.contains(signature.keyID) {
      guard let key = keys[signature.keyID] else { continue }
      if key.isValid(signature.bytes, for: canonical) {
        counted.insert(key)
        tally.valid.append(signature.keyID)
      } else {
        tally.invalid.append(signature.keyID)
      }
    }
    tally.count = counted.count
    tally.strangers = signatures.map(\.keyID).filter { !role.keyIDs.contains($0) }
    return tally
  }
}

/// Which of a role's keys have signed a piece of metadata.
package struct SignatureTally: Sendable, Hashable {
  /// How many different keys have to sign.
  package let threshold: Int
  /// How many different keys have signed.
  package internal(set) var count = 0
  /// The identifiers of keys whose signatures are good.
  package internal(set) var valid: [String] = []
  /// The identifiers of keys of the role whose signatures are wrong.
  package internal(set) var invalid: [String] = []
  /// The identifiers of keys that have signed and are none of the role's.
  package internal(set) var strangers: [String] = []

  /// Whether enough keys have signed.
  package var isEnough: Bool { count >= threshold }
}
