import FileSystem
import JobCore
import Journal
import MirrorTypes
import StrictJSON
import SystemPackage
import Trust

extension KeysJob {
  /// Replaces keys. Sites that trust the root follow by themselves.
  ///
  /// - Parameters:
  ///   - roles: `root`, `targets`, `snapshot`, `timestamp`, `volumes`, `sealing`.
  ///   - holders: who signs the root from now on.
  package func rotate(_ roles: [String], _ holders: RootHolders) throws -> KeysReport.Rotated {
    let unlisted = [OnlineKeys.Role.volumes.rawValue, SealingKeys.role]
    let known = TopRole.allCases.map(\.rawValue) + unlisted
    for role in roles where !known.contains(role) {
      throw JobError(.usage, "there is no role '\(role)'; there are: \(known.joined(separator: ", "))")
    }
    let listed = roles.filter { !unlisted.contains($0) }
    let changesHolders = !holders.others.isEmpty || !holders.removed.isEmpty || holders.threshold != nil
    let isListed = !listed.isEmpty || changesHolders
    if isListed { _ = try rootInForce() }
    let what = (roles + (changesHolders ? ["who signs the root"] : [])).joined(separator: ", ")
    try audit.noting(AuditNote(.keys, "the replacement of keys (\(what))")) { _ in
      if isListed { try rotateListed(listed, holders) }
      // Last, since the root key may refuse what comes before.
      if roles.contains("volumes") {
        // The targets role delegates to it: what is signed next lists the new key.
        try store(SigningKey(), role: "volumes", at: folders.key("volumes"), asks: false)
      }
      // The next bundles tell it to sites.
      if roles.contains(SealingKeys.role) { try SealingKeys(in: context).rotate() }
      return AuditNote(.keys, "keys were replaced: \(what)")
    }
    // A site signs no bundles: it has that one key only.
    if roles == [SealingKeys.role], try !hasRoot(), let sealing = try KeysReport.Sealing.current(in: context) {
      return .sealing(sealing)
    }
    return .keys(try show())
  }

  private func rootInForce() throws -> SignedMetadata {
    if let current = try pending.current() { return current }
    throw JobError(
      .notThere,
      "\(folder): there is no root in force here",
      remedy: "Make keys with 'kscmirror keys init'."
    )
  }

  private func rotateListed(_ roles: [String], _ holders: RootHolders) throws {
    let current = try rootInForce()
    let rootPath = holders.rootKey ?? folders.key("root")
    let oldKey = try unlock(rootPath)
    var drafts = try Self.drafts(of: current)
    var signers = [oldKey]
    for role in roles.compactMap(TopRole.init) {
      let key = SigningKey()
      if role == .root {
        drafts[.root]?.keys[oldKey.id] = nil
        drafts[.root]?.keys[key.id] = key.publicObject
        signers.append(key)
        try store(
          key,
          role: "root",
          at: holders.rootKey.map { FilePath($0.string + ".next") } ?? pending.nextKey("root"),
          asks: true
        )
      } else {
        drafts[role] = .init(key)
        try store(key, role: role.rawValue, at: pending.nextKey(role.rawValue), asks: false)
      }
    }
    try change(&drafts, holders)
    let version = Int(clamping: current.signed["version"]?.integer ?? 0) + 1
    var next = MetadataMaker.root(header(version), roles: drafts, from: current.signed)
    for key in signers { try sign(&next, with: key) }
    try pending.save(next)
    if try pending.publish() != nil, roles.contains("root"), let path = holders.rootKey {
      try Files.rename(FilePath(path.string + ".next"), to: path)
    }
  }

  private func change(
    _ drafts: inout [TopRole: MetadataMaker.RoleDraft],
    _ holders: RootHolders
  ) throws {
    var root = drafts[.root] ?? .init(keys: [:])
    for path in holders.others {
      let other = try PublicKeyFile(path)
      root.keys[other.id] = other.key
    }
    for id in holders.removed {
      let matches = root.keys.keys.filter { $0.hasPrefix(id.lowercased()) }
      guard matches.count == 1, let match = matches.first else {
        throw JobError(
          .notThere,
          "\(matches.count) keys of the root begin with '\(id)'",
          remedy: "See 'kscmirror keys show'."
        )
      }
      root.keys[match] = nil
    }
    root.threshold = try checked(holders.threshold ?? root.threshold, of: root)
    drafts[.root] = root
  }

  func checked(_ threshold: Int, of root: MetadataMaker.RoleDraft) throws -> Int {
    guard (1...max(1, root.keys.count)).contains(threshold), !root.keys.isEmpty else {
      throw JobError(
        .usage,
        "\(Words.count(threshold, "signature")) cannot be had from \(Words.count(root.keys.count, "key"))"
      )
    }
    return threshold
  }

  private static func drafts(of root: SignedMetadata) throws -> [TopRole: MetadataMaker.RoleDraft] {
    let body: RootMetadata
    do { body = try RootMetadata(root.signed) } catch { throw JobError(.software, error.description) }
    var drafts: [TopRole: MetadataMaker.RoleDraft] = [:]
    for role in TopRole.allCases {
      let keys = body.keys(of: role)
      var objects: [String: JSONObject] = [:]
      for id in keys.keyIDs { objects[id] = root.signed["keys"]?.object?[id]?.object }
      drafts[role] = .init(keys: objects, threshold: keys.threshold)
    }
    return drafts
  }
}
