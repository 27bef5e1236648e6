import Foundation
import SystemPackage
import TestSupport
import Testing

/// What lies in an output folder belongs to somebody.
@Suite struct OwnershipTests {
  private func names(_ folder: FilePath) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0.hasPrefix("kscmirror-0") }.sorted()
  }

  private func label(_ bundle: FilePath) throws -> String {
    try String(contentsOfFile: bundle.appending("LABEL.txt").string, encoding: .utf8)
  }

  /// Makes the isolated side's site known.
  private func introduce(_ world: World) async throws {
    let shown = try await world.run("trust", "show", "--json", "--config", world.isolatedConfiguration.string)
    let site = try #require(shown.result["siteFingerprint"] as? [String], "\(shown.output)").joined()
    let words = ["collect", "--config", world.configuration.string, "--fingerprint", site, world.stick.string]
    let collected = try await world.run(words)
    try #require(collected.status == 0, "\(collected.errors)")
  }

  @Test func `two sites have one stick, and each finds its bundle`() async throws {
    let world = try World(files: 30)
    try #require(try await world.sync().status == 0)
    for site in ["a", "b"] { #expect(try await world.pack("--site", site).status == 0) }
    #expect(try await world.pack().status == 0)
    let all = ["kscmirror-000001", "kscmirror-000001-for-a", "kscmirror-000001-for-b"]
    #expect(try names(world.stick) == all)
    for site in ["a", "b"] {
      let bundle = world.stick.appending("kscmirror-000001-for-\(site)")
      #expect(try label(bundle).contains("Site       \(site)\n"))
    }
    #expect(try await world.import("--site", "a").status == 0)

    // On the next day only what is older and for the same site goes.
    try world.age()
    try #require(try await world.sync().status == 0)
    #expect(try await world.pack("--site", "b", "--replace").status == 0)
    #expect(try names(world.stick) == ["kscmirror-000001", "kscmirror-000001-for-a", "kscmirror-000002-for-b"])
    #expect(try await world.pack("--replace").status == 0)
    #expect(try names(world.stick) == ["kscmirror-000001-for-a", "kscmirror-000002", "kscmirror-000002-for-b"])
  }

  @Test func `a bundle of somebody else in the place of a new one is written over only if asked`() async throws {
    let world = try World(files: 24)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "a").status == 0)
    let (mine, theirs) = (
      world.stick.appending("kscmirror-000001-for-b"), world.stick.appending("kscmirror-000001-for-a")
    )
    try FileManager.default.moveItem(atPath: theirs.string, toPath: mine.string)
    for dry in [["--dry-run"], []] {
      let refused = try await world.pack(["--site", "b"] + dry, to: world.stick)
      #expect(refused.status == Exit.cannotCreate, "\(refused.errors)")
      #expect(refused.errors.contains("for site 'a'") && refused.errors.contains("--overwrite"), "\(refused.errors)")
    }
    #expect(try label(mine).contains("Site       a\n"))
    #expect(try await world.pack("--site", "b", "--overwrite").status == 0)
    #expect(try label(mine).contains("Site       b\n"))

    // Another store's bundle of the same name.
    let other = try World(files: 24, seed: 2)
    try #require(try await other.sync().status == 0)
    try await other.makeKeys()
    let refused = try await other.pack(["--site", "b"], to: world.stick)
    #expect(refused.status == Exit.cannotCreate && refused.errors.contains("another store"), "\(refused.errors)")
    #expect(try await other.pack(["--site", "b", "--replace", "--overwrite"], to: world.stick).status == 0)
  }

  @Test func `two packs at once do not get in each other's way`() async throws {
    let world = try World(files: 60, meanSize: 60_000)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let words = ["pack", "--config", world.configuration.string, "--output", world.stick.string]
    let first = try world.start(words)
    let second = try world.start(words)
    let outcomes = [try await first.outcome(), try await second.outcome()]
    #expect(outcomes.contains { $0.status == 0 }, "\(outcomes)")
    for outcome in outcomes where outcome.status != 0 {
      #expect(outcome.status == Exit.busy && outcome.errors.contains("another run"), "\(outcome.errors)")
    }
    #expect(try names(world.stick) == ["kscmirror-000001"])
    #expect(try await world.import().status == 0)
  }

  @Test func `whoever writes to a folder keeps others out of it`() async throws {
    let world = try World(files: 24)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let holder = open(world.stick.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(holder) }
    try #require(flock(holder, LOCK_EX | LOCK_NB) == 0)
    let refused = try await world.pack()
    #expect(refused.status == Exit.busy && refused.errors.contains("\(world.stick)"), "\(refused.errors)")
    #expect(try await world.pack("--dry-run").status == 0)
  }

  @Test func `what an interrupted pack has left goes with the next one`() async throws {
    let world = try World(files: 60, meanSize: 60_000)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let part = world.stick.appending("kscmirror-000001-for-a.part")
    let run = try world.start(
      ["pack", "--config", world.configuration.string, "--output", world.stick.string, "--site", "a", "--new-site"]
    )
    let mark = part.appending("UNFINISHED.txt").string
    while run.process.isRunning && !FileManager.default.fileExists(atPath: mark) { usleep(200) }
    run.process.kill(SIGKILL)
    _ = try await run.outcome()
    // On a fast machine the run was whole before the signal came.
    guard FileManager.default.fileExists(atPath: part.string) else { return }
    try world.age()
    try #require(try await world.sync().status == 0)
    let packed = try await world.pack("--site", "b")
    #expect(packed.status == 0 && packed.errors.contains("interrupted"), "\(packed.errors)")
    #expect(try names(world.stick) == ["kscmirror-000002-for-b"])
  }

  @Test func `a receipt that somebody has forged removes no bundle`() async throws {
    let world = try World(files: 24)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    try #require(try await world.import().status == 0)
    try await introduce(world)
    try world.age()
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant", "--full").status == 0)
    let waiting = "kscmirror-000002-for-plant"
    #expect(try names(world.stick).contains(waiting))
    let receipt = world.stick.appending("kscmirror-receipt-plant.json")
    let honest = try String(contentsOfFile: receipt.string, encoding: .utf8)

    // Somebody imports it into a store of his own, which he calls by the site's name: his receipt says what is true of him.
    let thief = world.folder["thief"]
    try world.write(
      "store = \"\(thief)\"\n\(world.vendorSetting)\nsite = \"plant\"\n",
      to: world.folder["thief.toml"]
    )
    let config = ["--config", world.folder["thief.toml"].string]
    let fingerprint = try await world.fingerprint()
    try #require(
      try await world.run(["trust", "add", world.firstRoot.string, "--fingerprint", fingerprint] + config).status == 0
    )
    try #require(try await world.run(["import", world.stick.string] + config).status == 0)
    let thiefs = try String(contentsOfFile: receipt.string, encoding: .utf8)
    #expect(thiefs != honest)
    let forgeries = [
      thiefs, honest.replacingOccurrences(of: "\"snapshot\":1", with: "\"snapshot\":2"),
      thiefs.replacingOccurrences(of: "\"number\":1", with: "\"number\":9"), "",
    ]
    for (index, forgery) in forgeries.enumerated() {
      try world.write(forgery, to: receipt)
      try world.age()
      try #require(try await world.sync().status == 0)
      let packed = try await world.pack("--site", "plant", "--full")
      #expect(packed.status == 0 && packed.errors.contains("receipt"), "\(index): \(packed.status) \(packed.errors)")
      #expect(try names(world.stick).contains(waiting), "\(index)")
    }
    let log = try await world.run("log", "--config", world.configuration.string)
    #expect(log.output.contains("a receipt was refused"), "\(log.output)")
    // What the site itself says removes it.
    try #require(try await world.import("--snapshot", "2").status == 0)
    try world.age()
    try #require(try await world.sync().status == 0)
    #expect(try await world.pack("--site", "plant", "--full").status == 0)
    #expect(try !names(world.stick).contains(waiting))
  }

  @Test func `what has the name of an unfinished bundle or parcel and is somebody else's stays as it is`() async throws
  {
    let ground = try await ExchangeGround()
    let (world, stick) = (ground.world, ground.world.stick)
    try ground.put("one", "plant/lists/a")
    try #require(try await ground.site(ground.plant, "exchange", "send").status == 0)
    try world.age()
    try #require(try await world.sync().status == 0)
    let other = try world.folder.subfolder("other")
    let folders = [
      stick.appending("kscmirror-000002.part"), stick.appending("kscmirror-000002.old"),
      stick.appending("kscmirror-parcel-plant-000001.part"), stick.appending("kscmirror-parcel-plant-000001.old"),
      other.appending("kscmirror-000002.part"), other.appending("kscmirror-000002.old"),
    ]
    for folder in folders { try world.write("mine", to: folder.appending("thesis.odt")) }
    for _ in 0..<2 {
      let packed = try await world.pack("--full", "--overwrite")
      #expect(packed.status == 0, "\(packed.errors)")
      let sent = try await ground.site(ground.plant, "parcel", "send", "--output", stick.string)
      #expect(sent.status == 0, "\(sent.errors)")
    }
    let bundle = world.bundle(2).string
    let resplit = try await world.run("bundle", "resplit", bundle, "--size", "700M", "--output", other.string)
    #expect(resplit.status == 0, "\(resplit.errors)")
    for folder in folders {
      let text = try? String(contentsOfFile: folder.appending("thesis.odt").string, encoding: .utf8)
      #expect(text == "mine", "\(folder)")
    }
    // Nothing is left under names by chance either.
    for place in [stick, other] {
      let names = try FileManager.default.contentsOfDirectory(atPath: place.string)
      #expect(!names.contains { $0.hasPrefix(".") }, "\(names)")
    }
    #expect(try await world.import().status == 0)
    #expect(try await ground.connected("collect", stick.string).status == 0)
  }

  @Test func `what the receipt proves to be imported leaves the stick, and nothing else does`() async throws {
    let world = try World(files: 30)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    try #require(try await world.pack("--site", "other").status == 0)
    try #require(try await world.import().status == 0)
    try await introduce(world)
    try world.age()
    try #require(try await world.sync().status == 0)
    // Not imported yet: it stays.
    #expect(try await world.pack("--site", "plant", "--base", "1").status == 0)
    #expect(
      try names(world.stick) == ["kscmirror-000001-for-other", "kscmirror-000002-from-000001-for-plant"]
    )
    try world.age()
    try #require(try await world.sync().status == 0)
    let packed = try await world.pack("--site", "plant")
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(
      try names(world.stick) == [
        "kscmirror-000001-for-other", "kscmirror-000002-from-000001-for-plant",
        "kscmirror-000003-from-000001-for-plant",
      ]
    )
    #expect(try await world.import().status == 0)
    // The site has it all: nothing is written, and nothing is left.
    let nothing = try await world.pack("--site", "plant")
    #expect(nothing.status == 0 && nothing.output.contains("nothing to carry"), "\(nothing.output)")
    #expect(nothing.errors.contains("has imported"), "\(nothing.errors)")
    #expect(try names(world.stick).contains("kscmirror-000001-for-other"))
    #expect(try !names(world.stick).contains("kscmirror-000003-from-000001-for-plant"))
  }
}
