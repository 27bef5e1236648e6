import MirrorTypes
import StrictJSON

/// The roles of the top level (specification, section 2.1).
package enum TopRole: String, Sendable, Hashable, CaseIterable {
  /// Says which keys every role has.
  case root
  /// Says which files there are.
  case targets
  /// Says which versions of targets metadata belong together.
  case snapshot
  /// Says which snapshot is the newest.
  case timestamp
}

/// The keys of a role, and how many of them have to sign.
package struct RoleKeys: Sendable, Hashable {
  /// The keys' identifiers.
  package let keyIDs: Set<String>
  /// How many different keys have to sign; at least 1.
  package let threshold: Int

  /// Keys and a threshold.
  package init(keyIDs: Set<String>, threshold: Int) {
    self.keyIDs = keyIDs
    self.threshold = threshold
  }

  init(_ value: JSONValue?, of role: String) throws(MetadataProblem) {
    let object = try (value?.object).orMalformed("role \(role.prefix(80))")
    try self.init(object, of: role)
  }

  init(_ object: JSONObject, of role: String) throws(MetadataProblem) {
    let listed = try (object["keyids"]?.array).orMalformed("the keyids of role \(role.prefix(80))")
    var ids = Set<String>()
    for value in listed {
      let id = try value.string.orMalformed("a keyid of role \(role.prefix(80))")
      guard ids.insert(id).inserted else {
        throw MetadataProblem("role \(role.prefix(80)) has key \(id.prefix(80)) twice")
      }
    }
    let threshold = try (object["threshold"]?.integer).orMalformed("the threshold of role \(role.prefix(80))")
    guard threshold >= 1, threshold <= 1024 else {
      throw MetadataProblem("role \(role.prefix(80)) has threshold \(threshold)")
    }
    keyIDs = ids
    self.threshold = Int(threshold)
  }

  /// The form in metadata.
  package var object: JSONObject {
    ["keyids": .array(keyIDs.sorted().map(JSONValue.string)), "threshold": .integer(Int64(threshold))]
  }
}

/// What every piece of metadata says of itself.
package struct MetadataHeader: Sendable, Hashable {
  /// Its version, from 1.
  package let version: Int
  /// When it expires.
  package let expires: UTCTime

  /// A header.
  package init(version: Int, expires: UTCTime) {
    self.version = version
    self.expires = expires
  }

  /// The version of the specification that this program follows; it reads all of the same first number.
  package static let specificationVersion = "1.0.33"

  init(_ object: JSONObject, of type: String) throws(MetadataProblem) {
    guard object["_type"]?.string == type else {
      throw MetadataProblem("it is not \(type) metadata but \((object["_type"]?.string ?? "untyped").prefix(40))")
    }
    let specification = try (object["spec_version"]?.string).orMalformed("'spec_version'")
    guard specification.split(separator: ".", omittingEmptySubsequences: false).first == "1",
      specification.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({
        UTCTime.number($0.utf8) != nil
      })
    else { throw MetadataProblem("it follows specification \(specification.prefix(40)), not 1") }
    let number = try (object["version"]?.integer).orMalformed("'version'")
    guard number >= 1, number <= Int64(Int32.max) else { throw MetadataProblem("it has version \(number)") }
    version = Int(number)
    expires = try (object["expires"]?.string.flatMap(UTCTime.init(_:))).orMalformed("'expires'")
  }

  /// The fields in metadata.
  package func object(type: String) -> JSONObject {
    [
      "_type": .string(type), "spec_version": .string(Self.specificationVersion), "version": .integer(Int64(version)),
      "expires": .string(expires.text),
    ]
  }
}

/// What one piece of metadata says of another.
package struct MetadataFileFacts: Sendable, Hashable {
  /// Its version.
  package var version: Int
  /// Its bytes, where told.
  package var length: Int64?
  /// Its digests by hash function, in hexadecimal digits, where told.
  package var hashes: [String: String]

  /// Facts about some bytes.
  package init(version: Int, of bytes: [UInt8]) {
    self.version = version
    length = Int64(bytes.count)
    hashes = ["sha256": NamedHash.hex("sha256", of: bytes) ?? ""]
  }

  init(_ value: JSONValue, of name: String) throws(MetadataProblem) {
    let object = try value.object.orMalformed("the entry of \(name.prefix(80))")
    let number = try (object["version"]?.integer).orMalformed("the version of \(name.prefix(80))")
    guard number >= 1, number <= Int64(Int32.max) else {
      throw MetadataProblem("\(name.prefix(80)) has version \(number)")
    }
    version = Int(number)
    length = nil
    if let given = object["length"] {
      let count = try given.integer.orMalformed("the length of \(name.prefix(80))")
      guard count >= 1, count <= ByteCount.largestFile else {
        throw MetadataProblem("\(name.prefix(80)) has length \(count)")
      }
      length = count
    }
    hashes = try FileHashes.read(object["hashes"], of: name, required: false)
  }

  /// The form in metadata.
  package var object: JSONObject {
    var object: JSONObject = ["version": .integer(Int64(version))]
    if let length { object["length"] = .integer(length) }
    if !hashes.isEmpty { object["hashes"] = .object(FileHashes.object(hashes)) }
    return object
  }
}

/// The digests of a file by hash function.
enum FileHashes {
  static func read(_ value: JSONValue?, of name: String, required: Bool) throws(MetadataProblem) -> [String: String] {
    guard let value else {
      if required { throw MetadataProblem("the hashes of \(name.prefix(80)) are missing") }
      return [:]
    }
    let object = try value.object.orMalformed("the hashes of \(name.prefix(80))")
    guard !object.members.isEmpty else { throw MetadataProblem("the hashes of \(name.prefix(80)) are empty") }
    var hashes: [String: String] = [:]
    for member in object.members {
      hashes[member.name] = try member.value.string.orMalformed("a hash of \(name.prefix(80))").lowercased()
    }
    return hashes
  }

  static func object(_ hashes: [String: String]) -> JSONObject {
    var object = JSONObject()
    for (name, digits) in hashes { object[name] = .string(digits) }
    return object
  }
}
