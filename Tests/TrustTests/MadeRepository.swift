import MirrorTypes
import StrictJSON

@testable import Trust

/// A repository in memory, made for a test, whose metadata can be wrong in any way.
struct MadeRepository: MetadataSource {
  /// The time at which clients look at it.
  static let now = UTCTime(seconds: 1_795_470_000)

  /// The files by name, as clients ask for them.
  var files: [String: [UInt8]] = [:]
  /// The keys that roles have and sign with.
  var keys: [TopRole: [SigningKey]]
  /// How many keys have to sign, where it is not one.
  var thresholds: [TopRole: Int] = [:]
  /// The versions of what was published last.
  var versions: [TopRole: Int] = [:]
  /// When metadata ceases to be good, where it is not in a day.
  var expiries: [TopRole: UTCTime] = [:]
  /// What is done to the signed parts before they are signed.
  var edits: [TopRole: @Sendable (inout JSONObject) -> Void] = [:]
  /// Whether files carry their versions in their names.
  var isConsistent = true
  /// What the targets role lists.
  var targets = [MadeRepository.file("top.txt")]
  /// The targets role's delegations.
  var delegations: JSONObject?
  /// What the snapshot lists.
  var facts: [String: MetadataFileFacts] = [:]

  /// A repository of which everything is published once.
  init() {
    keys = [:]
    for (number, role) in TopRole.allCases.enumerated() { keys[role] = [.made(100 + number)] }
    publishRoot()
    publish()
  }

  // MARK: - As a source

  /// What fails instead of being read.
  var broken: Set<String> = []

  struct Broken: Error {}

  func metadata(named name: String, atMost limit: Int) throws -> [UInt8]? {
    if broken.contains(name) { throw Broken() }
    return files[name]
  }

  // MARK: - Publishing

  /// A made-up file at a path.
  static func file(_ path: String, _ content: String = "content") -> TargetFile {
    let bytes = Array(content.utf8)
    return TargetFile(path: path, length: Int64(bytes.count), sha256: .sha256(of: bytes))
  }

  /// The bytes of metadata that some keys have signed.
  static func signed(_ metadata: SignedMetadata, by keys: [SigningKey]) -> [UInt8] {
    var metadata = metadata
    for key in keys {
      do { try metadata.sign(with: key) } catch { preconditionFailure("\(error)") }
    }
    return metadata.serialized
  }

  /// The name under which a role's metadata is published.
  func name(of role: String, version: Int) -> String { isConsistent ? "\(version).\(role).json" : "\(role).json" }

  private mutating func nextHeader(_ role: TopRole) -> MetadataHeader {
    versions[role, default: 0] += 1
    return MetadataHeader(version: versions[role] ?? 0, expires: expiries[role] ?? Self.now.adding(seconds: 86_400))
  }

  private func finished(_ metadata: SignedMetadata, _ role: TopRole, _ signers: [SigningKey]?) -> [UInt8] {
    var body = metadata.signed
    edits[role]?(&body)
    return Self.signed(SignedMetadata(body), by: signers ?? keys[role] ?? [])
  }

  /// Publishes the next root.
  mutating func publishRoot(by signers: [SigningKey]? = nil) {
    let header = nextHeader(.root)
    var roles: [TopRole: MetadataMaker.RoleDraft] = [:]
    for (role, keys) in keys {
      let listed = Dictionary(keys.map { ($0.id, $0.publicObject) }) { first, _ in first }
      roles[role] = .init(keys: listed, threshold: thresholds[role] ?? 1)
    }
    let earlier: JSONObject = ["consistent_snapshot": .bool(isConsistent)]
    let root = MetadataMaker.root(header, roles: roles, from: earlier)
    files["\(header.version).root.json"] = finished(root, .root, signers)
  }

  /// Publishes the next targets, snapshot and timestamp.
  mutating func publish() {
    publishTargets()
    publishSnapshot()
    publishTimestamp()
  }

  /// Publishes the next targets metadata.
  mutating func publishTargets(by signers: [SigningKey]? = nil) {
    let header = nextHeader(.targets)
    guard let made = try? MetadataMaker.targets(header, targets) else { preconditionFailure("a path is there twice") }
    var body = made.signed
    if let delegations { body["delegations"] = .object(delegations) }
    let bytes = finished(SignedMetadata(body), .targets, signers)
    files[name(of: "targets", version: header.version)] = bytes
    facts["targets.json"] = MetadataFileFacts(version: header.version, of: bytes)
  }

  /// Publishes the next snapshot metadata.
  mutating func publishSnapshot(by signers: [SigningKey]? = nil) {
    let header = nextHeader(.snapshot)
    let bytes = finished(MetadataMaker.snapshot(header, files: facts), .snapshot, signers)
    files[name(of: "snapshot", version: header.version)] = bytes
    snapshotFacts = MetadataFileFacts(version: header.version, of: bytes)
  }

  /// What the timestamp says of the snapshot.
  var snapshotFacts = MetadataFileFacts(version: 1, of: [])

  /// Publishes the next timestamp metadata.
  mutating func publishTimestamp(by signers: [SigningKey]? = nil) {
    let metadata = MetadataMaker.timestamp(nextHeader(.timestamp), snapshot: snapshotFacts)
    files["timestamp.json"] = finished(metadata, .timestamp, signers)
  }

  /// Publishes all of it anew, none with its digest listed, so that its signatures alone protect it.
  mutating func publishWithoutDigests() {
    publishRoot()
    publishTargets()
    facts["targets.json"]?.length = nil
    facts["targets.json"]?.hashes = [:]
    publishSnapshot()
    snapshotFacts.length = nil
    snapshotFacts.hashes = [:]
    publishTimestamp()
  }

  /// Publishes the metadata of a delegated role; the snapshot must follow.
  mutating func publish(
    role: String,
    version: Int = 1,
    _ targets: [TargetFile] = [],
    delegations: JSONObject? = nil,
    expires: UTCTime = Self.now.adding(seconds: 86_400),
    by signers: [SigningKey]
  ) {
    let header = MetadataHeader(version: version, expires: expires)
    guard let made = try? MetadataMaker.targets(header, targets) else { preconditionFailure("a path is there twice") }
    var body = made.signed
    if let delegations { body["delegations"] = .object(delegations) }
    let bytes = Self.signed(SignedMetadata(body), by: signers)
    files[name(of: PercentEncoding.encoded(role, slash: true), version: version)] = bytes
    facts["\(role).json"] = MetadataFileFacts(version: version, of: bytes)
  }

  /// Delegations to these roles.
  static func delegations(_ roles: [(name: String, key: SigningKey, fields: JSONObject)]) -> JSONObject {
    var keys = JSONObject()
    var listed: [JSONValue] = []
    for role in roles {
      keys[role.key.id] = .object(role.key.publicObject)
      var object: JSONObject = [
        "name": .string(role.name), "keyids": .array([.string(role.key.id)]), "threshold": 1, "terminating": false,
      ]
      for member in role.fields.members { object[member.name] = member.value }
      listed.append(.object(object))
    }
    return ["keys": .object(keys), "roles": .array(listed)]
  }

  /// The first root.
  var firstRoot: [UInt8] { files["1.root.json"] ?? [] }
}

/// Trusted metadata in memory.
struct MemoryCache: MetadataCache {
  var files: [String: [UInt8]] = [:]
  var isFull = false

  struct Full: Error {}

  func load(_ name: String) -> [UInt8]? { files[name] }

  mutating func save(_ name: String, _ bytes: [UInt8]) throws {
    if isFull { throw Full() }
    files[name] = bytes
  }

  mutating func remove(_ name: String) { files[name] = nil }
}

extension TrustError {
  /// The case and what matters of it, to be compared.
  var outline: String {
    switch self {
    case .missing(let file): "missing \(file)"
    case .tooLarge(let file, let limit): "tooLarge \(file) \(limit)"
    case .wrongLength(let file, _, _): "wrongLength \(file)"
    case .wrongHash(let file): "wrongHash \(file)"
    case .malformed(let file, _): "malformed \(file)"
    case .unknownKey(let file, _): "unknownKey \(file)"
    case .tooFewSignatures(let file, let valid, let threshold, let wrong):
      "tooFewSignatures \(file) \(valid)/\(threshold) wrong \(wrong)"
    case .wrongVersion(let file, let expected, let found): "wrongVersion \(file) \(expected) \(found)"
    case .rollback(let file, let trusted, let found): "rollback \(file) \(trusted) \(found)"
    case .noLongerListed(let file): "noLongerListed \(file)"
    case .notListed(let file): "notListed \(file)"
    case .expired(let file, let at, let version, _):
      "expired \(file) \(at.seconds(since: MadeRepository.now)) \(version)"
    case .source(let file, _): "source \(file)"
    case .cache(let file, _): "cache \(file)"
    }
  }
}

/// A client that remembers what it trusts from one update to the next.
struct MadeClient {
  var cache: MemoryCache
  var now = MadeRepository.now
  var expiry = TrustedMetadata.Expiry.enforced
  var limits = MetadataLimits()
  /// The metadata that was trusted after the last update.
  private(set) var trusted: TrustedMetadata?

  /// A client that trusts the first root of a repository.
  init(_ repository: MadeRepository) { cache = MemoryCache(files: ["root.json": repository.firstRoot]) }

  /// Updates; what was wrong, or `ok`.
  mutating func refresh(_ repository: MadeRepository) async -> String {
    do throws(TrustError) {
      var client = try MetadataClient(cache: cache, source: repository, now: now, expiry: expiry, limits: limits)
      defer {
        cache = client.cache
        trusted = client.trusted
      }
      try await client.refresh()
      return "ok"
    } catch {
      // Whatever it is, it can be said.
      return error.description.isEmpty ? "" : error.outline
    }
  }

  /// Updates and looks for a file: its length, what was wrong, or `none`.
  mutating func find(_ path: String, in repository: MadeRepository) async -> String {
    do throws(TrustError) {
      var client = try MetadataClient(cache: cache, source: repository, now: now, expiry: expiry, limits: limits)
      defer { cache = client.cache }
      try await client.refresh()
      return try await client.target(at: path).map { "\($0.length)" } ?? "none"
    } catch {
      return error.outline
    }
  }
}
