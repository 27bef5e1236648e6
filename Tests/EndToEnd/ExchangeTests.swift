import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files of folders between a site and the connected side, by the built program.
@Suite struct ExchangeTests {
  /// Two sites and a connected side with exchange folders.
  private struct Ground {
    let world: World
    let folder = TemporaryFolder()

    init(preset: String? = nil, clear: Bool? = nil, _ more: String = "") async throws {
      world = try World(files: 24, meanSize: 400)
      let settings =
        (preset.map { "preset = \"\($0)\"\n" } ?? "") + (clear.map { "clear = \($0)\n" } ?? "") + more
      func tables(_ side: String) throws -> String {
        try ["lists", "patches"].map { name in
          let place = try folder.subfolder("\(side)/\(name)")
          return """
            [[exchange]]
            name = "\(name)"
            direction = "\(name == "lists" ? "out" : "in")"
            folder = "\(place)"
            \(settings)
            """
        }.joined(separator: "\n")
      }
      try world.configure(rest: tables("office"))
      try world.configureIsolated("site = \"plant\"\n" + tables("plant"))
      try world.write(
        "store = \"\(folder["mill-store"])\"\nsite = \"mill\"\n\(world.vendorSetting)\n" + tables("mill"),
        to: folder["mill.toml"]
      )
      try await world.sync()
      try #require(try await world.pack().status == 0)
      try #require(try await world.import().status == 0)
      try await introduce(world.isolatedConfiguration)
    }

    var mill: FilePath { folder["mill.toml"] }
    var plant: FilePath { world.isolatedConfiguration }

    /// Makes a site known on the connected side.
    func introduce(_ configuration: FilePath) async throws {
      let shown = try await world.run("trust", "show", "--json", "--config", configuration.string)
      let fingerprint = try #require(shown.result["siteFingerprint"] as? [String], "\(shown.errors)").joined()
      let collected = try await connected("collect", world.stick.string, "--fingerprint", fingerprint)
      try #require(collected.status == 0, "\(collected.errors)")
    }

    /// Sets up the second site.
    func addMill() async throws {
      let root = ["trust", "add", world.firstRoot.string, "--fingerprint", try await world.fingerprint()]
      try #require(try await world.run(root + ["--config", mill.string]).status == 0)
      let imported = try await world.run("import", world.stick.string, "--config", mill.string)
      try #require(imported.status == 0, "\(imported.errors)")
      try await introduce(mill)
    }

    func connected(_ words: String...) async throws -> Outcome {
      try await world.run(words + ["--config", world.configuration.string])
    }

    func site(_ configuration: FilePath, _ words: String...) async throws -> Outcome {
      try await world.run(words + ["--config", configuration.string])
    }

    /// Sends from a site, and takes it in.
    func out(_ configuration: FilePath) async throws -> Outcome {
      let sent = try await site(configuration, "exchange", "send", "--output", world.stick.string)
      try #require(sent.status == 0, "\(sent.errors)")
      let collected = try await connected("collect", world.stick.string)
      try #require(collected.status == 0, "\(collected.errors)")
      return try await connected("exchange", "receive")
    }

    /// Sends to a site, and takes it in there; the receipt goes back.
    func into(_ configuration: FilePath) async throws -> Outcome {
      let sent = try await connected("exchange", "send", "--output", world.stick.string)
      try #require(sent.status == 0, "\(sent.errors)")
      let taken = try await site(configuration, "collect", world.stick.string)
      try #require(taken.status == 0, "\(taken.errors)")
      let received = try await site(configuration, "exchange", "receive")
      try await receipt(configuration)
      return received
    }

    func receipt(_ configuration: FilePath) async throws {
      let written = try await site(configuration, "receipt", "--output", world.stick.string)
      try #require(written.status == 0, "\(written.errors)")
      try #require(try await connected("collect", world.stick.string).status == 0)
    }

    /// The next bundle for the first site, which tells it what has arrived.
    func answer() async throws {
      try world.age()
      try await world.sync()
      try #require(try await world.pack("--site", "plant", "--replace").status == 0)
      try #require(try await world.import().status == 0)
    }

    func put(_ text: String, _ path: String) throws {
      let place = folder.path.pushing(FilePath(path))
      try FileManager.default.createDirectory(
        atPath: place.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try world.write(text, to: place)
    }

    func files(_ path: String) throws -> [String: String] {
      try World.files(below: folder[path]).mapValues { String(decoding: $0, as: UTF8.self) }
    }
  }

  // MARK: - Any files

  @Test func `files go out and in, each once, and again when they have changed`() async throws {
    let ground = try await Ground()
    try ground.put("one", "plant/lists/a.txt")
    try ground.put("two", "plant/lists/deep/er/b.bin")
    try ground.put("hidden", "plant/lists/.c")
    try FileManager.default.createSymbolicLink(
      atPath: ground.folder["plant/lists/link"].string,
      withDestinationPath: "/etc/passwd"
    )
    let received = try await ground.out(ground.plant)
    #expect(received.status == 0 && received.output.contains("deep/er/b.bin"), "\(received.errors)")
    #expect(try ground.files("office/lists") == ["plant/a.txt": "one", "plant/deep/er/b.bin": "two"])
    let nothing = try await ground.site(ground.plant, "exchange", "send")
    #expect(nothing.output.contains("nothing that has not left yet"), "\(nothing.output)\(nothing.errors)")
    try ground.put("other", "plant/lists/a.txt")
    let shown = try await ground.site(ground.plant, "exchange", "send", "--dry-run")
    #expect(shown.output.contains("a.txt") && !shown.output.contains("b.bin"), "\(shown.output)")
    _ = try await ground.out(ground.plant)
    #expect(try ground.files("office/lists")["plant/a.txt"] == "other")
    let kept = Set(try ground.files("plant/lists").keys)
    #expect(kept.isSuperset(of: ["a.txt", "deep/er/b.bin"]), "nothing is removed that was not to be cleared")

    try ground.put("patch", "office/patches/p1.exe")
    let into = try await ground.into(ground.plant)
    #expect(into.status == 0, "\(into.errors)")
    #expect(try ground.files("plant/patches") == ["p1.exe": "patch"])
    let listed = try await ground.connected("exchange", "list", "--json")
    let folders = try #require(listed.result["folders"] as? [[String: Any]])
    let patches = try #require(folders.first { $0["name"] as? String == "patches" })
    #expect(patches["sent"] as? Int == 1 && patches["arrived"] as? Int == 1 && patches["waiting"] as? Int == 0)
  }

  @Test func `a folder or a parcel that holds more than the configuration allows is refused before it is read`()
    async throws
  {
    let ground = try await Ground()
    let place = ground.folder["plant/lists"]
    try Data("list".utf8).write(to: URL(fileURLWithPath: place.appending("a.txt").string))
    // A file with holes: reading it would take hours.
    let holes = place.appending("holes").string
    FileManager.default.createFile(atPath: holes, contents: Data())
    try #require(truncate(holes, 8 << 40) == 0)
    let began = ContinuousClock.now
    let refused = try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string)
    #expect(refused.status == Exit.usage, "\(refused.status): \(refused.errors)")
    #expect(refused.errors.contains("largest_parcel") && refused.errors.contains("holes"), "\(refused.errors)")
    #expect(ContinuousClock.now - began < .seconds(60))
    try FileManager.default.removeItem(atPath: holes)
    #expect(try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string).status == 0)
    let settings = try String(contentsOfFile: ground.world.configuration.string, encoding: .utf8)
    try ground.world.write("largest_parcel = \"3B\"\n" + settings, to: ground.world.configuration)
    let collected = try await ground.connected("collect", ground.world.stick.string)
    #expect(collected.status == Exit.badParcel, "\(collected.status): \(collected.errors)")
    #expect(collected.errors.contains("largest_parcel"), "\(collected.errors)")
    try ground.world.write(settings, to: ground.world.configuration)
    #expect(try await ground.connected("collect", ground.world.stick.string).status == 0)
  }

  @Test func `what stands in the way of a file is not written over or through`() async throws {
    let ground = try await Ground()
    try ground.put("x", "office/patches/sub/p1.exe")
    let outside = try ground.folder.subfolder("outside")
    try FileManager.default.createSymbolicLink(
      atPath: ground.folder["plant/patches/sub"].string,
      withDestinationPath: outside.string
    )
    let refused = try await ground.into(ground.plant)
    #expect(
      refused.status == Exit.cannotCreate && refused.errors.contains("is no folder"),
      "\(refused.status) \(refused.errors)"
    )
    #expect(try World.files(below: outside).isEmpty)
    try FileManager.default.removeItem(atPath: ground.folder["plant/patches/sub"].string)
    #expect(try await ground.site(ground.plant, "exchange", "receive").status == 0)
    #expect(try ground.files("plant/patches") == ["sub/p1.exe": "x"])
  }

  @Test func `a folder is cleared of what has arrived, as it was sent, and of nothing else`() async throws {
    let ground = try await Ground(clear: true)
    for name in ["a", "b"] { try ground.put(name, "plant/lists/\(name)") }
    _ = try await ground.out(ground.plant)
    // Nothing has told the site yet.
    _ = try await ground.site(ground.plant, "exchange", "send")
    #expect(try ground.files("plant/lists").count == 2)
    try ground.put("changed", "plant/lists/b")
    try ground.put("new", "plant/lists/c")
    try await ground.answer()
    let dry = try await ground.site(ground.plant, "exchange", "send", "--dry-run")
    #expect(dry.output.contains("would remove a") && !dry.output.contains("would remove b"), "\(dry.output)")
    #expect(try ground.files("plant/lists").count == 3)
    let sent = try await ground.site(ground.plant, "exchange", "send")
    #expect(sent.output.contains("removed a") && sent.output.contains("2 files"), "\(sent.output)\(sent.errors)")
    #expect(try ground.files("plant/lists") == ["b": "changed", "c": "new"])
  }

  // MARK: - Third-party patches

  @Test func `lists of sites are merged, patches go to those that have asked, and all is cleared when it is used`()
    async throws
  {
    let ground = try await Ground(preset: "vapm")
    try await ground.addMill()
    try ground.put("list 1", "plant/lists/KB1")
    try ground.put("list 2", "plant/lists/KB2")
    #expect(try await ground.out(ground.plant).status == 0)
    #expect(try ground.files("office/lists") == ["KB1": "list 1", "KB2": "list 2"])
    // The mill has not asked.
    try ground.put("patch 1", "office/patches/KB1.msi")
    let sent = try await ground.connected("exchange", "send", "--dry-run")
    #expect(sent.output.contains("for site plant") && !sent.output.contains("for site mill"), "\(sent.output)")

    try ground.put("list 2", "mill/lists/kb2")
    #expect(try await ground.out(ground.mill).status == 0)
    #expect(try ground.files("office/lists").count == 2)
    #expect(try await ground.into(ground.plant).status == 0)
    #expect(try ground.files("plant/patches") == ["KB1.msi": "patch 1"])
    // The plant's lists were answered; what the mill has asked for too stays, and so does the patch that it waits for.
    _ = try await ground.connected("exchange", "send")
    #expect(try ground.files("office/lists").keys.map { $0.lowercased() } == ["kb2"])
    #expect(try ground.files("office/patches") == ["KB1.msi": "patch 1"])
    let mill = try await ground.site(ground.mill, "collect", ground.world.stick.string)
    #expect(mill.status == 0, "\(mill.errors)")
    #expect(try await ground.site(ground.mill, "exchange", "receive").status == 0)
    try await ground.receipt(ground.mill)
    let cleared = try await ground.connected("exchange", "send")
    #expect(cleared.output.contains("removed KB1.msi"), "\(cleared.output)\(cleared.errors)")
    #expect(try ground.files("office/lists").isEmpty && ground.files("office/patches").isEmpty)
    // The same list, asked for anew, waits for an answer of its own.
    try ground.put("list 1", "plant/lists/KB1")
    #expect(
      try await ground.site(ground.plant, "exchange", "send", "--again", "--output", ground.world.stick.string).status
        == 0
    )
    #expect(try await ground.connected("collect", ground.world.stick.string).status == 0)
    #expect(try await ground.connected("exchange", "receive").status == 0)
    _ = try await ground.connected("exchange", "send")
    #expect(try ground.files("office/lists").keys.contains("KB1"))
  }

  @Test func `lists that differ under one name are told, and none of them is chosen`() async throws {
    let ground = try await Ground(preset: "vapm")
    try await ground.addMill()
    try ground.put("one", "plant/lists/KB7")
    try ground.put("other", "mill/lists/KB7")
    #expect(try await ground.out(ground.plant).status == 0)
    let conflict = try await ground.out(ground.mill)
    #expect(conflict.status == Exit.partial && conflict.errors.contains("KB7 is not the same at"), "\(conflict.errors)")
  }

  @Test func `the doctor tells what the servers have to be told of the folders`() async throws {
    let ground = try await Ground(preset: "vapm")
    let isolated = try await ground.site(ground.plant, "doctor")
    #expect(isolated.output.contains("VAPM_REQ_EXPORT_PATH") && isolated.output.contains("plant/lists"))
    let connected = try await ground.connected("doctor")
    #expect(connected.output.contains("VAPM_DATA_EXPORT_PATH") && connected.output.contains("office/patches"))
  }

  @Test(
    arguments: [
      ("name = \"x\"\ndirection = \"up\"\nfolder = \"f\"", "\"out\" or \"in\""),
      ("name = \"../x\"\ndirection = \"out\"\nfolder = \"f\"", "name"),
      ("name = \"x\"\ndirection = \"out\"", "folder"),
      ("name = \"x\"\ndirection = \"out\"\nfolder = \"f\"\npreset = \"wsus\"", "\"vapm\""),
    ]
  )
  func `a wrong table is refused with what it may be`(_ table: String, _ expected: String) async throws {
    let folder = TemporaryFolder()
    let file = folder["kscmirror.toml"]
    try "store = \"s\"\n[[exchange]]\n\(table)\n".write(toFile: file.string, atomically: true, encoding: .utf8)
    let world = try World(files: 1, meanSize: 100)
    let outcome = try await world.run("config", "check", "--config", file.string)
    #expect(
      outcome.status == Exit.configuration && outcome.errors.contains(expected),
      "\(outcome.status) \(outcome.errors)"
    )
  }
}
