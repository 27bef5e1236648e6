import MirrorTypes

/// Brings a client's trusted metadata up to date from a repository, and finds files in it: the input and output around
/// ``TrustedMetadata`` (specification, section 5).
package struct MetadataClient<Cache: MetadataCache>: Sendable {
  /// What is trusted so far.
  package private(set) var trusted: TrustedMetadata
  /// Where it is kept.
  package private(set) var cache: Cache
  /// Takes each file of metadata as it was verified, under its name in the repository.
  package var onVerified: (@Sendable (_ name: String, _ bytes: [UInt8]) throws -> Void)?

  private let source: any MetadataSource
  private let limits: MetadataLimits

  /// A client.
  ///
  /// - Parameters:
  ///   - cache: has the trusted root under `root.json`.
  ///   - source: the repository's metadata.
  ///   - now: the time of the update.
  ///   - expiry: what is done about metadata that has ceased to be good.
  ///   - limits: how much is read.
  /// - Throws: ``TrustError``: there is no trusted root, or it is none.
  package init(
    cache: Cache,
    source: any MetadataSource,
    now: UTCTime,
    expiry: TrustedMetadata.Expiry = .enforced,
    limits: MetadataLimits = MetadataLimits()
  ) throws(TrustError) {
    self.cache = cache
    self.source = source
    self.limits = limits
    guard let root = try Self.load("root.json", cache) else { throw .missing(file: "root.json") }
    trusted = try TrustedMetadata(trustedRoot: root, now: now, expiry: expiry)
  }

  /// Updates root, timestamp, snapshot and targets.
  ///
  /// - Throws: ``TrustError`` for the first thing that is not as it has to be. What was verified before that is kept.
  package mutating func refresh() async throws(TrustError) {
    try await updateRoot()
    try await updateTimestamp()
    try await updateSnapshot()
    try await updateTargets()
  }

  // MARK: - Steps

  private mutating func updateRoot() async throws(TrustError) {
    // 5.3.3 to 5.3.9: one version after the other, as long as there is a next one, but not for ever.
    for _ in 0..<limits.rootRotations {
      let name = "\(trusted.root.header.version + 1).root.json"
      guard let bytes = try await fetch(name, atMost: limits.root) else { break }
      let keysRotated = try trusted.take(root: bytes)
      try save("root.json", bytes, as: name)
      if keysRotated {
        // 5.3.11: recover from versions that a thief of the old keys may have driven up.
        try remove("timestamp.json")
        try remove("snapshot.json")
      }
    }
    try trusted.checkRootExpiry()
  }

  private mutating func updateTimestamp() async throws(TrustError) {
    // What is kept may have expired or be signed with keys of old: then there is nothing to compare with.
    if let kept = try Self.load("timestamp.json", cache) { _ = try? trusted.take(timestamp: kept) }
    guard let bytes = try await fetch("timestamp.json", atMost: limits.timestamp) else {
      throw .missing(file: "timestamp.json")
    }
    if try trusted.take(timestamp: bytes) { try save("timestamp.json", bytes, as: "timestamp.json") }
  }

  private mutating func updateSnapshot() async throws(TrustError) {
    guard let facts = trusted.timestamp?.snapshot else { throw .missing(file: "timestamp.json") }
    if let kept = try Self.load("snapshot.json", cache) {
      do throws(TrustError) { return try trusted.take(snapshot: kept, isCached: true) } catch {}
    }
    let name = remoteName("snapshot", facts.version)
    guard let bytes = try await fetch(name, facts, atMost: limits.snapshot) else { throw .missing(file: name) }
    try trusted.take(snapshot: bytes)
    try save("snapshot.json", bytes, as: name)
  }

  private mutating func updateTargets() async throws(TrustError) {
    guard let facts = trusted.snapshot?.files["targets.json"] else { throw .missing(file: "snapshot.json") }
    if let kept = try Self.load("targets.json", cache) {
      do throws(TrustError) { return try trusted.take(targets: kept) } catch {}
    }
    let name = remoteName("targets", facts.version)
    guard let bytes = try await fetch(name, facts, atMost: limits.targets) else { throw .missing(file: name) }
    try trusted.take(targets: bytes)
    try save("targets.json", bytes, as: name)
  }

  // MARK: - Delegated roles

  /// The metadata of a role, fetched if it was not yet.
  ///
  /// - Parameters:
  ///   - role: its name.
  ///   - delegations: those of the role that delegates to it.
  package mutating func role(
    _ role: String,
    delegatedBy delegations: Delegations
  ) async throws(TrustError) -> TargetsMetadata {
    if let known = try trusted.role(role, delegatedBy: delegations) { return known }
    guard let facts = trusted.snapshot?.files["\(role).json"] else { throw .notListed(file: "\(role).json") }
    let keptName = "\(Self.encoded(role)).json"
    if let kept = try Self.load(keptName, cache) {
      do throws(TrustError) {
        try trusted.take(kept, of: role, delegatedBy: delegations)
      } catch {
        try await fetchRole(role, delegations, facts)
      }
    } else {
      try await fetchRole(role, delegations, facts)
    }
    guard let metadata = try trusted.role(role, delegatedBy: delegations) else { throw .missing(file: keptName) }
    return metadata
  }

  private mutating func fetchRole(
    _ role: String,
    _ delegations: Delegations,
    _ facts: MetadataFileFacts
  ) async throws(TrustError) {
    let name = remoteName(Self.encoded(role), facts.version)
    guard let bytes = try await fetch(name, facts, atMost: limits.targets) else { throw .missing(file: name) }
    try trusted.take(bytes, of: role, delegatedBy: delegations)
    try save("\(Self.encoded(role)).json", bytes, as: name)
  }

  /// Finds a file by its path: in the targets role, then in the roles to which it is delegated, in order and depth
  /// first, each role once (5.6.7).
  ///
  /// - Returns: `nil` when no role that may list it does.
  package mutating func target(at path: String) async throws(TrustError) -> TargetFile? {
    guard let top = trusted.targets else { throw .missing(file: "targets.json") }
    if let found = top.target(at: path) { return found }
    var waiting = Self.candidates(for: path, in: top.delegations)
    var visited = Set<String>()
    while let next = waiting.popLast(), visited.count < limits.delegations {
      guard visited.insert(next.name).inserted else { continue }
      let metadata = try await role(next.name, delegatedBy: next.delegations)
      if let found = metadata.target(at: path) { return found }
      if next.isTerminating { waiting = [] }
      waiting += Self.candidates(for: path, in: metadata.delegations)
    }
    return nil
  }

  private struct Candidate {
    let name: String
    let isTerminating: Bool
    let delegations: Delegations
  }

  /// The roles that a path is delegated to, the last first; none behind one that ends the search.
  private static func candidates(for path: String, in delegations: Delegations) -> [Candidate] {
    var candidates: [Candidate] = []
    for (name, _, isTerminating) in delegations.roles(for: path) {
      candidates.append(Candidate(name: name, isTerminating: isTerminating, delegations: delegations))
      if isTerminating { break }
    }
    return candidates.reversed()
  }

  // MARK: - Files

  private func remoteName(_ role: String, _ version: Int) -> String {
    trusted.root.consistentSnapshot ? "\(version).\(role).json" : "\(role).json"
  }

  /// A role's name as a part of an address or a file's name.
  private static func encoded(_ role: String) -> String { PercentEncoding.encoded(role, slash: true) }

  private func fetch(
    _ name: String,
    _ facts: MetadataFileFacts,
    atMost limit: Int
  ) async throws(TrustError) -> [UInt8]? {
    if let length = facts.length {
      guard length <= Int64(limits.listed) else { throw .tooLarge(file: name, limit: limits.listed) }
      return try await fetch(name, atMost: Int(length))
    }
    return try await fetch(name, atMost: limit)
  }

  private func fetch(_ name: String, atMost limit: Int) async throws(TrustError) -> [UInt8]? {
    let bytes: [UInt8]?
    do { bytes = try await source.metadata(named: name, atMost: limit) } catch {
      throw error as? TrustError ?? .source(file: name, error)
    }
    guard bytes?.count ?? 0 <= limit else { throw .tooLarge(file: name, limit: limit) }
    return bytes
  }

  private static func load(_ name: String, _ cache: Cache) throws(TrustError) -> [UInt8]? {
    do { return try cache.load(name) } catch { throw .cache(file: name, error) }
  }

  private mutating func save(_ name: String, _ bytes: [UInt8], as remote: String) throws(TrustError) {
    do {
      try cache.save(name, bytes)
      try onVerified?(remote, bytes)
    } catch {
      throw .cache(file: name, error)
    }
  }

  private mutating func remove(_ name: String) throws(TrustError) {
    do { try cache.remove(name) } catch { throw .cache(file: name, error) }
  }
}

/// How much a client reads of a repository.
package struct MetadataLimits: Sendable, Hashable {
  /// The most bytes of root metadata.
  package var root = 512_000
  /// The most bytes of timestamp metadata.
  package var timestamp = 16_384
  /// The most bytes of snapshot metadata whose length the timestamp does not tell.
  package var snapshot = 2_000_000
  /// The most bytes of targets metadata whose length the snapshot does not tell.
  package var targets = 5_000_000
  /// The most bytes of metadata whose length is given by metadata that is trusted already.
  package var listed = 256 << 20
  /// How many roots are followed in one update.
  package var rootRotations = 256
  /// How many delegated roles are looked into for one file.
  package var delegations = 32

  /// The defaults.
  package init() {}
}
