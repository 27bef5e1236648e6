import Foundation
import SystemPackage
import Testing

/// What is done to a store is in its journal: a line each, in a chain.
@Suite struct JournalTests {
  private func events(_ world: World, _ store: FilePath) async throws -> [String] {
    let log = try await world.run("log", "--json", "--store", store.string)
    #expect(log.status == 0, "\(log.errors)")
    let entries = try #require(log.result["entries"] as? [[String: Any]])
    #expect(entries.compactMap { $0["number"] as? Int } == Array(1..<(entries.count + 1)))
    #expect(entries.allSatisfy { ($0["text"] as? String)?.isEmpty == false && $0["user"] is String })
    // What began stands before its outcome, which names it.
    for entry in entries where entry["event"] as? String != "begins" {
      let begun = try #require((entry["facts"] as? [String: Any])?["begun"] as? Int, "\(entry)")
      let beginning = entries[begun - 1]
      #expect(beginning["event"] as? String == "begins" && begun < entry["number"] as? Int ?? 0)
    }
    #expect((log.result["unfinished"] as? [Any])?.isEmpty == true)
    return entries.filter { $0["event"] as? String != "begins" }.map { "\($0["event"] ?? "") \($0["outcome"] ?? "")" }
  }

  @Test
  func
    `each import, refusal, rollback, bundle and change of keys or trust has a line when it begins and one when it ends`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400)
    let (connected, isolated) = (["--store", world.connected.string], ["--store", world.isolated.string])
    try await world.sync()
    try await world.makeKeys()
    #expect(try await events(world, world.connected) == ["sync ok", "keys ok"])
    try await world.pack()
    #expect(try await events(world, world.connected) == ["sync ok", "keys ok", "pack ok"])
    // What changes nothing is no event.
    for words in [["pack", "--output", world.stick.string], ["keys", "show"], ["verify"], ["log"], ["status"]] {
      #expect(try await world.run(words + connected).status == 0)
    }
    try await world.trust()
    #expect(try await events(world, world.isolated) == ["trust ok"])
    #expect(try await world.import("--dry-run").status == 0)
    #expect(try await world.import().status == 0)
    #expect(try await world.import().status == 0)
    let label = world.bundle(1).appending("LABEL.txt")
    let text = try String(contentsOfFile: label.string, encoding: .utf8)
    try world.write(text + "more\n", to: label)
    #expect(try await world.import("--dry-run").status == Exit.damagedBundle)
    #expect(try await world.import().status == Exit.damagedBundle)
    #expect(
      try await events(world, world.isolated) == ["trust ok", "import ok", "import ok", "refusal refused"]
    )
    let log = try await world.run(["log", "--json", "--last", "1"] + isolated)
    let last = try #require((log.result["entries"] as? [[String: Any]])?.last)
    let facts = try #require(last["facts"] as? [String: Any])
    #expect(facts["status"] as? Int == 92)
    #expect((last["text"] as? String)?.contains("LABEL.txt") == true)
    let shown = try await world.run(["log"] + isolated)
    #expect(shown.output.split(separator: "\n").count == 9)
    #expect(shown.output.contains("snapshot 1 of bundle kscmirror-000001 was imported and published"))
    let verified = try await world.run(["verify"] + isolated)
    #expect(verified.status == 0 && verified.output.contains("the chain is whole up to 8:"))

    #expect(try await world.run(["keys", "rotate", "snapshot"] + connected).status == 0)
    try world.age()
    try await world.sync()
    #expect(try await world.run(["rollback", "1"] + connected).status == 0)
    #expect(try await world.run(["rollback", "2"] + connected).status == 0)
    #expect(try await world.run(["prune", "--keep", "1"] + connected).status == 0)
    #expect(
      try await events(world, world.connected)
        == ["sync ok", "keys ok", "pack ok", "keys ok", "sync ok", "rollback ok", "rollback ok", "prune ok"]
    )
  }

  @Test func `a line that was changed, removed or added is told by its number`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    for _ in 1...2 { #expect(try await world.import().status == 0) }
    let path = world.isolated.appending("journal")
    let sound = try String(contentsOfFile: path.string, encoding: .utf8)
    let lines = sound.split(separator: "\n").map { "\($0)\n" }
    #expect(lines.count == 8)
    let store = ["--store", world.isolated.string]
    let changes: [(String, [String])] = [
      // The change itself is seen at the next line, which does not follow.
      (
        "line 4",
        lines[..<3] + [lines[3].replacingOccurrences(of: "\"snapshot\":1", with: "\"snapshot\":7")] + lines[4...]
      ),
      ("line 2", [lines[0]] + lines[2...]),
      ("line 3", [lines[0], lines[1], lines[1]] + lines[2...]),
      ("line 1", Array(lines[1...])),
      ("line 2", [lines[0], "\n"] + lines[1...]),
    ]
    for (place, changed) in changes {
      #expect(changed != lines)
      try world.write(changed.joined(), to: path)
      let verified = try await world.run(["verify"] + store)
      #expect(verified.status == Exit.brokenJournal, "\(place): \(verified.output)\(verified.errors)")
      #expect(verified.output.contains(place), "\(place): \(verified.output)")
      let shown = try await world.run(["log"] + store)
      #expect(shown.status == Exit.brokenJournal && shown.errors.contains("journal"))
    }
    // What is published does not hang on it.
    #expect(try world.published(world.isolated) == world.expected())
    try world.write(sound, to: path)
    #expect(try await world.run(["verify"] + store).status == 0)
  }

  @Test func `an evidence sheet tells what was imported, as text and as JSON`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try await world.sync()
    try await world.pack("--site", "plant-7")
    let place = world.folder["evidence"]
    let refused = try await world.import("--evidence", place.string)
    #expect(refused.status == Exit.otherSite)
    #expect(!FileManager.default.fileExists(atPath: place.string))
    let outcome = try await world.import("--site", "plant-7", "--evidence", place.string, "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let paths = try #require(outcome.result["evidence"] as? [String])
    #expect(paths.count == 2)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.string).sorted()
    #expect(Set(paths) == Set(names.map { place.appending($0).string }))
    let json = try #require(paths.first { $0.hasSuffix(".json") })
    let sheet = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json))) as? [String: Any]
    )
    let imported = try #require(sheet["imported"] as? [String: Any])
    let files = try world.expected()
    #expect(imported["files"] as? Int == files.count)
    #expect(imported["bytes"] as? Int == files.values.reduce(0) { $0 + $1.count })
    #expect(imported["snapshot"] as? Int == 1)
    #expect(imported["site"] as? String == "plant-7")
    #expect(imported["outcome"] as? String == "published")
    #expect(imported["newObjects"] as? Int == Set(files.values).count)
    let digits = try await world.fingerprint()
    #expect(sheet["rootFingerprint"] as? String == digits)
    let volumes = try #require(sheet["volumes"] as? [[String: Any]])
    let manifest = try String(
      contentsOfFile: world.bundle(1).appending("manifest-sha256.txt").string,
      encoding: .utf8
    )
    #expect(volumes.count == 1)
    for volume in volumes {
      let (name, digest) = (volume["name"] as? String ?? "?", volume["sha256"] as? String ?? "?")
      #expect(manifest.contains("\(digest)  data/volumes/\(name)\n"))
    }
    let verified = try await world.run("verify", "--json", "--store", world.isolated.string)
    let position = try #require(verified.result["journal"] as? String)
    #expect(position.hasPrefix("6:") && sheet["journal"] as? String == position)
    let text = try String(contentsOfFile: try #require(paths.first { $0.hasSuffix(".txt") }), encoding: .utf8)
    for line in [
      "Files       \(files.count), ", "site plant-7", "Root        \(digits)", "Journal     \(position)",
      "kscmirror-000001.001.tar.zst",
    ] {
      #expect(text.contains(line), "\(line)")
    }
    // Another import writes sheets of its own.
    #expect(try await world.import("--site", "plant-7", "--evidence", place.string).status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.string).count == 4)
  }
}
