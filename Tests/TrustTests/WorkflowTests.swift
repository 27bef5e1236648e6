import MirrorTypes
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import Trust

/// One test for each reason for which the client refuses metadata, and for what it must not refuse.
@Suite struct WorkflowTests {
  private let stranger = SigningKey.made(999)
  private static let later: [TopRole] = [.timestamp, .snapshot, .targets]

  /// What a client that knew the repository before says of it.
  private func known(_ repository: MadeRepository) async -> MadeClient {
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "ok")
    return client
  }

  // MARK: - What is taken

  @Test func `a new client takes everything and keeps the very bytes`() async throws {
    var repository = MadeRepository()
    // Blanks at the end are no part of the metadata, but of the file.
    repository.files["timestamp.json"]? += Array(" \n".utf8)
    var client = try MetadataClient(
      cache: MemoryCache(files: ["root.json": repository.firstRoot]),
      source: repository,
      now: MadeRepository.now
    )
    let names = NameList()
    client.onVerified = { name, bytes in names.add(name, bytes.count) }
    try await client.refresh()
    #expect(names.all == ["timestamp.json", "1.snapshot.json", "1.targets.json"])
    #expect(client.cache.files["timestamp.json"] == repository.files["timestamp.json"])
    #expect(client.cache.files["snapshot.json"] == repository.files["1.snapshot.json"])
    #expect(client.cache.files["targets.json"] == repository.files["1.targets.json"])
    #expect(client.cache.files.count == 4)
    #expect(client.trusted.targets?.target(at: "top.txt")?.length == 7)
    #expect(client.trusted.targets?.target(at: "other.txt") == nil)
    #expect(try await client.target(at: "none") == nil)
    #expect(client.trusted.tolerated.isEmpty)
  }

  @Test func `a second update takes what is newer`() async {
    var repository = MadeRepository()
    var client = await known(repository)
    #expect(await client.refresh(repository) == "ok")
    repository.publish()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.cache.files["targets.json"] == repository.files["2.targets.json"])
    // Of targets metadata that did not change nothing is asked for.
    repository.publishSnapshot()
    repository.publishTimestamp()
    repository.files["2.targets.json"] = nil
    #expect(await client.refresh(repository) == "ok")
  }

  @Test func `without consistent snapshots files have plain names`() async {
    var repository = MadeRepository()
    repository.files = [:]
    repository.versions = [:]
    repository.isConsistent = false
    repository.publishRoot()
    repository.publish()
    #expect(repository.files.keys.sorted() == ["1.root.json", "snapshot.json", "targets.json", "timestamp.json"])
    var client = await known(repository)
    repository.publish()
    #expect(await client.refresh(repository) == "ok")
  }

  @Test func `lengths and digests need not be reported`() async {
    var repository = MadeRepository()
    repository.facts["targets.json"]?.length = nil
    repository.facts["targets.json"]?.hashes = [:]
    repository.publishSnapshot()
    repository.snapshotFacts.length = nil
    repository.snapshotFacts.hashes = [:]
    repository.publishTimestamp()
    _ = await known(repository)
  }

  @Test func `all digests must be right, and of functions that are known`() async {
    for (name, isRight, expected) in [
      ("sha512", true, "ok"), ("sha384", true, "ok"), ("sha512", false, "wrongHash targets.json"),
      ("blake2b-256", true, "wrongHash targets.json"),
    ] {
      var repository = MadeRepository()
      let bytes = repository.files["1.targets.json"] ?? []
      repository.facts["targets.json"]?.hashes[name] = NamedHash.hex(name, of: isRight ? bytes : []) ?? "00"
      repository.publishSnapshot()
      repository.publishTimestamp()
      var client = MadeClient(repository)
      #expect(await client.refresh(repository) == expected, "\(name)")
    }
  }

  // MARK: - Signatures

  private func published(_ role: TopRole, by signers: [SigningKey], in repository: inout MadeRepository) {
    switch role {
    case .root: repository.publishRoot(by: signers)
    case .targets:
      repository.publishTargets(by: signers)
      repository.publishSnapshot()
      repository.publishTimestamp()
    case .snapshot:
      repository.publishSnapshot(by: signers)
      repository.publishTimestamp()
    case .timestamp: repository.publishTimestamp(by: signers)
    }
  }

  private func file(_ role: TopRole, _ version: Int) -> String {
    role == .root ? "\(version).root.json" : "\(role.rawValue).json"
  }

  @Test(arguments: TopRole.allCases)
  func `a key that the role does not have is refused`(role: TopRole) async {
    var repository = MadeRepository()
    var client = await known(repository)
    let before = client.cache.files
    published(role, by: [stranger], in: &repository)
    #expect(await client.refresh(repository) == "unknownKey \(file(role, 2))")
    #expect(client.cache.files[file(role, 2)] == before[file(role, 2)])
    // Nor has another role's key a say.
    let others = TopRole.allCases.filter { $0 != role }.flatMap { repository.keys[$0] ?? [] }
    published(role, by: others, in: &repository)
    if role != .root { #expect(await client.refresh(repository) == "unknownKey \(file(role, 2))") }
    published(role, by: [], in: &repository)
    if role != .root { #expect(await client.refresh(repository) == "unknownKey \(file(role, 2))") }
  }

  @Test(arguments: TopRole.allCases)
  func `one signature of two that are needed is too few`(role: TopRole) async {
    let (first, second) = (SigningKey.made(1), SigningKey.made(2))
    var repository = MadeRepository()
    repository.files = [:]
    repository.versions = [:]
    repository.keys[role] = [first, second, .made(3)]
    repository.thresholds[role] = 2
    repository.publishRoot()
    repository.publish()
    var client = await known(repository)
    published(role, by: [first, stranger], in: &repository)
    #expect(await client.refresh(repository) == "tooFewSignatures \(file(role, 2)) 1/2 wrong 0")
    if role == .root { repository.versions[.root] = 1 }
    published(role, by: [first, second], in: &repository)
    #expect(await client.refresh(repository) == "ok")
  }

  @Test(arguments: later)
  func `a signature over something else counts as wrong`(role: TopRole) async throws {
    var repository = MadeRepository()
    var client = MadeClient(repository)
    let name = role == .timestamp ? "timestamp.json" : "1.\(role.rawValue).json"
    let original = try SignedMetadata(parsing: try #require(repository.files[name]))
    var body = original.signed
    body["x"] = 1
    var forged = SignedMetadata(body)
    forged.add(original.signatures)
    repository.files[name] = forged.serialized
    if role == .targets { repository.facts["targets.json"] = MetadataFileFacts(version: 1, of: forged.serialized) }
    if role == .targets { repository.publishSnapshot() }
    if role == .snapshot { repository.snapshotFacts = MetadataFileFacts(version: 1, of: forged.serialized) }
    if role != .timestamp { repository.publishTimestamp() }
    #expect(await client.refresh(repository) == "tooFewSignatures \(file(role, 1)) 0/1 wrong 1")
    #expect(client.cache.files[file(role, 1)] == nil)
  }

  @Test(arguments: [false, true])
  func `one key under two identifiers counts once`(isSpeltOtherwise: Bool) async throws {
    let key = SigningKey.made(5)
    var alias = key.publicObject
    if isSpeltOtherwise {
      let hex = try #require(alias["keyval"]?.object?["public"]?.string)
      alias["keyval"] = .object(["public": .string(hex.uppercased())])
    }
    let listed = alias
    var repository = MadeRepository()
    repository.files = [:]
    repository.versions = [:]
    repository.keys[.timestamp] = [key]
    repository.edits[.root] = { root in
      var (keys, roles) = (root["keys"]?.object ?? JSONObject(), root["roles"]?.object ?? JSONObject())
      keys["alias"] = .object(listed)
      roles["timestamp"] = .object(["keyids": .array([.string(key.id), "alias"]), "threshold": 2])
      root["keys"] = .object(keys)
      root["roles"] = .object(roles)
    }
    repository.publishRoot()
    repository.publish()
    var twice = try SignedMetadata(parsing: try #require(repository.files["timestamp.json"]))
    twice.add([MetadataSignature(keyID: "alias", bytes: try #require(twice.signatures.first).bytes)])
    repository.files["timestamp.json"] = twice.serialized
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "tooFewSignatures timestamp.json 1/2 wrong 0")
  }

  @Test func `two signatures of one identifier are malformed`() async throws {
    var repository = MadeRepository()
    let text = String(decoding: try #require(repository.files["timestamp.json"]), as: UTF8.self)
    let entry = try #require(
      text.firstRange(of: "]").map { text[..<$0.lowerBound].dropFirst("{\"signatures\":[".count) }
    )
    repository.files["timestamp.json"] =
      Array("{\"signatures\":[\(entry),\(entry)".utf8) + text.dropFirst(15 + entry.count).utf8
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "malformed timestamp.json")
  }

  @Test func `signatures that are none do no harm beside good ones`() async throws {
    var repository = MadeRepository()
    var metadata = try SignedMetadata(parsing: try #require(repository.files["timestamp.json"]))
    metadata.add([MetadataSignature(keyID: "unknown", bytes: []), MetadataSignature(keyID: "x", bytes: [1, 2, 3])])
    repository.files["timestamp.json"] = metadata.serialized
    _ = await known(repository)
  }

  // MARK: - Expiry

  @Test(arguments: TopRole.allCases)
  func `what has expired is refused, or tolerated and told`(role: TopRole) async {
    for (age, isExpired) in [(-1 as Int64, true), (0, true), (1, false)] {
      var repository = MadeRepository()
      repository.files = [:]
      repository.versions = [:]
      repository.expiries[role] = MadeRepository.now.adding(seconds: age)
      repository.publishRoot()
      repository.publish()
      var client = MadeClient(repository)
      #expect(await client.refresh(repository) == (isExpired ? "expired \(role.rawValue).json \(age) 1" : "ok"))
      if isExpired && role != .root { #expect(client.cache.files["\(role.rawValue).json"] == nil) }
      client.expiry = .tolerated
      #expect(await client.refresh(repository) == "ok")
      #expect(client.trusted?.tolerated == (isExpired ? ["\(role.rawValue).json"] : []))
    }
  }

  @Test func `what was kept expires too`() async {
    let repository = MadeRepository()
    var client = await known(repository)
    client.now = client.now.adding(seconds: 86_400)
    #expect(await client.refresh(repository) == "expired root.json 86400 1")
  }

  @Test func `a root that has expired leads to one that has not`() async {
    var repository = MadeRepository()
    repository.files = [:]
    repository.versions = [:]
    repository.expiries[.root] = MadeRepository.now - 1
    repository.publishRoot()
    repository.expiries[.root] = nil
    repository.publishRoot()
    repository.publish()
    _ = await known(repository)
  }

  @Test func `expired metadata still protects against older one`() async throws {
    var repository = MadeRepository()
    let old = try #require(repository.files["timestamp.json"])
    repository.expiries[.timestamp] = MadeRepository.now - 1
    repository.publishTimestamp()
    var trusted = try TrustedMetadata(trustedRoot: repository.firstRoot, now: MadeRepository.now)
    var outline = ""
    do throws(TrustError) { _ = try trusted.take(timestamp: repository.files["timestamp.json"] ?? []) } catch {
      outline = error.outline
    }
    #expect(outline == "expired timestamp.json -1 2")
    do throws(TrustError) { _ = try trusted.take(timestamp: old) } catch { outline = error.outline }
    #expect(outline == "rollback timestamp.json 2 1")
  }

  // MARK: - Rollback

  @Test func `an older timestamp is refused`() async {
    var repository = MadeRepository()
    let old = repository.files["timestamp.json"]
    repository.publishTimestamp()
    var client = await known(repository)
    repository.files["timestamp.json"] = old
    #expect(await client.refresh(repository) == "rollback timestamp.json 2 1")
    #expect(client.cache.files["timestamp.json"] != old)
  }

  @Test func `a timestamp of the same version is no update`() async {
    var repository = MadeRepository()
    var client = await known(repository)
    let before = client.cache.files
    repository.versions[.timestamp] = 0
    repository.expiries[.timestamp] = MadeRepository.now + 5
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.cache.files == before)
  }

  @Test func `an older snapshot is refused`() async {
    var repository = MadeRepository()
    let old = repository.snapshotFacts
    repository.publish()
    var client = await known(repository)
    repository.snapshotFacts = old
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "rollback snapshot.json 2 1")
  }

  @Test func `older targets metadata is refused`() async {
    var repository = MadeRepository()
    let old = repository.facts
    repository.publish()
    var client = await known(repository)
    let before = client.cache.files["snapshot.json"]
    repository.facts = old
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "rollback targets.json 2 1")
    #expect(client.cache.files["snapshot.json"] == before)
  }

  @Test func `an older delegated role, or one that is gone, is refused`() async {
    let key = SigningKey.made(50)
    var repository = MadeRepository()
    repository.delegations = MadeRepository.delegations([("a", key, ["paths": .array(["*"])])])
    repository.publish(role: "a", version: 2, [MadeRepository.file("x")], by: [key])
    repository.publish()
    var client = await known(repository)
    #expect(await client.find("x", in: repository) == "7")
    repository.publish(role: "a", version: 1, [MadeRepository.file("x")], by: [key])
    repository.publish()
    #expect(await client.refresh(repository) == "rollback a.json 2 1")
    repository.facts["a.json"] = nil
    repository.publish()
    #expect(await client.refresh(repository) == "noLongerListed a.json")
    repository.publish(role: "a", version: 2, [MadeRepository.file("x")], by: [key])
    repository.publish()
    #expect(await client.refresh(repository) == "ok")
  }

  // MARK: - Mix and match

  @Test func `other bytes than those that are listed are refused`() async throws {
    for role in [TopRole.snapshot, .targets] {
      let name = "2.\(role.rawValue).json"
      var repository = MadeRepository()
      repository.publish()
      let genuine = try #require(repository.files[name])
      let other = try #require(repository.files["1.\(role.rawValue).json"])
      var client = MadeClient(repository)
      // The one before, of the same length.
      repository.files[name] = other
      #expect(genuine.count == other.count)
      #expect(await client.refresh(repository) == "wrongHash \(role.rawValue).json")
      repository.files[name] = genuine.dropLast()
      #expect(await client.refresh(repository) == "wrongLength \(role.rawValue).json")
      repository.files[name] = genuine + [0x20]
      #expect(await client.refresh(repository) == "tooLarge \(name) \(genuine.count)")
      #expect(client.cache.files["\(role.rawValue).json"] == nil)
      repository.files[name] = genuine
      #expect(await client.refresh(repository) == "ok")
    }
  }

  @Test func `another version than the one that is listed is refused`() async {
    var repository = MadeRepository()
    repository.publish()
    repository.snapshotFacts = MetadataFileFacts(version: 2, of: repository.files["1.snapshot.json"] ?? [])
    repository.files["2.snapshot.json"] = repository.files["1.snapshot.json"]
    repository.publishTimestamp()
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "wrongVersion snapshot.json 2 1")
    repository.facts["targets.json"] = MetadataFileFacts(version: 3, of: repository.files["1.targets.json"] ?? [])
    repository.files["3.targets.json"] = repository.files["1.targets.json"]
    repository.publishSnapshot()
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "wrongVersion targets.json 3 1")
  }

  @Test(arguments: [
    ("timestamp", "1.targets"), ("1.snapshot", "timestamp"), ("1.targets", "1.snapshot"), ("2.root", "1.targets"),
  ])
  func `metadata of another role is malformed`(place: String, other: String) async {
    var repository = MadeRepository()
    // All roles have one key, so that only what the metadata says tells it apart.
    for role in TopRole.allCases { repository.keys[role] = [.made(1)] }
    repository.versions = [:]
    repository.publishWithoutDigests()
    var client = await known(repository)
    client.cache.files = ["root.json": repository.firstRoot]
    repository.files["\(place).json"] = repository.files["\(other).json"]
    let file = place == "2.root" ? "2.root" : place.split(separator: ".").last.map(String.init) ?? ""
    #expect(await client.refresh(repository) == "malformed \(file).json")
  }

  // MARK: - Sizes, absences and failures

  @Test func `more bytes than a bound are refused`() async {
    var repository = MadeRepository()
    repository.publishRoot()
    repository.facts["targets.json"]?.length = nil
    repository.publishSnapshot()
    repository.snapshotFacts.length = nil
    repository.publishTimestamp()
    func outline(_ change: (inout MetadataLimits) -> Void) async -> String {
      var client = MadeClient(repository)
      change(&client.limits)
      return await client.refresh(repository)
    }
    #expect(await outline { _ in } == "ok")
    #expect(await outline { $0.root = 10 } == "tooLarge 2.root.json 10")
    #expect(await outline { $0.timestamp = 11 } == "tooLarge timestamp.json 11")
    #expect(await outline { $0.snapshot = 12 } == "tooLarge 2.snapshot.json 12")
    #expect(await outline { $0.targets = 13 } == "tooLarge 1.targets.json 13")
  }

  @Test func `a length that is reported is a bound, and has one itself`() async {
    var repository = MadeRepository()
    func outline(_ change: (inout MetadataLimits) -> Void) async -> String {
      var client = MadeClient(repository)
      change(&client.limits)
      return await client.refresh(repository)
    }
    // Told lengths replace the bounds for metadata of unknown length.
    #expect(await outline { $0.snapshot = 1 } == "ok")
    #expect(await outline { $0.targets = 1 } == "ok")
    #expect(await outline { $0.listed = 20 } == "tooLarge 1.snapshot.json 20")
    repository.snapshotFacts.length = 1 << 46
    repository.publishTimestamp()
    #expect(await outline { _ in } == "tooLarge 1.snapshot.json \(256 << 20)")
    // No file is longer than that, whoever says so.
    repository.snapshotFacts.length = .max
    repository.publishTimestamp()
    #expect(await outline { _ in }.hasPrefix("malformed timestamp.json"))
  }

  @Test func `what is absent or fails is reported`() async {
    for name in ["timestamp.json", "1.snapshot.json", "1.targets.json"] {
      var repository = MadeRepository()
      repository.broken = [name]
      var client = MadeClient(repository)
      #expect(await client.refresh(repository) == "source \(name)")
      repository.broken = []
      repository.files[name] = nil
      #expect(await client.refresh(repository) == "missing \(name)")
    }
    var repository = MadeRepository()
    repository.broken = ["2.root.json"]
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "source 2.root.json")
    repository.broken = []
    client.cache.isFull = true
    #expect(await client.refresh(repository) == "cache timestamp.json")
    client.cache.files = [:]
    #expect(await client.refresh(repository) == "missing root.json")
  }

  @Test(arguments: ["", "x", "{}", "{\"signed\":{},\"signatures\":[]}", "\u{FEFF}{}", "<html>"])
  func `what is no metadata is malformed`(_ text: String) async {
    for (name, file) in [
      ("timestamp.json", "timestamp.json"), ("1.snapshot.json", "snapshot.json"), ("1.targets.json", "targets.json"),
      ("2.root.json", "2.root.json"),
    ] {
      var repository = MadeRepository()
      repository.facts["targets.json"]?.length = nil
      repository.facts["targets.json"]?.hashes = [:]
      repository.versions[.snapshot] = 0
      repository.publishSnapshot()
      repository.snapshotFacts.length = nil
      repository.snapshotFacts.hashes = [:]
      repository.publishTimestamp()
      repository.files[name] = Array(text.utf8)
      var client = MadeClient(repository)
      let outline = await client.refresh(repository)
      // Without a signature of the role the targets metadata is not looked at.
      let isUnsigned = file == "targets.json" && text.contains("signed")
      #expect(outline == (isUnsigned ? "unknownKey \(file)" : "malformed \(file)"))
      client.cache.files["root.json"] = Array(text.utf8)
      #expect(await client.refresh(repository) == "malformed root.json")
    }
  }

  // MARK: - What is kept

  @Test func `what was changed on the disk is fetched again`() async {
    let repository = MadeRepository()
    let client = await known(repository)
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
      for damage in [[], Array("{}".utf8), client.cache.files[name].map { $0.dropLast() + [0] } ?? []] as [[UInt8]] {
        var damaged = client
        damaged.cache.files[name] = damage
        #expect(await damaged.refresh(repository) == "ok")
        if name != "timestamp.json" { #expect(damaged.cache.files == client.cache.files) }
      }
    }
  }

  @Test func `nothing unverified is ever kept`() async {
    var random = SeededGenerator(0xCAC4E)
    var repository = MadeRepository()
    let old = repository.files
    repository.publishRoot()
    repository.publish()
    let genuine = Set(repository.files.values).union(old.values)
    for name in repository.files.keys.sorted() where !name.hasPrefix("1.") {
      for _ in 0..<40 {
        var changed = repository
        let count = changed.files[name]?.count ?? 1
        changed.files[name]?[Int.random(in: 0..<count, using: &random)] ^= 1 << UInt8.random(in: 0..<7, using: &random)
        var client = MadeClient(repository)
        if Bool.random(using: &random) {
          var before = repository
          before.files = old
          #expect(await client.refresh(before) == "ok")
        }
        let outline = await client.refresh(changed)
        for (kept, bytes) in client.cache.files where !genuine.contains(bytes) {
          // Digits of either case, and fields beside those of a signature, are not signed.
          let parsed = try? SignedMetadata(parsing: bytes)
          let original = repository.files[name].flatMap { try? SignedMetadata(parsing: $0) }
          #expect(parsed?.canonical == original?.canonical, "\(kept) after \(outline)")
        }
      }
    }
  }

  // MARK: - Unknown fields

  @Test func `unknown fields survive another signature`() throws {
    let json = """
      {"signatures": [{"keyid": "old", "sig": "0aff"}],
       "signed": {"_type": "root", "z-custom": {"b": [1, null, true], "a": "\\u0001é😀"}, "version": 1}}
      """
    var metadata = try SignedMetadata(parsing: Array(json.utf8))
    let before = metadata.canonical
    let key = SigningKey.made(1)
    try metadata.sign(with: key)
    try metadata.sign(with: key)
    let read = try SignedMetadata(parsing: metadata.serialized)
    #expect(read.canonical == before)
    #expect(read.signed == metadata.signed)
    #expect(read.signatures.map(\.keyID) == ["old", key.id])
    #expect(read.signatures.first?.bytes == [0x0A, 0xFF])
    let tally = read.tally(RoleKeys(keyIDs: ["old", key.id], threshold: 1), among: [key.id: try key.publicKey()])
    #expect(tally.isEnough)
    #expect(tally.valid == [key.id])
    var copy = SignedMetadata(read.signed)
    copy.add(read.signatures)
    copy.add([MetadataSignature(keyID: "old", bytes: [1])])
    #expect(copy.signatures.map(\.bytes) == [read.signatures[1].bytes, [1]])
  }

  @Test func `unknown fields of a root are kept in the next one`() throws {
    let earlier: JSONObject = ["x-note": "kept", "version": 7]
    let root = MetadataMaker.root(MetadataHeader(version: 8, expires: 0), roles: [:], from: earlier)
    #expect(root.signed["x-note"] == "kept")
    #expect(root.signed["version"] == 8)
  }

  @Test func `a fingerprint of a root does not change with its signatures`() throws {
    let repository = MadeRepository()
    var root = try SignedMetadata(parsing: repository.firstRoot)
    let before = RootMetadata.fingerprint(of: root)
    try root.sign(with: stranger)
    #expect(RootMetadata.fingerprint(of: root) == before)
    let trusted = try TrustedMetadata(trustedRoot: root.serialized, now: 0)
    #expect(trusted.rootFingerprint == before)
  }
}

/// Names that a closure collects.
final class NameList: Sendable {
  private let names = Mutex<[String]>([])
  var all: [String] { names.withLock { $0 } }
  func add(_ name: String, _ count: Int) { names.withLock { if count > 0 { $0.append(name) } } }
}
