import MirrorTypes
import StrictJSON

/// A targets role's metadata: files, and roles to which others are delegated (specification, section 4.5).
package struct TargetsMetadata: Sendable {
  /// Version and expiry.
  package let header: MetadataHeader
  /// The files, ordered by the bytes of their paths.
  package let targets: [TargetFile]
  /// The roles to which it delegates.
  package let delegations: Delegations
  /// What the specification has no name for, by name.
  package let extensions: JSONObject

  /// Reads the signed part.
  package init(_ signed: JSONObject) throws(MetadataProblem) {
    header = try MetadataHeader(signed, of: "targets")
    var targets: [TargetFile] = []
    let listed = try (signed["targets"]?.object).orMalformed("'targets'").members
    targets.reserveCapacity(listed.count)
    for member in listed { targets.append(try TargetFile(path: member.name, member.value)) }
    self.targets = targets
    delegations = try Delegations(signed["delegations"])
    var rest = signed
    for name in ["_type", "spec_version", "version", "expires", "targets", "delegations"] { rest[name] = nil }
    extensions = rest
  }

  /// The file at a path.
  package func target(at path: String) -> TargetFile? {
    var (low, high) = (0, targets.count)
    while low < high {
      let middle = (low + high) / 2
      if targets[middle].path.precedesByBytes(path) { low = middle + 1 } else { high = middle }
    }
    return low < targets.count && targets[low].path.hasSameBytes(as: path) ? targets[low] : nil
  }
}

/// One file that targets metadata lists.
package struct TargetFile: Sendable {
  /// Its path, as listed: nothing is proven of it but its bytes.
  package let path: String
  /// Its bytes.
  package let length: Int64
  /// Its SHA-256, where told.
  package let sha256: Digest256?
  /// Its digests by other hash functions, in hexadecimal digits.
  package let otherHashes: [String: String]
  /// What is said of it beside that.
  package let custom: JSONObject?

  init(path: String, _ value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("the entry of \(path.prefix(200))")
    let length = try (object["length"]?.integer).orMalformed("the length of \(path.prefix(200))")
    guard ByteCount.ofFile(length) != nil else {
      throw MetadataProblem("\(path.prefix(200)) has length \(length)")
    }
    var hashes = try FileHashes.read(object["hashes"], of: path, required: true)
    self.path = path
    self.length = length
    sha256 = try hashes.removeValue(forKey: "sha256").map { (digits) throws(MetadataProblem) in
      try Digest256(hex: digits).orMalformed("the SHA-256 of \(path.prefix(200))")
    }
    otherHashes = hashes
    custom = object["custom"]?.object
  }

  /// A file to be listed.
  package init(path: String, length: Int64, sha256: Digest256, custom: JSONObject? = nil) {
    self.path = path
    self.length = length
    self.sha256 = sha256
    otherHashes = [:]
    self.custom = custom
  }

  /// The form in metadata.
  package var object: JSONObject {
    var hashes = FileHashes.object(otherHashes)
    if let sha256 { hashes["sha256"] = .string(sha256.hex) }
    var object: JSONObject = ["length": .integer(length), "hashes": .object(hashes)]
    if let custom { object["custom"] = .object(custom) }
    return object
  }

  /// The digits that stand before the file's name in a consistent snapshot (specification, section 6.2).
  package var nameDigest: String? { sha256?.hex ?? otherHashes.min { $0.key < $1.key }?.value }

  /// Why some bytes are not this file's; `nil` when they are.
  package func mismatch(of bytes: [UInt8]) -> String? {
    guard bytes.count == length else { return "it has \(Words.exactBytes(bytes.count)), not \(length)" }
    if let sha256, Digest256.sha256(of: bytes) != sha256 { return "its SHA-256 is not what the metadata says" }
    for (name, digits) in otherHashes {
      guard NamedHash.hex(name, of: bytes) == digits else {
        return "its \(name.prefix(20)) is not what the metadata says"
      }
    }
    return sha256 == nil && otherHashes.isEmpty ? "the metadata has no digest of it" : nil
  }
}
