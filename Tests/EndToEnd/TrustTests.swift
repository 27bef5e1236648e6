import Foundation
import SystemPackage
import Testing

/// Whose bundles are taken, for how long, and where.
@Suite struct TrustTests {
  /// A little world with one snapshot on the connected side.
  private func prepared(trusting: Bool = true, seed: UInt64 = 1) async throws -> World {
    let world = try World(files: 24, meanSize: 400, seed: seed, trusting: trusting)
    #expect(try await world.sync().status == 0)
    return world
  }

  /// The same with a bundle on the stick.
  private func packed(_ more: String..., trusting: Bool = true, seed: UInt64 = 1) async throws -> World {
    let world = try await prepared(trusting: trusting, seed: seed)
    try await world.makeKeys()
    let pack = ["pack", "--config", world.configuration.string, "--output", world.stick.string]
    #expect(try await world.run(pack + more).status == 0)
    return world
  }

  private func expectRefusal(
    _ outcome: Outcome,
    _ status: Int32,
    saying text: String = "",
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, "\(outcome.output)\(outcome.errors)", sourceLocation: location)
    if !text.isEmpty { #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: location) }
  }

  // MARK: - The first root

  @Test func `nothing is taken before something is trusted, and nothing is left of the attempt`() async throws {
    let world = try await packed(trusting: false)
    expectRefusal(try await world.import(), 96, saying: "trust add")
    expectRefusal(try await world.import("--dry-run"), 96, saying: "trust add")
    #expect(!FileManager.default.fileExists(atPath: world.isolated.string))
    expectRefusal(try await world.run("trust", "show", "--store", world.isolated.string), 66)
  }

  @Test func `a root is trusted by its fingerprint only, in any grouping and case`() async throws {
    let world = try await packed(trusting: false)
    let root = world.metadataFile(1, "1.root.json")
    let digits = try await world.fingerprint()
    let store = ["--store", world.isolated.string]
    let shown = try await world.run(["trust", "add", root.string] + store)
    expectRefusal(shown, 96, saying: String(digits.prefix(39)))
    #expect(shown.errors.contains(digits.suffix(39)))
    for wrong in ["0" + digits.dropFirst(), "f" + digits.dropFirst()] where wrong != digits {
      expectRefusal(try await world.run(["trust", "add", root.string, "--fingerprint", wrong] + store), 96)
    }
    expectRefusal(
      try await world.run(["trust", "add", root.string, "--fingerprint", String(digits.dropLast(5))] + store),
      64
    )
    expectRefusal(try await world.run(["trust", "add", "/nowhere/1.root.json", "--fingerprint", digits] + store), 66)
    let targets = try #require(try world.metadata(1).first { $0.string.hasSuffix("targets.json") })
    expectRefusal(try await world.run(["trust", "add", targets.string, "--fingerprint", digits] + store), 92)
    expectRefusal(try await world.import(), 96)
    let plain = digits.filter { $0 != " " }
    for (number, text) in [
      digits, plain, digits.uppercased(), plain.enumerated().map { $0 % 2 == 1 ? "\($1):" : "\($1)" }.joined(),
    ]
    .enumerated() {
      let place = ["--store", world.folder["other\(number)"].string]
      let added = try await world.run(["trust", "add", root.string, "--fingerprint", text] + place)
      #expect(added.status == 0, "\(text): \(added.errors)")
      let show = try await world.run(["trust", "show", "--json"] + place)
      #expect((show.result["fingerprint"] as? [String])?.joined(separator: " ") == digits)
      // A second time nothing is wrong with it.
      #expect(try await world.run(["trust", "add", root.string, "--fingerprint", text] + place).status == 0)
    }
    #expect(try await world.run("import", "--store", world.folder["other0"].string, world.stick.string).status == 0)
  }

  @Test func `another root takes the place of a trusted one only if that is asked for`() async throws {
    let world = try await packed()
    try await world.trust()
    let other = try await packed(seed: 5)
    let add = [
      "trust", "add", other.firstRoot.string, "--fingerprint", try await other.fingerprint(), "--store",
      world.isolated.string,
    ]
    expectRefusal(try await world.run(add), 96, saying: "--replace")
    expectRefusal(try await world.import(from: other.stick), 96)
    #expect(try await world.run(add + ["--replace"]).status == 0)
    expectRefusal(try await world.import(), 96, saying: "timestamp.json")
    #expect(try await world.import(from: other.stick).status == 0)
    #expect(try world.published(world.isolated) == other.expected())
  }

  @Test func `a store with keys of its own passes on under its own signatures what it has imported`() async throws {
    let world = try await packed()
    let own = world.isolated.appending("metadata").appending("1.root.json")
    #expect(try await world.run("keys", "init", "--no-passphrase", "--store", world.isolated.string).status == 0)
    let root = try Data(contentsOf: URL(fileURLWithPath: own.string))
    #expect(try await world.import().status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: own.string)) == root)
    let keys = try await world.run("keys", "show", "--json", "--store", world.isolated.string)
    let fingerprint = try #require(keys.result["fingerprint"] as? [String]).joined()
    try world.emptyStick()
    let packed = try await world.run("pack", "--store", world.isolated.string, "--output", world.stick.string)
    #expect(packed.status == 0, "\(packed.errors)")
    let third = ["--store", world.folder["third"].string]
    #expect(try await world.run(["trust", "add", own.string, "--fingerprint", fingerprint] + third).status == 0)
    let imported = try await world.run(["import", world.stick.string] + third)
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(try world.published(world.folder["third"]) == world.expected())
  }

  // MARK: - New keys

  /// Imports snapshot 1, packs snapshot 2 to the folder `before`, and copies the connected store to `thief`; then the
  /// keys are replaced.
  private func rotated(_ roles: [String]) async throws -> World {
    let world = try await packed()
    #expect(try await world.import().status == 0)
    try world.age()
    try await world.sync()
    try FileManager.default.createDirectory(atPath: world.folder["before"].string, withIntermediateDirectories: false)
    #expect(try await world.pack(to: world.folder["before"]).status == 0)
    try FileManager.default.copyItem(atPath: world.connected.string, toPath: world.folder["thief"].string)
    let keys = try await world.run(
      ["keys", "rotate", "--no-passphrase", "--store", world.connected.string] + roles
    )
    #expect(keys.status == 0, "\(keys.errors)")
    try world.age()
    try await world.sync()
    #expect(try await world.pack().status == 0)
    return world
  }

  @Test(
    arguments: [
      (["timestamp"], Exit.unknownKey), (["targets"], Exit.olderBundle), (["snapshot"], Exit.olderBundle),
      (["volumes"], Exit.olderBundle), (["root"], Exit.olderBundle),
      (["root", "targets", "snapshot", "timestamp", "volumes"], Exit.unknownKey),
    ] as [([String], Int32)]
  )
  func `the isolated side follows to new keys, and takes nothing that is older`(_ roles: [String], _ refusal: Int32)
    async throws
  {
    let world = try await rotated(roles)
    let outcome = try await world.import()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(world.current(world.isolated) == "releases/3")
    #expect(try world.published(world.isolated) == world.expected())
    let before = try await world.import(from: world.folder["before"])
    #expect(before.status == refusal, "\(before.status): \(before.errors)")
    #expect(world.current(world.isolated) == "releases/3")
    // What the isolated side serves to its clients leads to the new keys too.
    let roots = roles == ["volumes"] ? 1 : 2
    for version in 1...roots {
      let path = "metadata/\(version).root.json"
      #expect(FileManager.default.fileExists(atPath: world.isolated.pushing(FilePath(path)).string))
    }
    #expect(try await world.import().output.contains("already"))
    #expect(try await world.run("verify", "--store", world.isolated.string).status == 0)
  }

  @Test func `a site that comes later is told to trust the newest root, whose fingerprint the other side shows`()
    async throws
  {
    let world = try await packed(trusting: false)
    let keys = try await world.run("keys", "rotate", "root", "--no-passphrase", "--store", world.connected.string)
    #expect(keys.status == 0, "\(keys.errors)")
    #expect(try await world.pack("--overwrite").status == 0)
    let root = world.metadataFile(1, "2.root.json").string
    expectRefusal(try await world.import(), 96, saying: "trust add \(world.stick)'")
    let add = ["trust", "add", root, "--fingerprint", try await world.fingerprint(), "--store", world.isolated.string]
    #expect(try await world.run(add).status == 0)
    let outcome = try await world.import()
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(arguments: ["timestamp", "targets", "snapshot"])
  func `a bundle that a thief signs with a revoked key is refused, however new it is`(_ role: String) async throws {
    let world = try await rotated([role])
    #expect(try await world.import().status == 0)
    let thief = world.folder["thief"].string
    for _ in 1...3 {
      try world.age()
      #expect(try await world.run("sync", "--config", world.configuration.string, "--store", thief).status == 0)
    }
    try world.emptyStick()
    #expect(try await world.pack("--store", thief).status == 0)
    expectRefusal(try await world.import(), 96, saying: "\(role).json")
    #expect(world.current(world.isolated) == "releases/3")
  }

  @Test func `a root that a thief signs with the old root key is refused`() async throws {
    let world = try await rotated(["root"])
    #expect(try await world.import().status == 0)
    let thief = world.folder["thief"].string
    for _ in 1...2 {
      let keys = try await world.run("keys", "rotate", "timestamp", "targets", "--no-passphrase", "--store", thief)
      #expect(keys.status == 0, "\(keys.errors)")
    }
    for _ in 1...3 {
      try world.age()
      #expect(try await world.run("sync", "--config", world.configuration.string, "--store", thief).status == 0)
    }
    try world.emptyStick()
    #expect(try await world.pack("--store", thief).status == 0)
    expectRefusal(try await world.import(), 96, saying: "3.root.json")
    #expect(world.current(world.isolated) == "releases/3")
  }

  @Test func `a root that came with a refused bundle is served to clients all the same, later`() async throws {
    let world = try await packed()
    #expect(try await world.import().status == 0)
    let keys = try await world.run("keys", "rotate", "timestamp", "--store", world.connected.string)
    #expect(keys.status == 0, "\(keys.errors)")
    try world.age()
    try await world.sync()
    // Beside a bundle that is for this site, this one would be passed over.
    try world.emptyStick()
    #expect(try await world.pack("--site", "elsewhere").status == 0)
    expectRefusal(try await world.import(), 99)
    try world.emptyStick()
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    #expect(FileManager.default.fileExists(atPath: world.isolated.string + "/metadata/2.root.json"))
  }

  // MARK: - More than one person

  @Test func `where two have to sign the root, nothing is packed before both have`() async throws {
    let world = try await prepared(trusting: false)
    let (anna, eve) = (world.folder["anna.key"].string, world.folder["eve.key"].string)
    for key in [anna, eve] { #expect(try await world.run("keys", "create", "--no-passphrase", key).status == 0) }
    let store = ["--store", world.connected.string]
    let made = try await world.run(
      ["keys", "init", "--no-passphrase", "--with", anna + ".pub", "--threshold", "2", "--json"] + store
    )
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.result["isInForce"] as? Bool == false)
    expectRefusal(try await world.pack(), 97, saying: "keys sign")
    #expect(try World.files(below: world.stick).isEmpty)

    let copy = world.folder["copy.json"].string
    try FileManager.default.copyItem(atPath: world.connected.string + "/metadata/next-root.json", toPath: copy)
    // A stranger's signature, and an altered copy, help nobody.
    #expect(try await world.run(["keys", "sign", "--key", eve, copy]).status == 0)
    let strange = try await world.run(["keys", "accept", copy, "--json"] + store)
    #expect(strange.status == 0 && strange.result["isInForce"] as? Bool == false)
    let text = try String(contentsOfFile: copy, encoding: .utf8)
    let altered = text.replacingOccurrences(of: "\"threshold\":2", with: "\"threshold\":1")
    #expect(altered != text)
    try world.write(altered, to: world.folder["altered.json"])
    #expect(try await world.run("keys", "sign", "--key", anna, world.folder["altered.json"].string).status == 0)
    expectRefusal(try await world.run(["keys", "accept", world.folder["altered.json"].string] + store), 92)
    expectRefusal(try await world.pack(), 97)

    #expect(try await world.run("keys", "sign", "--key", anna, copy).status == 0)
    let accepted = try await world.run(["keys", "accept", copy, "--json"] + store)
    #expect(accepted.result["isInForce"] as? Bool == true, "\(accepted.errors)")
    let packed = try await world.pack()
    #expect(packed.status == 0, "\(packed.errors)")
    try await world.trust()
    #expect(try await world.import().status == 0)

    // New keys wait for both too; until then the old ones sign.
    let waiting = try await world.run(["keys", "rotate", "timestamp", "--json"] + store)
    #expect(waiting.status == 0 && waiting.result["waiting"] != nil, "\(waiting.errors)")
    let before = try Data(contentsOf: URL(fileURLWithPath: world.connected.string + "/keys/timestamp.key"))
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    let signed = try await world.run(["keys", "sign", "--key", anna, "--json"] + store)
    #expect(signed.result["isInForce"] as? Bool == true, "\(signed.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: world.connected.string + "/keys/timestamp.key")) != before)
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let last = try await world.import()
    #expect(last.status == 0, "\(last.errors)")
    #expect(world.current(world.isolated) == "releases/3")
  }

  // MARK: - Key files

  @Test func `the root key may lie elsewhere, sealed, and keys are nobody else's to read`() async throws {
    let world = try await prepared()
    let store = ["--store", world.connected.string]
    let (safe, right, wrong) = (world.folder["safe"], world.folder["right"], world.folder["wrong"])
    let rootKey = safe.appending("root.key")
    try world.write("correct horse\n", to: right)
    try world.write("battery staple\n", to: wrong)
    let place = ["--root-key", rootKey.string] + store
    expectRefusal(try await world.run(["keys", "init"] + place), 105, saying: "--passphrase-file")
    #expect(!FileManager.default.fileExists(atPath: rootKey.string))
    let made = try await world.run(["keys", "init", "--passphrase-file", right.string] + place)
    #expect(made.status == 0, "\(made.errors)")
    expectRefusal(try await world.run(["keys", "init", "--passphrase-file", right.string] + place), 73)
    let keys = world.connected.appending("keys")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: keys.string).sorted()
        == ["sealing.key", "snapshot.key", "targets.key", "timestamp.key", "volumes.key"]
    )
    for name in try FileManager.default.contentsOfDirectory(atPath: keys.string) {
      #expect(try permissions(of: keys.appending(name)) == 0o600)
    }
    #expect(try permissions(of: keys) == 0o700)
    #expect(try permissions(of: rootKey) == 0o600)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)

    let before = try World.files(below: keys)
    let (sealed, roles) = (
      try Data(contentsOf: URL(fileURLWithPath: rootKey.string)), ["volumes", "timestamp", "root"]
    )
    expectRefusal(try await world.run(["keys", "rotate"] + roles + place), 105)
    expectRefusal(try await world.run(["keys", "rotate", "--passphrase-file", wrong.string] + roles + place), 105)
    expectRefusal(try await world.run(["keys", "rotate", "--passphrase-file", right.string] + roles + store), 105)
    #expect(try World.files(below: keys) == before)
    let rotated = try await world.run(["keys", "rotate", "--passphrase-file", right.string] + roles + place)
    #expect(rotated.status == 0, "\(rotated.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: safe.string) == ["root.key"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: rootKey.string)) != sealed)
    #expect(try permissions(of: rootKey) == 0o600)
    try world.age()
    try await world.sync()
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    #expect(world.current(world.isolated) == "releases/2")

    try FileManager.default.removeItem(atPath: keys.appending("targets.key").string)
    try world.age()
    try FileManager.default.copyItem(
      atPath: keys.appending("snapshot.key").string,
      toPath: keys.appending("targets.key").string
    )
    expectRefusal(try await world.pack("--overwrite"), 105, saying: "targets.key")
  }

  private func permissions(of path: FilePath) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
  }

  // MARK: - Time

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `what has expired is refused, unless a person accepts that very version`() async throws {
    let world = try await packed()
    try await world.trust()
    let words = ["import", "--config", world.isolatedConfiguration.string, world.stick.string]
    expectRefusal(try await world.run(words, clock: "+40d"), 98, saying: "timestamp.json")
    expectRefusal(try await world.run(words + ["--dry-run"], clock: "+40d"), 98)
    let seen = try await world.run("inspect", "--json", world.stick.string)
    let bundles = try #require(seen.result["bundles"] as? [[String: Any]])
    let version = try #require(bundles.first?["version"] as? Int)
    expectRefusal(
      try await world.run(words + ["--accept-expired", "\(version + 1)"], clock: "+40d"),
      98,
      saying: "\(version)"
    )
    #expect(world.current(world.isolated) == nil)
    let accepted = try await world.run(words + ["--accept-expired", "\(version)"], clock: "+40d")
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(accepted.errors.contains("expired on"))
    let log = try await world.run("log", "--json", "--store", world.isolated.string)
    let last = try #require((log.result["entries"] as? [[String: Any]])?.last)
    #expect(last["event"] as? String == "import")
    #expect((last["text"] as? String)?.contains("expired") == true)
    #expect((last["facts"] as? [String: Any])?["accepted-expired"] as? String == "timestamp.json")
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `a root that has expired stops all, and a new one mends that`() async throws {
    let world = try await packed()
    try await world.trust()
    let words = ["import", "--config", world.isolatedConfiguration.string, world.stick.string]
    expectRefusal(try await world.run(words, clock: "+5000d"), 98, saying: "root.json")
    #expect(try await world.run(words).status == 0)
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `a clock that is behind is reported`() async throws {
    let world = try await packed()
    try await world.trust()
    let words = ["import", "--config", world.isolatedConfiguration.string, world.stick.string]
    let outcome = try await world.run(words, clock: "-2d")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("set the clock"))
    #expect(try await !world.run(words).errors.contains("set the clock"))
  }

  // MARK: - Place

  @Test func `a bundle for one site is taken there only`() async throws {
    let world = try await packed("--site", "a", "--new-site")
    expectRefusal(try await world.import("--site", "b"), 99, saying: "'a'")
    expectRefusal(try await world.import(), 99, saying: "pass it with --site")
    expectRefusal(try await world.import("--site", "A", "--dry-run"), 99)
    #expect(world.current(world.isolated) == nil)
    try world.configureIsolated("site = \"b\"")
    expectRefusal(try await world.import(), 99, saying: "'b'")
    #expect(try await world.import("--site", "a").status == 0)
    try world.configureIsolated("site = \"a\"")
    let again = try await world.import()
    #expect(again.status == 0 && again.output.contains("already"))
    // One for any site is taken everywhere.
    try world.age()
    try await world.sync()
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    #expect(try await world.run("pack", "--config", world.configuration.string, "--site", "a/b").status == Exit.usage)
  }

  // MARK: - Order

  @Test func `the timestamp of an older bundle in a newer folder is refused`() async throws {
    let world = try await packed()
    #expect(try await world.import().status == 0)
    for number in 2...3 {
      try world.age()
      try await world.sync()
      #expect(try await world.pack().status == 0)
      if number == 2 { #expect(try await world.import().status == 0) }
    }
    let place = world.metadataFile(3, "timestamp.json")
    for (older, status) in [(1, Exit.olderBundle), (2, Exit.damagedBundle)] {
      try FileManager.default.removeItem(atPath: place.string)
      try FileManager.default.copyItem(
        atPath: world.metadataFile(older, "timestamp.json").string,
        toPath: place.string
      )
      for words in [[], ["--allow-older"]] {
        let outcome = try await world.run(
          ["import", "--config", world.isolatedConfiguration.string, world.bundle(3).string] + words
        )
        #expect(outcome.status == status, "\(older) \(words) \(outcome.status): \(outcome.errors)")
        #expect(world.current(world.isolated) == "releases/2")
      }
    }
  }
}
