import Foundation
import SystemPackage
import TestSupport
import Testing

/// Parcels by the built program; `parcel-tool` makes and opens them as exporting and importing commands do.
@Suite struct ParcelTests {
  /// A world whose isolated side is site `plant`, known on the connected side, with one bundle imported.
  private func prepared() async throws -> World {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"\n[import]\nstrict = true")
    try await world.sync()
    #expect(try await world.pack("--site", "plant").status == 0)
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
    let trust = try await world.run("trust", "show", "--json", "--store", world.isolated.string)
    let digits = try #require(trust.result["siteFingerprint"] as? [String]).joined(separator: " ")
    let collected = try await collect(world, "--fingerprint", digits)
    #expect(collected.status == 0, "\(collected.errors)")
    return world
  }

  private func collect(_ world: World, _ more: String...) async throws -> Outcome {
    try await world.run(["collect", "--config", world.configuration.string, world.stick.string] + more)
  }

  /// Runs `parcel-tool`, which has to end well.
  private func tool(_ world: World, _ words: [String]) async throws -> String {
    let outcome = try await world.run(words, program: World.built("parcel-tool"))
    guard outcome.status == 0 else { throw TestFailure(outcome.errors) }
    return outcome.output
  }

  @discardableResult
  private func make(_ world: World, _ text: String, kind: String = "licence") async throws -> String {
    let file = world.folder["hosts.json"]
    try world.write(text, to: file)
    return try await tool(world, ["make", world.isolated.string, "plant", kind, file.string])
  }

  private func send(_ world: World, _ more: String...) async throws -> Outcome {
    try await world.run(
      ["parcel", "send", "--config", world.isolatedConfiguration.string, "--output", world.stick.string] + more
    )
  }

  /// A newer bundle for the site, which it imports.
  private func nextDay(_ world: World) async throws {
    try world.age()
    try await world.sync()
    let packed = try await world.pack("--site", "plant", "--replace")
    #expect(packed.status == 0, "\(packed.errors)")
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
  }

  private func list(_ world: World, _ configuration: FilePath) async throws -> [String: Any] {
    let outcome = try await world.run("parcel", "list", "--json", "--config", configuration.string)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.result
  }

  private func place(_ world: World, _ number: Int) -> FilePath {
    world.stick.appending("kscmirror-parcel-plant-00000\(number)")
  }

  // MARK: - There and back

  @Test func `a parcel goes on the stick, is taken in by pack, and the next import brings the answer`() async throws {
    let world = try await prepared()
    try await make(world, "the hosts")
    let sent = try await send(world)
    #expect(sent.status == 0 && sent.output.contains("kscmirror-parcel-plant-000001"), "\(sent.errors)")
    let contents = try String(contentsOfFile: place(world, 1).appending("CONTENTS.txt").string, encoding: .utf8)
    let shown = try await world.run("parcel", "show", "1", "--config", world.isolatedConfiguration.string)
    #expect(shown.output == contents && contents.contains("licence/hosts.json"), "\(shown.errors)")
    // A strict import takes parcels for no strangers, but what lies in them.
    #expect(try await world.import().status == 0)
    try world.write("x", to: place(world, 1).appending("autorun.inf"))
    #expect(try await world.import().status == Exit.strangers)
    try FileManager.default.removeItem(atPath: place(world, 1).appending("autorun.inf").string)
    // Nobody reads it on the way.
    let sealed = try Data(contentsOf: URL(fileURLWithPath: place(world, 1).appending("payload.sealed").string))
    #expect(sealed.firstRange(of: Data("the hosts".utf8)) == nil)
    let before = try #require(try await list(world, world.isolatedConfiguration)["sent"] as? [[String: Any]])
    #expect(before.count == 1 && before[0]["written"] != nil && before[0]["acknowledged"] == nil)
    try await nextDay(world)
    let taken = try #require(try await list(world, world.configuration)["taken"] as? [[String: Any]])
    #expect(taken.map { $0["number"] as? Int } == [1] && taken[0]["site"] as? String == "plant")
    let after = try #require(try await list(world, world.isolatedConfiguration)["sent"] as? [[String: Any]])
    #expect(after[0]["acknowledged"] is Int)
    let nothing = try await send(world)
    #expect(nothing.status == 0 && nothing.output.contains("nothing to write"))
    #expect(!FileManager.default.fileExists(atPath: place(world, 1).string))
    // It is opened on the connected side.
    let unpacked = world.folder["unpacked"]
    let open = ["open", world.connected.string, "plant", "1", "licence", unpacked.string]
    #expect(try await tool(world, open) == "used\n")
    #expect(try await tool(world, open) == "used before\n")
    #expect(try String(contentsOfFile: unpacked.appending("hosts.json").string, encoding: .utf8) == "the hosts")
    let here = try await world.run("parcel", "show", "1", "--from", "plant", "--config", world.configuration.string)
    #expect(here.output == contents)
    for store in [world.connected, world.isolated] {
      let log = try await world.run("log", "--store", store.string)
      #expect(log.output.contains("parcel ok: parcel 1"), "\(log.output)")
      #expect(try await world.run("verify", "--store", store.string).status == 0)
    }
    #expect(try await world.run("parcel", "list", "--config", world.configuration.string).output.contains("licence"))
  }

  @Test func `collect tells what has come, what has not, and what is refused and why`() async throws {
    let world = try await prepared()
    for number in 1...4 { try await make(world, "\(number)", kind: "exchange:kpsn") }
    #expect(try await send(world, "1", "3").status == 0)
    let first = try await collect(world)
    #expect(first.status == 0 && first.output.contains("parcel 3 of site plant was collected: exchange:kpsn"))
    #expect(first.errors.contains("parcels of site plant that are missing: 2"), "\(first.errors)")
    let again = try await collect(world)
    #expect(again.status == 0 && again.output.contains("was collected before") && !again.errors.contains("missing"))
    let shown = try await world.run("site", "show", "plant", "--json", "--config", world.configuration.string)
    #expect((shown.result["parcels"] as? [[String: Any]])?.compactMap { $0["number"] as? Int } == [3, 1])
    #expect((shown.result["missingParcels"] as? [String: Any])?["ranges"] as? [[Int]] == [[2, 2]])
    let text = try await world.run("site", "show", "plant", "--config", world.configuration.string)
    #expect(text.output.contains("are missing: 2"), "\(text.output)")
    #expect(try await send(world, "2", "4").status == 0)
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: place(world, 4).appending("CONTENTS.txt").string))
    let mixed = try await collect(world, "--json")
    #expect(mixed.status == Exit.badParcel, "\(mixed.output)")
    let parcels = try #require(mixed.result["parcels"] as? [[String: Any]])
    #expect(parcels.compactMap { $0["order"] as? String } == ["same", "late", "same"])
    #expect(mixed.result["refused"] as? Int == 1)
    #expect(mixed.json.contains { ($0["notice"] as? [String: Any])?["name"] as? String == "parcel-refused" })
    // Pack takes what it can, and warns of the rest.
    let packed = try await world.pack("--overwrite")
    #expect(packed.status == 0 && packed.errors.contains("list of contents"), "\(packed.errors)")
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("refusal refused: a parcel was refused"))
    #expect(
      try await world.run("parcel", "show", "4", "--from", "plant", "--store", world.connected.string).status
        == Exit.notThere
    )
    #expect(
      try await world.run("parcel", "show", "4", "--from", "../plant", "--store", world.connected.string).status
        == Exit.notThere
    )
    try FileManager.default.removeItem(atPath: place(world, 4).appending("payload.sealed").string)
    #expect(
      try await world.run("collect", place(world, 4).string, "--store", world.connected.string).status == Exit.badParcel
    )
  }

  @Test func `a site that is forgotten takes its parcels with it, and an unknown one brings none`() async throws {
    let world = try await prepared()
    try await make(world, "hosts")
    #expect(try await send(world).status == 0)
    #expect(try await collect(world).status == 0)
    let store = ["--store", world.connected.string]
    let plan = try await world.run(["site", "forget", "plant", "--dry-run"] + store)
    #expect(plan.output.contains("1 unused parcel"), "\(plan.output)")
    #expect(try await world.run(["site", "forget", "plant"] + store).status == 0)
    #expect(!FileManager.default.fileExists(atPath: world.connected.appending("parcels/sites/plant").string))
    let refused = try await collect(world)
    #expect(refused.status == Exit.unknownKey && refused.errors.contains("'plant' is not known"), "\(refused.errors)")
    let packed = try await world.pack("--overwrite")
    #expect(packed.status == 0 && packed.errors.contains("is ignored"), "\(packed.errors)")
  }

  @Test func `a new sealing key reaches the site with its next bundle, and the old one stays`() async throws {
    let world = try await prepared()
    try await make(world, "before")
    let store = ["--store", world.connected.string]
    let keys = try await world.run(["keys", "show", "--json"] + store)
    let first = try #require((keys.result["sealing"] as? [String: Any])?["key"] as? String)
    let rotated = try await world.run(["keys", "rotate", "sealing", "--json"] + store)
    let sealing = try #require(rotated.result["sealing"] as? [String: Any])
    #expect(sealing["kept"] as? [String] == [first] && sealing["key"] as? String != first, "\(rotated.errors)")
    #expect(try await world.run(["keys", "show"] + store).output.contains("\(first) (before)"))
    try await nextDay(world)
    try await make(world, "after")
    #expect(try await send(world).status == 0)
    #expect(try await collect(world).status == 0)
    for (number, text) in [(1, "before"), (2, "after")] {
      let place = world.folder["unpacked-\(number)"]
      _ = try await tool(world, ["open", world.connected.string, "plant", "\(number)", "licence", place.string])
      #expect(try String(contentsOfFile: place.appending("hosts.json").string, encoding: .utf8) == text)
    }
    let sent = try #require(try await list(world, world.isolatedConfiguration)["sent"] as? [[String: Any]])
    #expect(sent.map { $0["sealedTo"] as? String } == [first, sealing["key"] as? String])
    // A store from before parcels gets a key with its next pack.
    for name in ["sealing.key", "sealing-\(first).key"] {
      try FileManager.default.removeItem(atPath: world.connected.appending("keys").appending(name).string)
    }
    #expect(try await world.run(["keys", "show", "--json"] + store).result["sealing"] == nil)
    #expect(try await world.pack("--overwrite", "--dry-run").status == 0)
    #expect(!FileManager.default.fileExists(atPath: world.connected.appending("keys/sealing.key").string))
    #expect(try await world.pack("--overwrite").status == 0)
    #expect(FileManager.default.fileExists(atPath: world.connected.appending("keys/sealing.key").string))
  }

  @Test func `a site that was reported no key says what it lacks, and learns it with its next import`() async throws {
    let world = try await prepared()
    try FileManager.default.removeItem(atPath: world.isolated.appending("trust/sealing.json").string)
    await #expect(throws: TestFailure.self) { try await make(world, "hosts") }
    #expect(try await world.import().status == 0)
    #expect(try await make(world, "hosts").hasPrefix("1 "))
    // Another root says nothing of what its store can open.
    let words = ["trust", "add", world.firstRoot.string, "--replace", "--config", world.isolatedConfiguration.string]
    #expect(try await world.run(words + ["--fingerprint", world.fingerprint()]).status == 0)
    await #expect(throws: TestFailure.self) { try await make(world, "hosts") }
  }
}
