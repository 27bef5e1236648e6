import MirrorTypes

/// A targets role's metadata: files, and roles to which others are delegated (specification, section 4.5).
public struct TargetsMetadata: Sendable {
  /// Version and expiry.
  public let header: MetadataHeader
  /// The files, ordered by the bytes of their paths.
  public let targets: [TargetFile]
  /// The roles to which it delegates.
  public let delegations: Delegations
  /// What the specification has no name for, by name.
  public let extensions: JSONObject

  /// Reads the signed part.
  public init(_ signed: JSONObject) throws(MetadataProblem) {
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
  public func target(at path: String) -> TargetFile? {
    var (low, high) = (0, targets.count)
    while low < high {
      let middle = (low + high) / 2
      if targets[middle].path.precedes(path) { low = middle + 1 } else { high = middle }
    }
    return low < targets.count && targets[low].path.hasSameBytes(as: path) ? targets[low] : nil
  }
}

/// One file that targets metadata lists.
public struct TargetFile: Sendable {
  /// Its path, as listed: nothing is proven of it but its bytes.
  public let path: String
  /// Its bytes.
  public let length: Int64
  /// Its SHA-256, where told.
  public let sha256: Digest256?
  /// Its digests by other hash functions, in hexadecimal digits.
  public let otherHashes: [String: String]
  /// What is said of it beside that.
  public let custom: JSONObject?

  init(path: String, _ value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("the entry of \(path.prefix(200))")
    let length = try (object["length"]?.integer).orMalformed("the length of \(path.prefix(200))")
    guard length >= 0 else { throw MetadataProblem("\(path.prefix(200)) has length \(length)") }
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
  public init(path: String, length: Int64, sha256: Digest256, custom: JSONObject? = nil) {
    self.path = path
    self.length = length
    self.sha256 = sha256
    otherHashes = [:]
    self.custom = custom
  }

  /// The form in metadata.
  public var object: JSONObject {
    var hashes = FileHashes.object(otherHashes)
    if let sha256 { hashes["sha256"] = .string(sha256.hex) }
    var object: JSONObject = ["length": .integer(length), "hashes": .object(hashes)]
    if let custom { object["custom"] = .object(custom) }
    return object
  }

  /// The digits that stand before the file's name in a consistent snapshot (specification, section 6.2).
  public var nameDigest: String? { sha256?.hex ?? otherHashes.min { $0.key < $1.key }?.value }

  /// Why some bytes are not this file's; `nil` when they are.
  public func mismatch(of bytes: [UInt8]) -> String? {
    guard bytes.count == length else { return "it has \(bytes.count) bytes, not \(length)" }
    if let sha256, Digest256.sha256(of: bytes) != sha256 { return "its SHA-256 is not what the metadata says" }
    for (name, digits) in otherHashes {
      guard NamedHash.hex(name, of: bytes) == digits else {
        return "its \(name.prefix(20)) is not what the metadata says"
      }
    }
    return sha256 == nil && otherHashes.isEmpty ? "the metadata has no digest of it" : nil
  }
}
