import StrictJSON

/// Makes the metadata of a repository of one's own, without signatures.
package enum MetadataMaker {
  /// The keys of a role: their public parts by identifier, and how many have to sign.
  package struct RoleDraft: Sendable, Hashable {
    /// Public keys by identifier, as metadata lists them.
    package var keys: [String: JSONObject]
    /// How many have to sign.
    package var threshold: Int

    /// Keys and a threshold.
    package init(keys: [String: JSONObject], threshold: Int = 1) {
      self.keys = keys
      self.threshold = threshold
    }

    /// One key.
    package init(_ key: SigningKey) { self.init(keys: [key.id: key.publicObject]) }

    /// The form in metadata.
    var object: JSONObject { RoleKeys(keyIDs: Set(keys.keys), threshold: threshold).object }
  }

  /// Root metadata.
  ///
  /// - Parameter earlier: the signed part of the root before it, whose unknown fields are kept.
  package static func root(
    _ header: MetadataHeader,
    roles: [TopRole: RoleDraft],
    from earlier: JSONObject = JSONObject()
  ) -> SignedMetadata {
    var signed = earlier
    for member in header.object(type: "root").members { signed[member.name] = member.value }
    if signed["consistent_snapshot"] == nil { signed["consistent_snapshot"] = true }
    var keys = JSONObject()
    var listed = JSONObject()
    for (role, draft) in roles {
      for (id, key) in draft.keys { keys[id] = .object(key) }
      listed[role.rawValue] = .object(draft.object)
    }
    signed["keys"] = .object(keys)
    signed["roles"] = .object(listed)
    return SignedMetadata(signed)
  }

  /// A role to which files are delegated.
  package struct DelegationDraft: Sendable {
    /// Its name.
    package var name: String
    /// Patterns of the paths that it may list.
    package var paths: [String]
    /// Its keys.
    package var keys: RoleDraft

    /// A delegation; a path that it does not list is looked for no further.
    package init(name: String, paths: [String], keys: RoleDraft) {
      self.name = name
      self.paths = paths
      self.keys = keys
    }
  }

  /// Targets metadata.
  ///
  /// - Parameters:
  ///   - header: version and expiry.
  ///   - targets: the files, in any order, each path once.
  ///   - delegations: the roles to which it delegates; `nil` for a role that does not.
  ///   - extensions: fields that the specification has no name for.
  /// - Throws: ``MetadataProblem`` when a path is listed twice.
  package static func targets(
    _ header: MetadataHeader,
    _ targets: some Sequence<TargetFile>,
    delegations: [DelegationDraft]? = nil,
    extensions: JSONObject = JSONObject()
  ) throws(MetadataProblem) -> SignedMetadata {
    var signed = extensions
    for member in header.object(type: "targets").members { signed[member.name] = member.value }
    let members = targets.map { JSONObject.Member(name: $0.path, value: .object($0.object)) }
    guard let files = JSONObject(unordered: members) else { throw MetadataProblem("a path is listed twice") }
    signed["targets"] = .object(files)
    if let delegations { signed["delegations"] = .object(object(delegations)) }
    return SignedMetadata(signed)
  }

  private static func object(_ delegations: [DelegationDraft]) -> JSONObject {
    var keys = JSONObject()
    var roles: [JSONValue] = []
    for delegation in delegations {
      for (id, key) in delegation.keys.keys { keys[id] = .object(key) }
      var role = delegation.keys.object
      role["name"] = .string(delegation.name)
      role["terminating"] = true
      role["paths"] = .array(delegation.paths.map(JSONValue.string))
      roles.append(.object(role))
    }
    return ["keys": .object(keys), "roles": .array(roles)]
  }

  /// Snapshot metadata.
  package static func snapshot(
    _ header: MetadataHeader,
    files: [String: MetadataFileFacts],
    extensions: JSONObject = JSONObject()
  ) -> SignedMetadata {
    var signed = extensions
    for member in header.object(type: "snapshot").members { signed[member.name] = member.value }
    var meta = JSONObject()
    for (name, facts) in files { meta[name] = .object(facts.object) }
    signed["meta"] = .object(meta)
    return SignedMetadata(signed)
  }

  /// Timestamp metadata.
  package static func timestamp(_ header: MetadataHeader, snapshot: MetadataFileFacts) -> SignedMetadata {
    var signed = header.object(type: "timestamp")
    signed["meta"] = .object(["snapshot.json": .object(snapshot.object)])
    return SignedMetadata(signed)
  }
}
