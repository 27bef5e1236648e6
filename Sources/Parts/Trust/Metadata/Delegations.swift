import Crypto
import MirrorTypes
import StrictJSON

/// The roles to which a targets role delegates files (specification, section 4.5).
package struct Delegations: Sendable {
  /// The delegated roles' keys by identifier.
  package let keys: [String: PublicKey]
  /// The roles, the first that fits a path first.
  package let roles: [DelegatedRole]

  /// None.
  package init() {
    keys = [:]
    roles = []
  }

  /// The most roles that are read, succinct ones not counted.
  private static let maximumRoles = 65_536

  init(_ value: JSONValue?) throws(MetadataProblem) {
    guard let value else {
      self = Delegations()
      return
    }
    let object = try value.object.orMalformed("'delegations'")
    let keys = try RootMetadata.keys(object["keys"])
    if let succinct = object["succinct_roles"] {
      guard object["roles"] == nil else { throw MetadataProblem("it has both 'roles' and 'succinct_roles'") }
      self = Delegations(keys: keys, roles: [try DelegatedRole(succinct: succinct)])
      return
    }
    let listed = try (object["roles"]?.array).orMalformed("the roles of 'delegations'")
    guard listed.count <= Self.maximumRoles else { throw MetadataProblem("it delegates to too many roles") }
    var roles: [DelegatedRole] = []
    var names = Set<String>()
    for entry in listed {
      let role = try DelegatedRole(entry)
      guard names.insert(role.name).inserted else {
        throw MetadataProblem("it delegates to '\(role.name.prefix(80))' twice")
      }
      roles.append(role)
    }
    self = Delegations(keys: keys, roles: roles)
  }

  private init(keys: [String: PublicKey], roles: [DelegatedRole]) {
    self.keys = keys
    self.roles = roles
  }

  /// The roles that a path is delegated to, in order, each with its own name and whether the search ends with it.
  func roles(for path: String) -> [(name: String, keys: RoleKeys, isTerminating: Bool)] {
    roles.compactMap { role in
      role.name(for: path).map { ($0, role.keys, role.isTerminating) }
    }
  }

  /// The keys of a role by its name; `nil` when nothing is delegated to it.
  package func keys(of name: String) -> RoleKeys? { roles.first { $0.hasName(name) }?.keys }
}

/// One role to which files are delegated, or a row of them for hash prefixes.
package struct DelegatedRole: Sendable {
  /// Its name; of succinct roles what their names begin with.
  package let name: String
  /// Its keys.
  package let keys: RoleKeys
  /// Whether a path that it does not list is looked for no further.
  package let isTerminating: Bool
  private let scope: Scope

  private enum Scope: Sendable {
    case patterns([String])
    case hashPrefixes([String])
    /// So many bits of the path's SHA-256 choose one of a row of roles (TAP 15).
    case succinct(bits: Int)
  }

  /// The names of the metadata of top level roles, which no delegated role may have.
  private static let reserved = Set(TopRole.allCases.map(\.rawValue))

  init(_ value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("a delegated role")
    name = try (object["name"]?.string).orMalformed("the name of a delegated role")
    guard !Self.reserved.contains(name), !name.isEmpty, TargetAddress.encoded(name, slash: true).utf8.count <= 240
    else {
      throw MetadataProblem("a delegated role has the name '\(name.prefix(80))'")
    }
    keys = try RoleKeys(object, of: name)
    isTerminating = try (object["terminating"]?.bool).orMalformed("'terminating' of role \(name.prefix(80))")
    switch (object["paths"], object["path_hash_prefixes"]) {
    case (let paths?, nil): scope = .patterns(try Self.strings(paths, of: name))
    case (nil, let prefixes?): scope = .hashPrefixes(try Self.strings(prefixes, of: name).map { $0.lowercased() })
    default: throw MetadataProblem("role '\(name.prefix(80))' needs either 'paths' or 'path_hash_prefixes'")
    }
  }

  init(succinct value: JSONValue) throws(MetadataProblem) {
    let object = try value.object.orMalformed("'succinct_roles'")
    name = try (object["name_prefix"]?.string).orMalformed("the name_prefix of 'succinct_roles'")
    keys = try RoleKeys(object, of: name)
    let bits = try (object["bit_length"]?.integer).orMalformed("the bit_length of 'succinct_roles'")
    guard (1...32).contains(bits) else { throw MetadataProblem("'succinct_roles' has a bit_length of \(bits)") }
    isTerminating = true
    scope = .succinct(bits: Int(bits))
  }

  private static func strings(_ value: JSONValue, of name: String) throws(MetadataProblem) -> [String] {
    var texts: [String] = []
    for entry in try value.array.orMalformed("the paths of role \(name.prefix(80))") {
      texts.append(try entry.string.orMalformed("a path of role \(name.prefix(80))"))
    }
    return texts
  }

  /// The name of the role that a path is delegated to; `nil` when it is not delegated here.
  func name(for path: String) -> String? {
    switch scope {
    case .patterns(let patterns): return patterns.contains { PathPattern($0).matches(path) } ? name : nil
    case .hashPrefixes(let prefixes):
      let digest = Hexadecimal.digits(SHA256.hash(data: Array(path.utf8)))
      return prefixes.contains { digest.hasPrefix($0) } ? name : nil
    case .succinct(let bits):
      let head = SHA256.hash(data: Array(path.utf8)).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return binName(head >> UInt32(32 - bits), bits)
    }
  }

  private func binName(_ number: UInt32, _ bits: Int) -> String {
    let digits = String(number, radix: 16)
    let width = String((UInt64(1) << UInt64(bits)) - 1, radix: 16).count
    return "\(name)-\(String(repeating: "0", count: max(0, width - digits.count)))\(digits)"
  }

  /// Whether the role, or one of the row, has this name.
  func hasName(_ other: String) -> Bool {
    guard case .succinct(let bits) = scope else { return name.hasSameBytes(as: other) }
    guard other.hasPrefix("\(name)-"), let number = UInt32(other.dropFirst(name.count + 1), radix: 16),
      bits == 32 || number < UInt32(1) << UInt32(bits)
    else { return false }
    return binName(number, bits).hasSameBytes(as: other)
  }
}
