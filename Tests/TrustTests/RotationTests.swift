import Testing

@testable import Trust

/// How a client follows changes of keys.
@Suite struct RotationTests {
  private static let old = (1...3).map { SigningKey.made($0) }
  private static let new = (11...13).map { SigningKey.made($0) }

  /// A repository whose root needs two of three keys.
  private func repository() -> MadeRepository {
    var repository = MadeRepository()
    repository.files = [:]
    repository.versions = [:]
    repository.keys[.root] = Self.old
    repository.thresholds[.root] = 2
    repository.publishRoot()
    repository.publish()
    return repository
  }

  struct Signers: Sendable, CustomTestStringConvertible {
    let old: Int
    let new: Int
    let outcome: String
    var testDescription: String { "\(old) old and \(new) new: \(outcome)" }
  }

  @Test(
    arguments: [
      Signers(old: 2, new: 2, outcome: "ok"), Signers(old: 3, new: 3, outcome: "ok"),
      Signers(old: 0, new: 3, outcome: "unknownKey 2.root.json"),
      Signers(old: 1, new: 3, outcome: "tooFewSignatures 2.root.json 1/2 wrong 0"),
      Signers(old: 3, new: 0, outcome: "unknownKey 2.root.json"),
      Signers(old: 3, new: 1, outcome: "tooFewSignatures 2.root.json 1/2 wrong 0"),
      Signers(old: 0, new: 0, outcome: "unknownKey 2.root.json"),
    ]
  )
  func `a new root needs a threshold of the old keys and of its own`(_ signers: Signers) async {
    var repository = repository()
    var client = MadeClient(repository)
    repository.keys[.root] = Self.new
    repository.publishRoot(by: Array(Self.old.prefix(signers.old) + Self.new.prefix(signers.new)))
    #expect(await client.refresh(repository) == signers.outcome)
    let isTaken = signers.outcome == "ok"
    #expect(client.cache.files["root.json"] == repository.files[isTaken ? "2.root.json" : "1.root.json"])
    #expect(client.cache.files.count == (isTaken ? 4 : 1))
  }

  @Test func `a threshold goes up and down by both rules`() async {
    var repository = repository()
    var client = MadeClient(repository)
    repository.thresholds[.root] = 3
    repository.publishRoot(by: Array(Self.old.prefix(2)))
    #expect(await client.refresh(repository) == "tooFewSignatures 2.root.json 2/3 wrong 0")
    repository.versions[.root] = 1
    repository.publishRoot()
    repository.thresholds[.root] = 1
    repository.publishRoot(by: Array(Self.old.prefix(2)))
    #expect(await client.refresh(repository) == "tooFewSignatures 3.root.json 2/3 wrong 0")
    // What was verified before is kept.
    #expect(client.cache.files["root.json"] == repository.files["2.root.json"])
    repository.versions[.root] = 2
    repository.publishRoot()
    #expect(await client.refresh(repository) == "ok")
  }

  @Test(arguments: [1, 3, 4, 1000])
  func `a root of another version than the next is refused`(version: Int) async {
    var repository = repository()
    var client = MadeClient(repository)
    repository.versions[.root] = version - 1
    repository.publishRoot()
    repository.files["2.root.json"] = repository.files["\(version).root.json"]
    if version == 1 { repository.files["1.root.json"] = client.cache.files["root.json"] }
    #expect(await client.refresh(repository) == "wrongVersion 2.root.json 2 \(version)")
    #expect(client.cache.files.count == 1)
  }

  @Test func `a root that skips one is not looked for`() async {
    var repository = repository()
    var client = MadeClient(repository)
    repository.versions[.root] = 2
    repository.publishRoot()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.trusted?.root.header.version == 1)
  }

  @Test func `the first root is trusted only if its own keys have signed it`() async {
    var repository = repository()
    var client = MadeClient(repository)
    repository.versions[.root] = 0
    repository.publishRoot(by: [Self.old[0]])
    client.cache.files["root.json"] = repository.firstRoot
    #expect(await client.refresh(repository) == "tooFewSignatures root.json 1/2 wrong 0")
  }

  // MARK: - Other roles

  @Test(arguments: [TopRole.timestamp, .snapshot, .targets])
  func `a role's old keys are no good once the root has others`(role: TopRole) async {
    var repository = repository()
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "ok")
    repository.keys[role] = [.made(70)]
    repository.publishRoot()
    #expect(await client.refresh(repository) == "unknownKey \(role.rawValue).json")
    repository.publish()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.cache.files["\(role.rawValue).json"]?.isEmpty == false)
  }

  @Test func `versions that a thief drove up are forgotten with the keys of the timestamp`() async {
    var repository = repository()
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "ok")
    let honest = repository
    repository.versions[.timestamp] = 1_000_000
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "ok")
    // With the same keys there is no way back.
    repository = honest
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "rollback timestamp.json 1000001 2")
    // With others there is.
    repository.keys[.timestamp] = [.made(71)]
    repository.publishRoot()
    repository.versions[.timestamp] = 1
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.cache.files["timestamp.json"] == repository.files["timestamp.json"])
  }

  @Test func `versions that a thief drove up are forgotten with the keys of the snapshot`() async {
    var repository = repository()
    var client = MadeClient(repository)
    let honest = repository
    repository.versions[.snapshot] = 1_000_000
    repository.facts["targets.json"]?.version = 1_000_000
    repository.publishSnapshot()
    repository.publishTimestamp()
    // The targets metadata is not there, but timestamp and snapshot are taken.
    #expect(await client.refresh(repository) == "missing 1000000.targets.json")
    repository = honest
    repository.versions[.timestamp] = 5
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "rollback snapshot.json 1000001 1")
    repository.keys[.snapshot] = [.made(72)]
    repository.publishRoot()
    repository.publish()
    #expect(await client.refresh(repository) == "ok")
    #expect(client.trusted?.snapshot?.header.version == 2)
  }

  @Test func `a new root without new keys forgets nothing`() async {
    var repository = repository()
    var client = MadeClient(repository)
    let old = repository.files["timestamp.json"]
    repository.publishTimestamp()
    #expect(await client.refresh(repository) == "ok")
    repository.publishRoot()
    repository.files["timestamp.json"] = old
    #expect(await client.refresh(repository) == "rollback timestamp.json 2 1")
  }

  // MARK: - Long chains

  @Test func `no more than 256 roots are followed in one update`() async {
    var repository = MadeRepository()
    for _ in 2...300 { repository.publishRoot() }
    var client = MadeClient(repository)
    #expect(await client.refresh(repository) == "ok")
    #expect(client.trusted?.root.header.version == 257)
    #expect(client.cache.files["root.json"] == repository.files["257.root.json"])
    #expect(await client.refresh(repository) == "ok")
    #expect(client.trusted?.root.header.version == 300)
  }

  @Test func `only the last root of a chain must not have expired`() async {
    var repository = MadeRepository()
    for version in 2...5 {
      repository.expiries[.root] = version == 5 ? nil : MadeRepository.now.adding(seconds: -1)
      repository.publishRoot()
    }
    var client = MadeClient(repository)
    client.limits.rootRotations = 2
    #expect(await client.refresh(repository) == "expired root.json -1 3")
    #expect(await client.refresh(repository) == "ok")
    #expect(client.trusted?.root.header.version == 5)
  }
}
