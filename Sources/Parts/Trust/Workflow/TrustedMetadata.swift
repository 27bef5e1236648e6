import MirrorTypes
import StrictJSON

/// The metadata of one repository that is trusted so far, and the checks by which more becomes so: the client workflow
/// of the TUF specification 1.0.33, section 5, without any input or output.
///
/// Metadata is taken in the order root, timestamp, snapshot, targets; each step needs the one before. What a step
/// refuses changes nothing, but for a timestamp or snapshot that has only expired: that one still protects against
/// older ones.
package struct TrustedMetadata: Sendable {
  /// Whether metadata that has ceased to be good is refused.
  package enum Expiry: Sendable, Hashable {
    /// It is refused.
    case enforced
    /// It is taken: for a person who decides so, knowing the version.
    case tolerated
  }

  /// The root metadata.
  package private(set) var root: RootMetadata
  /// The fingerprint of the root metadata.
  package private(set) var rootFingerprint: Fingerprint
  /// The timestamp metadata, once taken.
  package private(set) var timestamp: TimestampMetadata?
  /// The snapshot metadata, once taken.
  package private(set) var snapshot: SnapshotMetadata?
  /// The metadata of the targets role of the top level, once taken.
  package private(set) var targets: TargetsMetadata?
  /// What has expired and was taken all the same.
  package private(set) var tolerated: [String] = []

  /// Delegated roles by name, with what is signed: the same role may be reached from several others.
  private var delegated: [String: (metadata: TargetsMetadata, signed: SignedMetadata)] = [:]
  /// The time of the whole update.
  private let now: UTCTime
  private let expiry: Expiry

  /// Begins with a root that is trusted already.
  ///
  /// Section 5.2 (load trusted root), and 5.1: the time is fixed for all that follows.
  ///
  /// - Parameters:
  ///   - bytes: the root metadata. It must be signed by its own keys; that it has expired does not matter here.
  ///   - now: the time.
  ///   - expiry: what is done about metadata that has ceased to be good.
  /// - Throws: ``TrustError``.
  package init(trustedRoot bytes: [UInt8], now: UTCTime, expiry: Expiry = .enforced) throws(TrustError) {
    self.now = now
    self.expiry = expiry
    let signed = try Self.parse(bytes, file: "root.json")
    root = try Self.body(RootMetadata.init, signed, file: "root.json")
    rootFingerprint = RootMetadata.fingerprint(of: signed)
    try Self.verify(signed, root.keys(of: .root), root.keys, file: "root.json")
  }

  // MARK: - Root

  /// Takes the next root, section 5.3.
  ///
  /// - Returns: whether the keys of the timestamp or the snapshot role are others now: what was trusted of both before
  ///   is then to be deleted (5.3.11), so that a repository recovers from versions that were driven up.
  package mutating func take(root bytes: [UInt8]) throws(TrustError) -> Bool {
    let file = "\(root.header.version + 1).root.json"
    let signed = try Self.parse(bytes, file: file)
    let next = try Self.body(RootMetadata.init, signed, file: file)
    // 5.3.4: signed by a threshold of the keys of the trusted root, and of its own.
    try Self.verify(signed, root.keys(of: .root), root.keys, file: file)
    try Self.verify(signed, next.keys(of: .root), next.keys, file: file)
    // 5.3.5: its version is exactly the next one.
    guard next.header.version == root.header.version + 1 else {
      throw .wrongVersion(file: file, expected: root.header.version + 1, found: next.header.version)
    }
    // 5.3.6: that it has expired does not matter yet: only the last one counts.
    let rotated = [TopRole.timestamp, .snapshot].contains { Self.keysDiffer($0, root, next) }
    root = next
    rootFingerprint = RootMetadata.fingerprint(of: signed)
    return rotated
  }

  private static func keysDiffer(_ role: TopRole, _ old: RootMetadata, _ new: RootMetadata) -> Bool {
    func keys(_ root: RootMetadata) -> Set<PublicKey> {
      Set(root.keys(of: role).keyIDs.compactMap { root.keys[$0] })
    }
    return keys(old) != keys(new)
  }

  /// Section 5.3.10: the last root of the chain must not have expired.
  package mutating func checkRootExpiry() throws(TrustError) { try checkExpiry(root.header, file: "root.json") }

  // MARK: - Timestamp

  /// Takes timestamp metadata, section 5.4.
  ///
  /// - Returns: whether it is newer than what was taken before; of the same version, the old one stays.
  package mutating func take(timestamp bytes: [UInt8]) throws(TrustError) -> Bool {
    let file = "timestamp.json"
    let signed = try Self.parse(bytes, file: file)
    let next = try Self.body(TimestampMetadata.init, signed, file: file)
    // 5.4.2: signed by a threshold of the keys that the root lists.
    try Self.verify(signed, root.keys(of: .timestamp), root.keys, file: file)
    if let trusted = timestamp {
      // 5.4.3.1: not older than the trusted one; the same version is not an update.
      guard next.header.version >= trusted.header.version else {
        throw .rollback(file: file, trusted: trusted.header.version, found: next.header.version)
      }
      // 5.4.3.2: nor is the snapshot metadata that it lists.
      guard next.snapshot.version >= trusted.snapshot.version else {
        throw .rollback(file: "snapshot.json", trusted: trusted.snapshot.version, found: next.snapshot.version)
      }
      if next.header.version == trusted.header.version {
        try checkExpiry(trusted.header, file: file)
        return false
      }
    }
    timestamp = next
    // 5.4.4: it has not expired.
    try checkExpiry(next.header, file: file)
    return true
  }

  // MARK: - Snapshot

  /// Takes snapshot metadata, section 5.5.
  ///
  /// - Parameter isCached: whether it was trusted before, so that it need not be the very bytes that the timestamp
  ///   lists: if it is older it is kept to compare a newer one with, and refused as an answer.
  package mutating func take(snapshot bytes: [UInt8], isCached: Bool = false) throws(TrustError) {
    let file = "snapshot.json"
    guard let timestamp else { throw .missing(file: "timestamp.json") }
    // 5.5.2: it has the length and digests that the timestamp lists.
    if !isCached { try Self.check(bytes, timestamp.snapshot, file: file) }
    let signed = try Self.parse(bytes, file: file)
    let next = try Self.body(SnapshotMetadata.init, signed, file: file)
    // 5.5.3: signed by a threshold of the keys that the root lists.
    try Self.verify(signed, root.keys(of: .snapshot), root.keys, file: file)
    // 5.5.5: every file of the trusted one is still listed, and none is older.
    for (name, trusted) in snapshot?.files ?? [:] {
      guard let listed = next.files[name] else { throw .noLongerListed(file: name) }
      guard listed.version >= trusted.version else {
        throw .rollback(file: name, trusted: trusted.version, found: listed.version)
      }
    }
    if isCached { snapshot = next }
    // 5.5.4: its version is the one that the timestamp lists.
    guard next.header.version == timestamp.snapshot.version else {
      throw .wrongVersion(file: file, expected: timestamp.snapshot.version, found: next.header.version)
    }
    if isCached { try Self.check(bytes, timestamp.snapshot, file: file) }
    snapshot = next
    // 5.5.6: it has not expired.
    try checkExpiry(next.header, file: file)
  }

  /// Whether the snapshot metadata that was taken is the one that the timestamp lists.
  private func currentSnapshot() throws(TrustError) -> SnapshotMetadata {
    guard let snapshot, let timestamp else { throw .missing(file: "snapshot.json") }
    guard snapshot.header.version == timestamp.snapshot.version else {
      throw .wrongVersion(file: "snapshot.json", expected: timestamp.snapshot.version, found: snapshot.header.version)
    }
    return snapshot
  }

  // MARK: - Targets

  /// Takes the metadata of the targets role of the top level, section 5.6.
  package mutating func take(targets bytes: [UInt8]) throws(TrustError) {
    let (metadata, _) = try verified(bytes, of: "targets", root.keys(of: .targets), root.keys)
    targets = metadata
  }

  /// Takes the metadata of a delegated role: the same checks with the keys of the role that delegates to it.
  package mutating func take(_ bytes: [UInt8], of role: String, delegatedBy delegations: Delegations) throws(TrustError)
  {
    guard let keys = delegations.keys(of: role) else { throw .notListed(file: "\(role).json") }
    delegated[role] = try verified(bytes, of: role, keys, delegations.keys)
  }

  /// A delegated role that was taken before; `nil` when it was not.
  ///
  /// It is verified against the keys of whoever delegates to it this time: another role may have delegated to it before
  /// with other keys.
  package func role(_ name: String, delegatedBy delegations: Delegations) throws(TrustError) -> TargetsMetadata? {
    guard let known = delegated[name] else { return nil }
    guard let keys = delegations.keys(of: name) else { throw .notListed(file: "\(name).json") }
    try Self.verify(known.signed, keys, delegations.keys, file: "\(name).json")
    return known.metadata
  }

  private mutating func verified(
    _ bytes: [UInt8],
    of role: String,
    _ roleKeys: RoleKeys,
    _ keys: [String: PublicKey]
  ) throws(TrustError) -> (metadata: TargetsMetadata, signed: SignedMetadata) {
    let file = "\(role).json"
    guard let facts = try currentSnapshot().files[file] else { throw .notListed(file: file) }
    // 5.6.2: it has the length and digests that the snapshot lists.
    try Self.check(bytes, facts, file: file)
    let signed = try Self.parse(bytes, file: file)
    // 5.6.3: signed by a threshold of the role's keys.
    try Self.verify(signed, roleKeys, keys, file: file)
    let metadata = try Self.body(TargetsMetadata.init, signed, file: file)
    // 5.6.4: its version is the one that the snapshot lists.
    guard metadata.header.version == facts.version else {
      throw .wrongVersion(file: file, expected: facts.version, found: metadata.header.version)
    }
    // 5.6.5: it has not expired.
    try checkExpiry(metadata.header, file: file)
    return (metadata, signed)
  }
}

// MARK: - Checks

extension TrustedMetadata {
  private mutating func checkExpiry(_ header: MetadataHeader, file: String) throws(TrustError) {
    guard header.expires <= now else { return }
    guard expiry == .tolerated else {
      throw .expired(file: file, at: header.expires, version: header.version, now: now)
    }
    if !tolerated.contains(file) { tolerated.append(file) }
  }

  private static func parse(_ bytes: [UInt8], file: String) throws(TrustError) -> SignedMetadata {
    do { return try SignedMetadata(parsing: bytes) } catch { throw .malformed(file: file, error) }
  }

  private static func body<Body>(
    _ make: (JSONObject) throws(MetadataProblem) -> Body,
    _ signed: SignedMetadata,
    file: String
  ) throws(TrustError) -> Body {
    do { return try make(signed.signed) } catch { throw .malformed(file: file, error) }
  }

  private static func verify(
    _ signed: SignedMetadata,
    _ role: RoleKeys,
    _ keys: [String: PublicKey],
    file: String
  ) throws(TrustError) {
    let tally = signed.tally(role, among: keys)
    if tally.isEnough { return }
    if tally.count == 0 && tally.invalid.isEmpty { throw .unknownKey(file: file, keys: tally.strangers) }
    throw .tooFewSignatures(file: file, valid: tally.count, threshold: tally.threshold, wrong: tally.invalid.count)
  }

  private static func check(_ bytes: [UInt8], _ facts: MetadataFileFacts, file: String) throws(TrustError) {
    if let length = facts.length, length != bytes.count {
      throw .wrongLength(file: file, expected: length, found: Int64(bytes.count))
    }
    for (name, digits) in facts.hashes where NamedHash.hex(name, of: bytes) != digits { throw .wrongHash(file: file) }
  }
}
