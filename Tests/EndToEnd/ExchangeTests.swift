import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files of folders between a site and the connected side, by the built program.
@Suite struct ExchangeTests {
  // MARK: - Any files

  @Test func `files go out and in, each once, and again when they have changed`() async throws {
    let ground = try await ExchangeGround()
    try ground.put("one", "plant/lists/a.txt")
    try ground.put("two", "plant/lists/deep/er/b.bin")
    try ground.put("hidden", "plant/lists/.c")
    // No Windows could save it.
    try ground.put("device", "plant/lists/deep/Con.txt")
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
    #expect(shown.errors.contains("Con.txt") && shown.errors.contains("skipped"), "\(shown.errors)")
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
    let ground = try await ExchangeGround()
    let place = ground.folder["plant/lists"]
    try Data("list".utf8).write(to: URL(fileURLWithPath: place.appending("a.txt").string))
    // A file with holes: reading it would take hours.
    let holes = place.appending("holes").string
    _ = FileManager.default.createFile(atPath: holes, contents: Data())
    try #require(truncate(holes, 8 << 40) == 0)
    let began = ContinuousClock.now
    let refused = try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string)
    #expect(refused.status == Exit.usage, "\(refused.status): \(refused.errors)")
    #expect(refused.errors.contains("largest_parcel") && refused.errors.contains("holes"), "\(refused.errors)")
    #expect(ContinuousClock.now - began < .seconds(600))
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
    let ground = try await ExchangeGround()
    try ground.put("x", "office/patches/sub/p1.exe")
    let outside = try ground.folder.subfolder("outside")
    try FileManager.default.createSymbolicLink(
      atPath: ground.folder["plant/patches/sub"].string,
      withDestinationPath: outside.string
    )
    let refused = try await ground.into(ground.plant)
    #expect(
      refused.status == Exit.cannotCreate && refused.errors.contains("is not a folder"),
      "\(refused.status) \(refused.errors)"
    )
    #expect(try World.files(below: outside).isEmpty)
    try FileManager.default.removeItem(atPath: ground.folder["plant/patches/sub"].string)
    #expect(try await ground.site(ground.plant, "exchange", "receive").status == 0)
    #expect(try ground.files("plant/patches") == ["sub/p1.exe": "x"])
  }

  @Test func `a folder is cleared of what has arrived, as it was sent, and of nothing else`() async throws {
    let ground = try await ExchangeGround(clear: true)
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

  @Test func `a link in the way of what is to be cleared keeps nothing else from being cleared and sent`() async throws
  {
    let ground = try await ExchangeGround(clear: true)
    for name in ["deep/a", "b"] { try ground.put(name, "plant/lists/\(name)") }
    _ = try await ground.out(ground.plant)
    try await ground.answer()
    // Whoever may write there moves a folder away, and lays a link in its place.
    let (deep, away) = (ground.folder["plant/lists/deep"].string, ground.folder["plant/lists/.away"].string)
    try FileManager.default.moveItem(atPath: deep, toPath: away)
    try FileManager.default.createSymbolicLink(atPath: deep, withDestinationPath: away)
    try ground.put("new", "plant/lists/c")
    let sent = try await ground.site(ground.plant, "exchange", "send")
    #expect(sent.status == 0 && sent.errors.contains("deep/a: a symbolic link is in the way"), "\(sent.errors)")
    #expect(sent.output.contains("removed b") && sent.output.contains("1 file of"), "\(sent.output)")
    #expect(try ground.files("plant/lists") == [".away/a": "deep/a", "c": "new"])
    // With the link away it is cleared like any other.
    try FileManager.default.removeItem(atPath: deep)
    try FileManager.default.moveItem(atPath: away, toPath: deep)
    let cleared = try await ground.site(ground.plant, "exchange", "send")
    #expect(cleared.status == 0 && cleared.output.contains("removed deep/a"), "\(cleared.output)\(cleared.errors)")
    #expect(try ground.files("plant/lists") == ["c": "new"])
  }

  @Test(.timeLimit(.minutes(20)))
  func `a file with holes is not read for hours where nothing so large was sent`() async throws {
    let ground = try await ExchangeGround(clear: true)
    for name in ["a", "b"] { try ground.put(name, "plant/lists/\(name)") }
    _ = try await ground.out(ground.plant)
    try await ground.answer()
    // What has arrived becomes a giant at the site; on the connected side one lies in the folder that is sent and cleared.
    try #require(truncate(ground.folder["plant/lists/a"].string, 8 << 40) == 0)
    let patch = ground.folder["office/patches/giant"].string
    _ = FileManager.default.createFile(atPath: patch, contents: Data())
    try #require(truncate(patch, 8 << 40) == 0)
    let listed = try await ground.site(ground.plant, "exchange", "list")
    #expect(listed.status == Exit.usage && listed.errors.contains("largest_parcel"), "\(listed.errors)")
    let sent = try await ground.site(ground.plant, "exchange", "send")
    #expect(sent.output.contains("removed b") && sent.status == Exit.usage, "\(sent.status) \(sent.errors)")
    for words in ["list", "send"] {
      let refused = try await ground.connected("exchange", words)
      #expect(refused.status == Exit.usage && refused.errors.contains("giant"), "\(words): \(refused.errors)")
    }
  }

  @Test func `a folder that cannot be sent keeps no other waiting`() async throws {
    let ground = try await ExchangeGround()
    let more = """
      [[exchange]]
      name = "more"
      direction = "out"
      folder = "\(try ground.folder.subfolder("plant/more"))"
      """
    let settings = try String(contentsOfFile: ground.plant.string, encoding: .utf8)
    try ground.world.write("\(settings)\n\(more)\n", to: ground.plant)
    // A file with holes that is larger than anything that is sent, in the first folder.
    let giant = ground.folder["plant/lists/giant"].string
    _ = FileManager.default.createFile(atPath: giant, contents: Data())
    try #require(truncate(giant, 8 << 40) == 0)
    try ground.put("a", "plant/more/a")
    let sent = try await ground.site(ground.plant, "exchange", "send")
    #expect(sent.status == Exit.usage && sent.errors.contains("giant"), "\(sent.status) \(sent.errors)")
    #expect(sent.output.contains("1 file of more"), "\(sent.output)")
    // And one that is away, when there is nothing else to send.
    try FileManager.default.removeItem(atPath: ground.folder["plant/lists"].string)
    let away = try await ground.site(ground.plant, "exchange", "send")
    #expect(away.status == Exit.notThere && away.errors.contains("plant/lists"), "\(away.status) \(away.errors)")
  }

  // MARK: - Bad parcels

  /// Sends one parcel with a small file and a large one, and takes it in on the connected side.
  private func carry(_ name: String, _ ground: ExchangeGround) async throws {
    try ground.put("small of \(name)", "plant/lists/\(name)-a")
    try ground.put(String(repeating: name, count: 3 << 20), "plant/lists/\(name)-z")
    let sent = try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string)
    try #require(sent.status == 0, "\(sent.errors)")
    try #require(try await ground.connected("collect", ground.world.stick.string).status == 0)
  }

  private func list(_ ground: ExchangeGround) async throws -> [[String: Any]] {
    let listed = try await ground.connected("parcel", "list", "--json")
    return try #require(listed.result["taken"] as? [[String: Any]], "\(listed.errors)")
  }

  @Test
  func `a bad parcel stops no other, leaves nothing of itself, is set aside after three refusals, and can be dropped`()
    async throws
  {
    let ground = try await ExchangeGround()
    for name in ["x", "y"] { try await carry(name, ground) }
    // The end of the first is damaged: what lies before is sound.
    let sealed = ground.world.connected.pushing("parcels/sites/plant/000001/payload.sealed")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: sealed.string))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: sealed.string))
    let dry = try await ground.connected("exchange", "receive", "--dry-run")
    #expect(dry.status == Exit.badParcel && dry.errors.contains("000001"), "\(dry.status) \(dry.errors)")
    for round in 1...3 {
      let received = try await ground.connected("exchange", "receive")
      #expect(received.status == Exit.badParcel, "\(round): \(received.status) \(received.errors)")
      #expect(received.errors.contains("parcel 1 of site plant") && received.errors.contains("parcel drop plant 1"))
      #expect(received.errors.contains("set aside") == true, "\(received.errors)")
      #expect(received.errors.contains("refused 3 times") == (round == 3), "\(round): \(received.errors)")
      let names = try ground.files("office/lists").keys.sorted()
      #expect(names == ["plant/y-a", "plant/y-z"], "\(round): \(names)")
      let all = try FileManager.default.subpathsOfDirectory(atPath: ground.folder["office/lists"].string)
      #expect(!all.contains { $0.contains(".kscmirror-") }, "\(all)")
    }
    let quiet = try await ground.connected("exchange", "receive")
    #expect(quiet.status == 0 && quiet.errors.isEmpty, "\(quiet.status) \(quiet.errors)")
    let log = try await ground.connected("log")
    #expect(log.output.contains("refused 3 times, and is set aside"), "\(log.output)")
    #expect(try await list(ground).first { $0["number"] as? Int == 1 }?["isSetAside"] as? Bool == true)
    let shown = try await ground.connected("parcel", "list")
    #expect(shown.output.contains("set aside"), "\(shown.output)")

    let wrong = try await ground.connected("parcel", "drop", "plent", "1")
    #expect(wrong.status == Exit.notThere && wrong.errors.contains("plant"), "\(wrong.errors)")
    let absent = try await ground.connected("parcel", "drop", "plant", "1", "7")
    #expect(absent.status == Exit.notThere && absent.errors.contains("1, 2"), "\(absent.errors)")
    let would = try await ground.connected("parcel", "drop", "plant", "1", "--dry-run")
    #expect(would.status == 0 && would.output.contains("would remove parcel 1"), "\(would.errors)")
    #expect(FileManager.default.fileExists(atPath: sealed.string))
    let dropped = try await ground.connected("parcel", "drop", "plant", "1")
    #expect(dropped.status == 0 && dropped.output.contains("removed parcel 1 of site plant"), "\(dropped.errors)")
    #expect(!FileManager.default.fileExists(atPath: sealed.removingLastComponent().string))
    #expect(try await ground.connected("log").output.contains("parcel 1 of site plant was dropped"))
    // It does not come back with the stick, which still holds it.
    let again = try await ground.connected("collect", ground.world.stick.string)
    #expect(
      again.status == 0 && again.output.contains("parcel 1 of site plant was collected before"),
      "\(again.output)"
    )
    #expect(try await ground.connected("exchange", "receive").output.contains("nothing was collected"))
    #expect(try await ground.connected("parcel", "drop", "plant", "1").status == Exit.notThere)
    // What it held goes in another one.
    let sent = try await ground.site(ground.plant, "exchange", "send", "--again", "--output", ground.world.stick.string)
    #expect(sent.status == 0, "\(sent.errors)")
    #expect(try await ground.connected("collect", ground.world.stick.string).status == 0)
    #expect(try await ground.connected("exchange", "receive").status == 0)
    #expect(try ground.files("office/lists")["plant/x-a"] == "small of x")
  }

  @Test func `what stands in the way of one parcel stops no other, and it is tried until it goes`() async throws {
    let ground = try await ExchangeGround()
    for name in ["x", "y"] { try await carry(name, ground) }
    _ = try ground.folder.subfolder("office/lists/plant/x-a")
    for _ in 0..<4 {
      let received = try await ground.connected("exchange", "receive")
      #expect(received.status == Exit.cannotCreate, "\(received.status) \(received.errors)")
      #expect(try ground.files("office/lists").keys.sorted() == ["plant/y-a", "plant/y-z"])
    }
    try FileManager.default.removeItem(atPath: ground.folder["office/lists/plant/x-a"].string)
    let received = try await ground.connected("exchange", "receive")
    #expect(received.status == 0, "\(received.errors)")
    #expect(try ground.files("office/lists").count == 4)
  }

  // MARK: - Third-party patches

  @Test func `lists of sites are merged, patches go to those that have asked, and all is cleared when it is used`()
    async throws
  {
    let ground = try await ExchangeGround(preset: "vapm")
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

  @Test func `lists that differ under one name are reported, and none of them is chosen`() async throws {
    let ground = try await ExchangeGround(preset: "vapm")
    try await ground.addMill()
    try ground.put("one", "plant/lists/KB7")
    try ground.put("other", "mill/lists/KB7")
    #expect(try await ground.out(ground.plant).status == 0)
    let conflict = try await ground.out(ground.mill)
    #expect(conflict.status == Exit.partial && conflict.errors.contains("KB7 is not the same at"), "\(conflict.errors)")
  }

  @Test func `the doctor shows how the servers get to know the folders`() async throws {
    let ground = try await ExchangeGround(preset: "vapm")
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

  // MARK: - What cannot be read

  @Test(.enabled(if: LockHoldings.canBeTried, "needs root and setpriv to work as another user"))
  func `a file that cannot be read stays, is named, and holds nothing else back`() async throws {
    let ground = try await ExchangeGround()
    for name in ["a", "b", "c/d", "closed/e"] { try ground.put("text of \(name)", "plant/lists/\(name)") }
    // The site's user is somebody else, and may not read all.
    try Command.run("chown", ["-R", "65534:65534", ground.world.folder.path.string, ground.folder.path.string])
    for name in ["b", "closed"] {
      let path = ground.folder.path.pushing(FilePath("plant/lists/\(name)")).string
      try #require(chown(path, 0, 0) == 0 && chmod(path, 0o600) == 0)
    }
    let words = ["exchange", "send", "--output", ground.world.stick.string, "--config", ground.plant.string]
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", World.program]
    let process = try ChildProcess(
      try #require(Command.path(of: "setpriv")),
      nobody + words,
      errors: ground.world.folder["said"]
    )
    let ending = await process.ending()
    let said = try String(contentsOfFile: ground.world.folder["said"].string, encoding: .utf8)
    #expect(ending == .exit(Exit.partial), "\(ending): \(said)")
    #expect(said.contains("2 names cannot be read here, and did not leave"), "\(said)")
    #expect(said.contains("lists/b: ") && said.contains("lists/closed: "), "\(said)")
    // The connected side is this user's again, who alone may change its store.
    try Command.run("chown", ["-R", "0:0", ground.world.connected.string])
    let collected = try await ground.connected("collect", ground.world.stick.string)
    #expect(collected.status == 0, "\(collected.errors)")
    #expect(try await ground.connected("exchange", "receive").status == 0)
    #expect(try ground.files("office/lists").keys.sorted() == ["plant/a", "plant/c/d"])
  }
}
