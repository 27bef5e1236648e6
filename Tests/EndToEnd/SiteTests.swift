import Foundation
import SystemPackage
import TestSupport
import Testing

/// Sites and their receipts, both ways by the built program.
@Suite struct SiteTests {
  /// A world whose isolated side is site `plant`, with one bundle imported.
  private func prepared(seed: UInt64 = 1) async throws -> World {
    let world = try World(files: 24, meanSize: 400, seed: seed)
    try world.configureIsolated("site = \"plant\"")
    try await world.sync()
    #expect(try await world.pack().status == 0)
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
    return world
  }

  private func receipt(_ site: String = "plant", at place: FilePath) -> FilePath {
    place.appending("kscmirror-receipt-\(site).json")
  }

  private func collect(_ world: World, _ more: String..., from place: FilePath? = nil) async throws -> Outcome {
    try await world.run(["collect", "--config", world.configuration.string, (place ?? world.stick).string] + more)
  }

  /// The fingerprint of the isolated side's own key.
  private func fingerprint(_ world: World, store: FilePath? = nil) async throws -> String {
    let shown = try await world.run("trust", "show", "--json", "--store", (store ?? world.isolated).string)
    return try #require(shown.result["siteFingerprint"] as? [String]).joined(separator: " ")
  }

  /// Makes the site known on the connected side.
  private func introduce(_ world: World) async throws {
    let outcome = try await collect(world, "--fingerprint", fingerprint(world))
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// A day passes: a newer snapshot on the connected side, packed to an empty stick but for receipts.
  private func nextDay(_ world: World, _ more: String...) async throws {
    try world.age()
    try await world.sync()
    for name in try FileManager.default.contentsOfDirectory(atPath: world.stick.string)
    where !name.hasPrefix("kscmirror-receipt") {
      try FileManager.default.removeItem(atPath: world.stick.appending(name).string)
    }
    let packed = try await world.run(
      ["pack", "--config", world.configuration.string, "--output", world.stick.string] + more
    )
    #expect(packed.status == 0, "\(packed.errors)")
  }

  /// What the connected side knows of a site.
  private func known(_ world: World, _ name: String = "plant") async throws -> [String: Any] {
    let list = try await world.run("site", "list", "--json", "--config", world.configuration.string)
    #expect(list.status == 0, "\(list.errors)")
    let sites = try #require(list.result["sites"] as? [[String: Any]])
    return try #require(sites.first { $0["name"] as? String == name })
  }

  private func copy(_ file: FilePath, to place: FilePath) throws {
    try? FileManager.default.removeItem(atPath: place.string)
    try FileManager.default.copyItem(atPath: file.string, toPath: place.string)
  }

  private func text(_ file: FilePath) throws -> String { try String(contentsOfFile: file.string, encoding: .utf8) }

  // MARK: - There and back

  @Test func `an import leaves a receipt, and the connected side learns from it what the site holds and lacks`()
    async throws
  {
    let world = try await prepared()
    #expect(try text(receipt(at: world.stick)) == text(world.isolated.appending("receipts/own.json")))
    try await introduce(world)
    let first = try await known(world)
    #expect(first["snapshot"] as? Int == 1 && first["receipt"] as? Int == 1)
    #expect((first["freeBytes"] as? Int ?? 0) > 0)
    let nothing = try #require(first["next"] as? [String: Any])
    #expect(nothing["base"] as? Int == 1 && nothing["objects"] as? Int == 0)
    #expect(try await world.run("site", "list", "--config", world.configuration.string).output.contains("nothing new"))
    try await nextDay(world, "--site", "plant")
    let next = try #require(try await known(world)["next"] as? [String: Any])
    #expect(next["base"] as? Int == 1 && next["snapshot"] as? Int == 2)
    let (old, new) = (
      try World.files(below: world.connected.appending("releases/1")),
      try World.files(below: world.connected.appending("releases/2"))
    )
    let lacking = Set(new.values).subtracting(old.values)
    #expect(next["objects"] as? Int == lacking.count)
    #expect(next["bytes"] as? Int == lacking.reduce(0) { $0 + $1.count })
    let packed = try #require(try await known(world)["packed"] as? [String: Any])
    #expect(packed["bundle"] as? String == "kscmirror-000002-from-000001-for-plant" && packed["snapshot"] as? Int == 2)
    #expect(try await world.import().status == 0)
    // Pack takes in what it finds.
    try await nextDay(world)
    let second = try await known(world)
    #expect(second["snapshot"] as? Int == 2 && second["receipt"] as? Int == 2)
    let shown = try await world.run("site", "show", "plant", "--json", "--config", world.configuration.string)
    #expect((shown.result["held"] as? [[String: Any]])?.compactMap { $0["snapshot"] as? Int } == [2, 1])
    #expect((shown.result["receipts"] as? [[String: Any]])?.compactMap { $0["number"] as? Int } == [2, 1])
    #expect(
      (shown.result["fingerprint"] as? [String])?.joined(separator: " ") == (try await fingerprint(world))
    )
    #expect(try await world.run("site", "show", "plant", "--config", world.configuration.string).status == 0)
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("receipt ok") && log.output.contains("site ok"))
  }

  @Test func `a site without a name writes no receipt, and is reported how it gets one`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try await world.sync()
    try await world.pack()
    let before = try World.files(below: world.stick)
    let imported = try await world.import()
    #expect(imported.status == 0 && imported.errors.contains("site = \"NAME\""), "\(imported.errors)")
    #expect(try World.files(below: world.stick) == before)
    #expect(!FileManager.default.fileExists(atPath: world.isolated.appending("receipts/own.json").string))
    let written = try await world.run("receipt", "--store", world.isolated.string)
    #expect(written.status == Exit.configuration && written.errors.contains("--site"), "\(written.errors)")
    #expect(try await world.run("receipt", "--store", world.isolated.string, "--site", "..").status == Exit.usage)
    let named = try await world.run("receipt", "--store", world.isolated.string, "--site", "plant", "--json")
    #expect(named.status == 0 && named.result["snapshot"] as? Int == 1, "\(named.errors)")
  }

  @Test func `no receipt is written in a dry run, or if that is asked for`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"")
    try await world.sync()
    try await world.pack()
    let before = try World.files(below: world.stick)
    #expect(try await world.import("--dry-run").status == 0)
    #expect(try await world.import("--no-receipt").status == 0)
    #expect(try World.files(below: world.stick) == before)
    // Whatever part of a bundle was named, the receipt lies beside the bundles.
    #expect(try await world.import(from: world.bundle(1).appending("data")).status == 0)
    #expect(FileManager.default.fileExists(atPath: receipt(at: world.stick).string))
  }

  @Test func `the receipt command writes the newest state to a medium at any time`() async throws {
    let world = try await prepared()
    try await nextDay(world)
    #expect(try await world.import().status == 0)
    #expect(try await world.run("rollback", "--store", world.isolated.string).status == 0)
    let other = world.folder["other"]
    try FileManager.default.createDirectory(atPath: other.string, withIntermediateDirectories: false)
    let arguments = ["receipt", "--config", world.isolatedConfiguration.string]
    let written = try await world.run(arguments + ["--output", other.string])
    #expect(written.status == 0, "\(written.errors)")
    try await introduce(world)
    #expect(try await known(world)["snapshot"] as? Int == 2)
    let taken = try await collect(world, "--json", from: receipt(at: other))
    let first = try #require((taken.result["receipts"] as? [[String: Any]])?.first)
    #expect(first["order"] as? String == "rolled-back" && first["isTaken"] as? Bool == true)
    let site = try await known(world)
    #expect(site["snapshot"] as? Int == 1)
    #expect((site["next"] as? [String: Any])?["base"] as? Int == 1)
    #expect(try await world.run(arguments + ["--output", "/nowhere"]).status != 0)
    #expect(try await world.run("receipt", "--site", "x", "--store", "/nowhere").status == Exit.notThere)
  }

  @Test func `a bundle that does not fit is answered with a receipt`() async throws {
    let world = try await prepared()
    try await nextDay(world)
    try? FileManager.default.removeItem(atPath: receipt(at: world.stick).string)
    let volume = try #require(try world.volumes(2).first)
    try FileManager.default.removeItem(atPath: volume.string)
    #expect(try await world.import().status == Exit.incompleteBundle)
    #expect(FileManager.default.fileExists(atPath: receipt(at: world.stick).string))
    // One that cannot be believed is not.
    try FileManager.default.removeItem(atPath: receipt(at: world.stick).string)
    try world.write("{}", to: world.metadataFile(2, "timestamp.json"))
    #expect(try await world.import().status == Exit.damagedBundle)
    #expect(!FileManager.default.fileExists(atPath: receipt(at: world.stick).string))
  }

  // MARK: - Whom to believe

  @Test func `a site becomes known by the fingerprint of its key only`() async throws {
    let world = try await prepared()
    let digits = try await fingerprint(world)
    let refused = try await collect(world)
    #expect(refused.status == Exit.unknownKey && refused.errors.contains(digits.prefix(39)), "\(refused.errors)")
    #expect(refused.errors.contains("trust show"))
    let wrong = try await collect(world, "--fingerprint", String(repeating: "ab", count: 32))
    #expect(wrong.status == Exit.unknownKey)
    #expect(try await collect(world, "--fingerprint", "abc").status == Exit.usage)
    #expect(try await collect(world, "--replace").status == Exit.usage)
    // Pack says that it is there, and goes on.
    let packed = try await world.pack("--overwrite")
    #expect(packed.status == 0 && packed.errors.contains("'plant' is not known"), "\(packed.errors)")
    #expect(
      try await world.run("site", "show", "plant", "--config", world.configuration.string).status == Exit.notThere
    )
    #expect(try await collect(world, "--fingerprint", digits.uppercased()).status == 0)
    let again = try await collect(world)
    #expect(again.status == 0 && again.output.contains("as already known"))
    #expect(try await known(world)["receipt"] as? Int == 1)
    #expect(try await collect(world, from: world.folder["tree"]).status == Exit.notThere)
    #expect(try await collect(world, from: "/nowhere").status == Exit.notThere)
  }

  @Test func `another key of a known site is refused, unless it is to take the old one's place`() async throws {
    let world = try await prepared()
    try await introduce(world)
    // The site is set up anew.
    try FileManager.default.removeItem(atPath: world.isolated.string)
    #expect(try await world.import().status == 0)
    let digits = try await fingerprint(world)
    let refused = try await collect(world)
    #expect(refused.status == Exit.unknownKey && refused.errors.contains("another key"), "\(refused.errors)")
    #expect(try await collect(world, "--fingerprint", digits).status == Exit.unknownKey)
    let packed = try await world.pack("--overwrite")
    #expect(packed.status == 0 && packed.errors.contains("another key"), "\(packed.errors)")
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("refusal refused: a receipt was refused"))
    #expect(try await collect(world, "--fingerprint", digits, "--replace").status == 0)
    let shown = try await world.run("site", "show", "plant", "--json", "--config", world.configuration.string)
    #expect((shown.result["fingerprint"] as? [String])?.joined(separator: " ") == digits)
    #expect((shown.result["receipts"] as? [Any])?.count == 1)
  }

  @Test func `a receipt that was changed on the way is refused, and does not stop the others`() async throws {
    let world = try await prepared()
    try await introduce(world)
    let good = try text(receipt(at: world.stick))
    #expect(try await world.import().status == 0)
    let newer = try text(receipt(at: world.stick))
    #expect(newer != good)
    let changes = [
      newer.replacing("\"number\":2", with: "\"number\":3"),
      newer.replacing("\"site\":\"plant\"", with: "\"site\":\"other\""),
      String(newer.dropLast(20)), "{}", "", String(repeating: " ", count: 300_000),
    ]
    for changed in changes {
      try world.write(changed, to: receipt(at: world.stick))
      let outcome = try await collect(world)
      #expect(outcome.status == Exit.badReceipt, "\(changed.prefix(80)): \(outcome.errors)")
    }
    let packed = try await world.pack("--overwrite")
    #expect(packed.status == 0 && packed.errors.contains("warning"), "\(packed.errors)")
    #expect(try await known(world)["receipt"] as? Int == 1)
    try world.write(newer, to: receipt("zzz", at: world.stick))
    let both = try await collect(world, "--json")
    #expect(both.status == Exit.badReceipt && both.result["refused"] as? Int == 1)
    #expect(try await known(world)["receipt"] as? Int == 2)
  }

  @Test func `a receipt that is replayed is ignored`() async throws {
    let world = try await prepared()
    try await introduce(world)
    try copy(receipt(at: world.stick), to: world.folder["first.json"])
    try await nextDay(world)
    #expect(try await world.import().status == 0)
    try copy(receipt(at: world.stick), to: world.folder["second.json"])
    #expect(try await world.import().status == 0)
    #expect(try await collect(world).status == 0)
    #expect(try await known(world)["receipt"] as? Int == 3)
    // The second one never came here, the first did.
    for old in ["first.json", "second.json"] {
      let outcome = try await collect(world, "--json", from: world.folder[old])
      #expect(outcome.status == 0)
      #expect((outcome.result["receipts"] as? [[String: Any]])?.first?["order"] as? String == "older")
      #expect(try await known(world)["receipt"] as? Int == 3)
    }
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `a site that was restored from a backup is recognised, and gets what it needs`() async throws {
    let world = try await prepared()
    try await introduce(world)
    try Command.run("cp", ["-a", world.isolated.string, world.folder["backup"].string])
    for _ in 0..<2 {
      try await nextDay(world)
      #expect(try await world.import().status == 0)
    }
    #expect(try await collect(world).status == 0)
    #expect(try await known(world)["snapshot"] as? Int == 3)
    let lost = receipt(at: world.folder.path)
    try copy(receipt(at: world.stick), to: lost)
    // The disk of the site dies; its backup of the first day comes back.
    try FileManager.default.removeItem(atPath: world.isolated.string)
    try Command.run("cp", ["-a", world.folder["backup"].string, world.isolated.string])
    let writing = ["receipt", "--config", world.isolatedConfiguration.string, "--output", world.stick.string]
    #expect(try await world.run(writing, clock: "+1h").status == 0)
    try await nextDay(world)
    let site = try await known(world)
    #expect(site["snapshot"] as? Int == 1 && site["receipt"] as? Int == 2)
    #expect((site["next"] as? [String: Any])?["base"] as? Int == 1)
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("restored from a backup"))
    // What it had written before it was restored is nothing new, though its number is higher.
    #expect(try await collect(world, from: lost).output.contains("ignored"))
    #expect(try await known(world)["snapshot"] as? Int == 1)
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `a site that trusts another root is warned of`() async throws {
    let world = try await prepared()
    let other = try World(files: 12, meanSize: 100, seed: 9)
    try await other.sync()
    try await other.makeKeys()
    let words = ["collect", "--config", other.configuration.string, world.stick.string]
    let outcome = try await other.run(words + ["--fingerprint", fingerprint(world)])
    #expect(outcome.status == 0 && outcome.errors.contains("another root"), "\(outcome.errors)")
    let site = try await known(other)
    #expect((site["next"] as? [String: Any])?["base"] == nil)
    #expect(
      try await other.run("site", "list", "--config", other.configuration.string).output.contains("full, at most")
    )
  }

  @Test func `a root that was replaced is still ours`() async throws {
    let world = try await prepared()
    let store = ["--store", world.connected.string]
    #expect(try await world.run(["keys", "rotate", "--no-passphrase", "root", "timestamp"] + store).status == 0)
    let outcome = try await collect(world, "--fingerprint", fingerprint(world))
    #expect(outcome.status == 0 && !outcome.errors.contains("another root"), "\(outcome.errors)")
  }

  // MARK: - Media

  @Test func `two sites share a stick`() async throws {
    let world = try await prepared()
    let second = world.folder["second"]
    let (root, digits) = (world.firstRoot.string, try await world.fingerprint())
    let store = ["--store", second.string]
    #expect(try await world.run(["trust", "add", root, "--fingerprint", digits] + store).status == 0)
    #expect(try await world.run(["import", "--site", "mine", world.stick.string] + store).status == 0)
    for name in ["plant", "mine"] {
      #expect(FileManager.default.fileExists(atPath: receipt(name, at: world.stick).string))
    }
    // One fingerprint makes one of them known.
    let half = try await collect(world, "--fingerprint", fingerprint(world))
    #expect(half.status == Exit.unknownKey && half.errors.contains("'mine' is not known"), "\(half.errors)")
    let rest = try await collect(world, "--fingerprint", fingerprint(world, store: second))
    #expect(rest.status == 0, "\(rest.errors)")
    for name in ["plant", "mine"] { #expect(try await known(world, name)["snapshot"] as? Int == 1) }
    try await nextDay(world)
    #expect(try await world.import().status == 0)
    #expect(try await collect(world).status == 0)
    #expect(try await known(world)["snapshot"] as? Int == 2)
    #expect(try await known(world, "mine")["snapshot"] as? Int == 1)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a file system"))
  func `a medium that cannot be written to, or is full, fails no import`() async throws {
    let world = try await prepared()
    let small = try SmallFileSystem(at: world.folder["small"], kilobytes: 1024)
    defer { small.unmount() }
    try Command.run("cp", ["-a", world.bundle(1).string, world.folder["small"].string])
    // Full to the last page.
    _ = try? Command.run("dd", ["if=/dev/zero", "of=\(world.folder["small/filler"])", "bs=4k"])
    let full = try await world.import(from: world.folder["small"])
    #expect(full.status == 0, "\(full.errors)")
    #expect(full.errors.contains("receipts/own.json"), "\(full.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: world.folder["small"].string)
    #expect(names.sorted() == ["filler", "kscmirror-000001"])
    try Command.run("mount", ["-o", "remount,ro", world.folder["small"].string])
    let readOnly = try await world.import(from: world.folder["small"])
    #expect(readOnly.status == 0 && readOnly.errors.contains("receipts/own.json"), "\(readOnly.errors)")
    // What is in the store can be carried instead.
    let own = world.isolated.appending("receipts/own.json")
    #expect(try await collect(world, "--fingerprint", fingerprint(world), from: own).status == 0)
    #expect(try await known(world)["receipt"] as? Int == 3)
  }

  @Test func `links and folders in the place of a receipt lead nowhere`() async throws {
    let world = try await prepared()
    let place = receipt(at: world.stick)
    try world.write("mine", to: world.folder["victim"])
    try FileManager.default.removeItem(atPath: place.string)
    try FileManager.default.createSymbolicLink(
      atPath: place.string,
      withDestinationPath: world.folder["victim"].string
    )
    #expect(try await collect(world).status == Exit.badReceipt)
    #expect(try await world.import().status == 0)
    #expect(try text(world.folder["victim"]) == "mine")
    #expect(try await collect(world).status == Exit.unknownKey)
    try FileManager.default.removeItem(atPath: place.string)
    try FileManager.default.createDirectory(atPath: place.string, withIntermediateDirectories: false)
    #expect(try await collect(world).status == Exit.badReceipt)
    let imported = try await world.import()
    #expect(imported.status == 0 && imported.errors.contains("warning"), "\(imported.errors)")
  }

  // MARK: - What is kept for a site

  @Test func `prune keeps the base of a site until the site is forgotten`() async throws {
    let world = try await prepared()
    try await introduce(world)
    for _ in 0..<2 { try await nextDay(world) }
    let store = ["--store", world.connected.string]
    let plan = try await world.run(["prune", "--keep", "1", "--dry-run"] + store)
    #expect(plan.output.contains("would keep snapshot 1") && plan.output.contains("plant"), "\(plan.output)")
    let pruned = try await world.run(["prune", "--keep", "1", "--json"] + store)
    #expect(pruned.result["snapshots"] as? [Int] == [2])
    #expect((try await known(world)["next"] as? [String: Any])?["base"] as? Int == 1)
    let plainly = try await world.run(["site", "forget", "plant", "--dry-run"] + store)
    #expect(plainly.status == 0 && plainly.output.contains("snapshot 1"), "\(plainly.output)")
    #expect(try await known(world)["snapshot"] as? Int == 1)
    #expect(try await world.run(["site", "forget", "plant"] + store).status == 0)
    #expect(try await world.run(["site", "forget", "plant"] + store).status == Exit.notThere)
    #expect(try await world.run(["site", "forget", "../plant"] + store).status == Exit.notThere)
    let rest = try await world.run(["prune", "--keep", "1", "--json"] + store)
    #expect(rest.result["snapshots"] as? [Int] == [1])
    #expect(try await collect(world).status == Exit.unknownKey)
  }

  @Test func `ten receipts are kept of a site`() async throws {
    let world = try await prepared()
    try await introduce(world)
    let writing = ["receipt", "--config", world.isolatedConfiguration.string, "--output", world.stick.string]
    for _ in 0..<12 {
      #expect(try await world.run(writing).status == 0)
      #expect(try await collect(world, "--quiet").output.isEmpty)
    }
    let folder = world.connected.appending("receipts/sites/plant")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
    #expect(Set(names) == Set((4...13).map { "\($0).json" } + ["site.json"]))
    #expect(try await known(world)["receipt"] as? Int == 13)
  }

  @Test func `what is known of a site and was damaged is an error that says the way out`() async throws {
    let world = try await prepared()
    try await introduce(world)
    let store = ["--store", world.connected.string]
    try world.write("{", to: world.connected.appending("receipts/sites/plant/1.json"))
    for command in [["site", "list"], ["prune"], ["collect", world.stick.string]] {
      let outcome = try await world.run(command + store)
      #expect(outcome.status == Exit.badStore && outcome.errors.contains("site forget plant"), "\(outcome.errors)")
    }
    #expect(try await world.pack("--overwrite").status == 0)
    #expect(try await world.run(["site", "forget", "plant"] + store).status == 0)
    try await introduce(world)
    #expect(try await known(world)["receipt"] as? Int == 1)
  }

  @Test func `a store that has a site's key alone is still an isolated one`() async throws {
    let world = try await prepared()
    #expect(FileManager.default.fileExists(atPath: world.isolated.appending("keys/site.key").string))
    let packed = try await world.run("pack", "--store", world.isolated.string, "--output", world.stick.string)
    #expect(packed.status == Exit.keyUnusable, "\(packed.errors)")
    #expect(try await world.run("keys", "show", "--store", world.isolated.string).status == Exit.notThere)
    // A store from before has no such key: it is made with the first receipt.
    try FileManager.default.removeItem(atPath: world.isolated.appending("keys").string)
    let shown = try await world.run("trust", "show", "--config", world.isolatedConfiguration.string)
    #expect(shown.output.contains("this site: plant") && shown.output.contains("first receipt"), "\(shown.output)")
    #expect(try await world.import().status == 0)
    _ = try await fingerprint(world)
    let mode = try FileManager.default.attributesOfItem(atPath: world.isolated.appending("keys/site.key").string)
    #expect(mode[.posixPermissions] as? Int == 0o600)
  }

  // MARK: - Names

  @Test func `a site that nobody has heard of is new on purpose, and the nearest name is shown`() async throws {
    let world = try await prepared()
    try await introduce(world)
    func pack(_ words: String...) async throws -> Outcome {
      try await world.run(["pack", "--config", world.configuration.string, "--output", world.stick.string] + words)
    }
    let before = try World.files(below: world.stick)
    for words in [["--site", "plan"], ["--site", "plan", "--quiet"], ["--site", "plan", "--dry-run"]] {
      let refused = try await world.run(
        ["pack", "--config", world.configuration.string, "--output", world.stick.string] + words
      )
      #expect(refused.status == Exit.notThere, "\(words): \(refused.errors)")
      #expect(refused.errors.contains("'plant'") && refused.errors.contains("--new-site"), "\(refused.errors)")
    }
    let twin = try await pack("--site", "Plant", "--new-site")
    #expect(twin.status == Exit.usage && twin.errors.contains("in case only"), "\(twin.errors)")
    #expect(try World.files(below: world.stick) == before)
    #expect(try await pack("--site", "mill", "--new-site").status == 0)
    // It was said once.
    #expect(try await pack("--site", "mill").status == 0)
    #expect(try await pack("--new-site").status == Exit.usage)
  }

  @Test func `a site with another name is the same site, and its old receipt leaves the stick`() async throws {
    let world = try await prepared()
    try await introduce(world)
    try world.configureIsolated("site = \"mill\"")
    // The old receipt is still there, as a copy of another stick.
    let old = try text(receipt(at: world.stick))
    let written = try await world.run(
      "receipt",
      "--config",
      world.isolatedConfiguration.string,
      "--output",
      world.stick.string
    )
    #expect(written.status == 0, "\(written.errors)")
    #expect(!FileManager.default.fileExists(atPath: receipt(at: world.stick).string))
    let told = try await collect(world)
    #expect(told.status == Exit.unknownKey && told.errors.contains("site rename plant mill"), "\(told.errors)")
    let both = try await collect(world, "--fingerprint", fingerprint(world))
    #expect(both.status == Exit.unknownKey && both.errors.contains("site rename plant mill"), "\(both.errors)")

    func site(_ words: String...) async throws -> Outcome {
      try await world.run(["site"] + words + ["--config", world.configuration.string])
    }
    #expect(try await site("rename", "plan", "mill").status == Exit.notThere)
    #expect(try await site("rename", "plant", "a/b").status == Exit.usage)
    #expect(try await site("rename", "plant", "mill", "--dry-run").status == 0)
    #expect(try await site("show", "plant").status == 0)
    #expect(try await site("rename", "plant", "mill").status == 0)
    #expect(try await site("show", "plant").status == Exit.notThere)
    try world.write(old, to: receipt(at: world.stick))
    let collected = try await collect(world)
    #expect(collected.status == 0, "\(collected.errors)")
    #expect(!FileManager.default.fileExists(atPath: receipt(at: world.stick).string))
    let known = try await known(world, "mill")
    #expect(known["snapshot"] as? Int == 1 && known["receipt"] as? Int == 2, "\(known)")
    try await nextDay(world, "--site", "mill")
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `an isolated store keeps as many snapshots as it is reported, by itself`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"\nkeep = 2")
    for day in 1...4 {
      if day > 1 { try world.age() }
      try await world.sync()
      try world.emptyStick()
      #expect(try await world.pack().status == 0)
      #expect(try await world.import().status == 0)
    }
    let releases = try FileManager.default.contentsOfDirectory(atPath: world.isolated.appending("releases").string)
    #expect(releases.sorted() == ["3", "4"])
    let receipt = try text(receipt(at: world.stick))
    #expect(receipt.contains("\"snapshot\":3") && !receipt.contains("\"snapshot\":2,"), "\(receipt)")
    #expect(try await world.run("rollback", "--store", world.isolated.string).status == 0)
    #expect(world.current(world.isolated) == "releases/3")
    let log = try await world.run("log", "--store", world.isolated.string)
    #expect(log.output.contains("prune ok"), "\(log.output)")
  }
}
