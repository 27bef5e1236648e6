import StrictJSON

/// The root role's metadata: which keys every role has (specification, section 4.3).
package struct RootMetadata: Sendable {
  /// Version and expiry.
  package let header: MetadataHeader
  /// Whether files carry versions and digests in their names (specification, section 6.2).
  package let consistentSnapshot: Bool
  /// All keys by identifier.
  package let keys: [String: PublicKey]
  /// The keys of each role of the top level.
  package let roles: [TopRole: RoleKeys]

  /// Reads the signed part.
  package init(_ signed: JSONObject) throws(MetadataProblem) {
    header = try MetadataHeader(signed, of: "root")
    consistentSnapshot =
      try signed["consistent_snapshot"].map { (value) throws(MetadataProblem) in
        try value.bool.orMalformed("'consistent_snapshot'")
      } ?? true
    keys = try Self.keys(signed["keys"])
    let listed = try (signed["roles"]?.object).orMalformed("'roles'")
    var roles: [TopRole: RoleKeys] = [:]
    for role in TopRole.allCases { roles[role] = try RoleKeys(listed[role.rawValue], of: role.rawValue) }
    self.roles = roles
  }

  /// Reads keys by identifier.
  static func keys(_ value: JSONValue?) throws(MetadataProblem) -> [String: PublicKey] {
    var keys: [String: PublicKey] = [:]
    for member in try (value?.object).orMalformed("'keys'").members {
      keys[member.name] = try PublicKey(id: member.name, member.value)
    }
    return keys
  }

  /// The keys of a role.
  package func keys(of role: TopRole) -> RoleKeys { roles[role] ?? RoleKeys(keyIDs: [], threshold: .max) }

  /// The fingerprint by which a root is trusted on first use: the SHA-256 of the canonical form of what is signed.
  /// Signatures that are added later do not change it.
  package static func fingerprint(of metadata: SignedMetadata) -> Fingerprint { Fingerprint(of: metadata.canonical) }
}
