import Foundation
import SystemPackage
import TestSupport
import Testing

/// What was lost and put back, and what somebody went back from: on both sides, as an administrator meets it.
@Suite struct LostTests {
  /// A world with one snapshot on both sides, whose site is known.
  private func prepared() async throws -> World {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"")
    try await day(world)
    try #require(try await world.introduceSite().status == 0)
    return world
  }

  /// A day, from the vendor to the site.
  private func day(_ world: World) async throws {
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant", "--replace").status == 0)
    try #require(try await world.import().status == 0)
  }

  /// Puts a store back from a copy.
  private func putBack(_ copy: FilePath, as store: FilePath) throws {
    try FileManager.default.removeItem(atPath: store.string)
    try FileManager.default.copyItem(atPath: copy.string, toPath: store.string)
  }

  @Test func `a connected store that was put back from a backup goes on behind what its site has`() async throws {
    let world = try await prepared()
    let backup = world.folder["backup"]
    try FileManager.default.copyItem(atPath: world.connected.string, toPath: backup.string)
    for _ in 2...4 {
      try world.age()
      try await day(world)
    }
    try putBack(backup, as: world.connected)
    try world.age()
    #expect(try await world.sync().status == 0)
    // The stick still has the site's newest receipt.
    let packed = try await world.pack("--site", "plant", "--replace", "--json")
    #expect(packed.status == 0 && packed.result["snapshot"] as? Int == 5, "\(packed.output)\(packed.errors)")
    #expect(packed.output.contains("\"store-restored\"") && packed.output.contains("put back from a backup"))
    let taken = try await world.import()
    #expect(taken.status == 0 && world.current(world.isolated) == "releases/5", "\(taken.errors)")
    #expect(try world.published(world.isolated) == world.expected())
    // From then on all is as ever.
    try world.age()
    try await day(world)
    #expect(world.current(world.isolated) == "releases/6" && world.current(world.connected) == "releases/6")
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("its numbering continues after those"), "\(log.output)")
  }

  @Test func `numbers that are given twice are distinguished from damage, and the receipt helps`() async throws {
    let world = try await prepared()
    let backup = world.folder["backup"]
    try FileManager.default.copyItem(atPath: world.connected.string, toPath: backup.string)
    try world.age()
    try await day(world)
    try putBack(backup, as: world.connected)
    try world.age()
    #expect(try await world.sync().status == 0)
    try world.emptyStick()
    #expect(try await world.pack("--site", "plant").status == 0)
    let refused = try await world.import()
    #expect(refused.status == Exit.olderBundle, "\(refused.status) \(refused.errors)")
    #expect(refused.errors.contains("put back from a backup") && refused.errors.contains("kscmirror receipt"))
    #expect(world.current(world.isolated) == "releases/2")
    // The refusal has left a receipt.
    #expect(try await world.pack("--site", "plant", "--replace").status == 0)
    let taken = try await world.import()
    #expect(taken.status == 0 && world.current(world.isolated) == "releases/3", "\(taken.errors)")
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `a rollback on the connected side reaches a site with the next bundle`() async throws {
    let world = try await prepared()
    let good = try world.published(world.isolated)
    try world.age()
    try await day(world)
    #expect(try await world.run("rollback", "--store", world.connected.string).status == 0)
    let again = try await world.sync()
    #expect(again.status == 0 && again.output.contains("a rollback of"), "\(again.output)")
    let dry = try await world.pack("--site", "plant", "--dry-run", "--json")
    #expect(dry.status == 0 && dry.result["snapshot"] as? Int == 1, "\(dry.output)")
    let packed = try await world.pack("--site", "plant", "--replace", "--json")
    #expect(packed.status == 0 && packed.result["snapshot"] as? Int == 3, "\(packed.output)\(packed.errors)")
    #expect(packed.output.contains("\"held-back\"") && packed.output.contains("\"renumbered\""), "\(packed.output)")
    // Whoever replays old databases could say as much: somebody at the site has to want it.
    let refused = try await world.import()
    #expect(refused.status == Exit.olderIndex && refused.errors.contains("--allow-older"), "\(refused.errors)")
    let taken = try await world.import("--allow-older")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try world.published(world.isolated) == good && world.current(world.isolated) == "releases/3")
    // Once is enough.
    let enough = try await world.pack("--site", "plant", "--replace", "--json")
    #expect(enough.status == 0 && enough.result["snapshot"] as? Int == 3, "\(enough.output)")
    #expect(
      !FileManager.default.fileExists(atPath: world.stick.appending("kscmirror-000004-from-000003-for-plant").string)
    )
    // Something newer ends it.
    try world.age()
    try await day(world)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `a site publishes what it has gone back from only when it is asked, also when it is gone there`()
    async throws
  {
    let world = try await prepared()
    for _ in 2...3 {
      try world.age()
      try await day(world)
    }
    let store = ["--store", world.isolated.string]
    #expect(try await world.run(["rollback", "2"] + store).status == 0)
    let held = try await world.import("--json")
    #expect(held.status == 0 && held.result["outcome"] as? String == "held", "\(held.output)")
    #expect(held.output.contains("--again") && world.current(world.isolated) == "releases/2")
    let dry = try await world.import("--dry-run")
    #expect(dry.status == 0 && dry.errors.contains("--again"), "\(dry.errors)")
    // What the site has is not carried again, and leaves the stick; somebody has kept a copy.
    let kept = world.folder["kept"]
    try FileManager.default.copyItem(atPath: world.stick.string, toPath: kept.string)
    let nothing = try await world.pack("--site", "plant")
    #expect(nothing.status == 0 && nothing.errors.contains("has gone back from it"), "\(nothing.errors)")
    let isolated = ["--config", world.isolatedConfiguration.string]
    let again = try await world.run(["import", kept.string, "--again"] + isolated)
    #expect(again.status == 0 && world.current(world.isolated) == "releases/3", "\(again.errors)")
    // What was gone back from is passed over by the next one.
    #expect(try await world.run(["rollback"] + store).status == 0)
    #expect(world.current(world.isolated) == "releases/2")
    try world.age()
    try await day(world)
    #expect(world.current(world.isolated) == "releases/4")
    #expect(try await world.run(["rollback"] + store).status == 0)
    #expect(world.current(world.isolated) == "releases/2")
  }

  // MARK: - Moved and copied

  @Test func `a store that was copied without its hard links is reported, and linked again`() async throws {
    let world = try await prepared()
    try world.age()
    try await day(world)
    let before = try world.published(world.isolated)
    // As 'cp -r' and 'rsync -a' copy: each name becomes a file of its own.
    let copy = world.folder["copy"]
    try Command.run("/bin/cp", ["-r", world.isolated.string, copy.string])
    try putBack(copy, as: world.isolated)
    let store = ["--store", world.isolated.string]
    func sharing() async throws -> String {
      let lines = try await world.run(["doctor"] + store).output.split(separator: "\n")
      return String(lines.first { $0.contains("share their files") || $0.contains("do not share") } ?? "")
    }
    #expect(try await sharing().contains("do not share"))
    let told = try await world.run(["verify"] + store)
    #expect(
      told.status == 0 && told.errors.contains("are copies") && told.errors.contains("--relink"),
      "\(told.errors)"
    )
    let linked = try await world.run(["verify", "--relink", "--json"] + store)
    #expect(linked.status == 0, "\(linked.output)\(linked.errors)")
    let relinked = try #require(linked.result["relinked"] as? [String: Any])
    #expect((relinked["files"] as? Int ?? 0) > 40 && (relinked["bytes"] as? Int ?? 0) > 0, "\(relinked)")
    #expect(try await !sharing().contains("do not share"))
    #expect(try world.published(world.isolated) == before)
    let again = try await world.run(["verify", "--relink", "--json"] + store)
    #expect((again.result["relinked"] as? [String: Any])?["files"] as? Int == 0)
    // What lies behind a link to a folder is somebody else's.
    let release = FilePath(try #require(world.current(world.isolated)))
    let inner = world.isolated.appending("releases").appending(release.lastComponent?.string ?? "").pushing(
      "updates/index"
    )
    let outside = world.folder["outside"]
    try Command.run("/bin/cp", ["-r", inner.string, outside.string])
    try world.write("my own", to: outside.appending("u1901g.xml"))
    try FileManager.default.removeItem(atPath: inner.string)
    try FileManager.default.createSymbolicLink(atPath: inner.string, withDestinationPath: outside.string)
    _ = try await world.run(["verify", "--relink"] + store)
    #expect(try String(contentsOfFile: outside.appending("u1901g.xml").string, encoding: .utf8) == "my own")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files to others"))
  func `whoever is not the store's owner is refused before anything is done, and is reported whose it is`() async throws
  {
    let world = try await prepared()
    // A number that no user has, and one that has a name.
    for (owner, name) in [(UInt32(4_000_111), "number 4000111"), (UInt32(1), "sudo -u daemon")] {
      for store in [world.connected, world.isolated] {
        try FileManager.default.setAttributes([.ownerAccountID: NSNumber(value: owner)], ofItemAtPath: store.string)
      }
      let before = try World.files(below: world.connected).keys.sorted()
      let (connected, isolated) = (
        ["--config", world.configuration.string], ["--config", world.isolatedConfiguration.string]
      )
      let commands = [
        ["sync"] + connected, ["pack", world.stick.string] + connected, ["prune"] + connected, ["rollback"] + connected,
        ["keys", "rotate", "timestamp"] + connected, ["collect", world.stick.string] + connected,
        ["import", world.stick.string] + isolated, ["receipt"] + isolated, ["verify", "--relink"] + connected,
      ]
      for command in commands {
        let refused = try await world.run(command)
        #expect(refused.status == Exit.permission, "\(command): \(refused.status) \(refused.output)\(refused.errors)")
        #expect(refused.errors.contains(name) && refused.errors.contains("nothing was done"), "\(refused.errors)")
      }
      #expect(try World.files(below: world.connected).keys.sorted() == before)
      // Whoever may read may look.
      for command in [["status"], ["log"], ["verify"], ["site", "list"]] {
        #expect(try await world.run(command + connected).status == 0, "\(command)")
      }
      let doctor = try await world.run(["doctor"] + connected)
      #expect(doctor.output.contains("belongs to user"), "\(doctor.output)")
    }
  }

  // MARK: - Lost

  @Test func `a lost connected store is made again from a backup, and its site goes on as if nothing had been`()
    async throws
  {
    let world = try await prepared()
    let (phrase, file) = (world.folder["phrase"], world.folder["safe/kscmirror.backup"])
    try world.write("four words of a test\n", to: phrase)
    try world.write("", to: world.folder["safe/other"])
    func command(_ word: String, _ path: FilePath) -> [String] {
      [word, path.string, "--passphrase-file", phrase.string, "--config", world.configuration.string]
    }
    let saved = try await world.run(command("backup", file) + ["--json"])
    #expect(saved.status == 0 && saved.result["hasRootKey"] as? Bool == true, "\(saved.errors)")
    let mode = try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try await world.run(command("backup", world.folder["safe/other"])).status == Exit.cannotCreate)
    #expect(try await world.run(command("backup", world.connected.appending("b"))).status == Exit.cannotCreate)
    // A newer one takes the place of an older one.
    #expect(try await world.run(command("backup", file)).status == 0)
    #expect(try await world.run(command("restore", file)).status == Exit.cannotCreate)

    try world.age()
    try await day(world)
    let before = try await world.run("keys", "show", "--json", "--store", world.connected.string).result["fingerprint"]
    try FileManager.default.removeItem(atPath: world.connected.string)
    try world.write("three wrong words here\n", to: phrase)
    #expect(try await world.run(command("restore", file)).status == Exit.keyUnusable)
    #expect(!FileManager.default.fileExists(atPath: world.connected.string))
    try world.write("four words of a test\n", to: phrase)
    let restored = try await world.run(command("restore", file))
    #expect(restored.status == 0, "\(restored.errors)")
    let after = try await world.run("keys", "show", "--json", "--store", world.connected.string).result["fingerprint"]
    #expect(before as? [String] == after as? [String])
    let names = try FileManager.default.contentsOfDirectory(atPath: world.connected.string)
    #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
    // The site is known, takes what comes, and sends what it has: nothing is refused.
    try world.age()
    try await day(world)
    #expect(try world.published(world.isolated) == world.expected())
    let number = try #require(world.current(world.isolated)?.split(separator: "/").last.flatMap { Int($0) })
    #expect(number > 1000, "\(number)")
    let sites = try await world.run("site", "list", "--json", "--store", world.connected.string)
    #expect(sites.output.contains("\"plant\""), "\(sites.output)")
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.status == 0 && log.output.contains("was put back"), "\(log.output)")
    let state = try await world.run("status", "--json", "--store", world.connected.string)
    #expect((state.result["unfinished"] as? [Any])?.isEmpty == true, "\(state.output)")
  }

  private static var canTrace: Bool {
    Command.path(of: "strace") != nil
      && (try? Command.run("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_exit=1", "true"])) != nil
  }

  @Test(.enabled(if: canTrace, "strace may not trace here"))
  func `a restore that is killed at any point has its line in the journal, and is finished with all numbers raised`()
    async throws
  {
    let world = try await prepared()
    let (phrase, file) = (world.folder["phrase"], world.folder["kscmirror.backup"])
    try world.write("four words of a test\n", to: phrase)
    let words = [file.string, "--passphrase-file", phrase.string, "--config", world.configuration.string]
    #expect(try await world.run(["backup"] + words).status == 0)
    let store = world.connected
    let numbers = store.appending("numbers")
    try FileManager.default.removeItem(atPath: store.string)
    #expect(try await world.run(["restore"] + words).status == 0)
    let raised = try String(contentsOfFile: numbers.string, encoding: .utf8)
    for (calls, moments) in [("rename,renameat,renameat2", 1...9), ("syncfs", 1...3)] {
      for moment in moments {
        try FileManager.default.removeItem(atPath: store.string)
        let kill = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=\(calls):signal=KILL:when=\(moment)"]
        _ = try? Command.run("strace", kill + [World.program, "restore"] + words)
        func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: store.appending(name).string) }
        if isThere("keys") {
          #expect(isThere("numbers"), "\(calls) \(moment)")
          let log = try await world.run("log", "--store", store.string)
          #expect(log.output.contains("the putting back of a backup"), "\(calls) \(moment): \(log.output)")
        }
        let finished = try await world.run(["restore", "--missing"] + words)
        #expect(finished.status == 0, "\(calls) \(moment): \(finished.errors)")
        let present = try String(contentsOfFile: numbers.string, encoding: .utf8)
        #expect(present.split(separator: "\n").count == raised.split(separator: "\n").count)
        #expect(isThere("keys") && isThere("metadata") && isThere("journal"), "\(calls) \(moment)")
      }
    }
  }

  @Test func `lost keys are reported as lost, and new ones take their place, or those of a backup`() async throws {
    let world = try await prepared()
    let (phrase, file) = (world.folder["phrase"], world.folder["kscmirror.backup"])
    try world.write("four words of a test\n", to: phrase)
    let store = ["--store", world.connected.string]
    let sealed = ["--passphrase-file", phrase.string] + store
    #expect(try await world.run(["backup", file.string] + sealed).status == 0)
    let keys = world.connected.appending("keys").string
    try FileManager.default.removeItem(atPath: keys)
    let doctor = try await world.run("doctor", "--config", world.configuration.string)
    #expect(doctor.output.contains("are lost") && doctor.output.contains("keys init --replace"), "\(doctor.output)")
    let pack = ["pack", world.stick.string, "--site", "plant", "--replace", "--config", world.configuration.string]
    try world.age()
    #expect(try await world.sync().status == 0)
    let refused = try await world.run(pack)
    #expect(refused.status == Exit.keyUnusable && refused.errors.contains("restore --missing"), "\(refused.errors)")
    #expect(try await world.run(["restore", file.string, "--missing"] + sealed).status == 0)
    #expect(try await world.run(pack).status == 0)
    #expect(try await world.import().status == 0)
    #expect(world.current(world.isolated) == "releases/2")

    // Without a backup: wholly new keys, which the site trusts by their fingerprint.
    try FileManager.default.removeItem(atPath: keys)
    #expect(try await world.run(["keys", "init"] + sealed).status == Exit.cannotCreate)
    let made = try await world.run(["keys", "init", "--replace", "--no-passphrase"] + store)
    #expect(made.status == 0 && made.output.contains("trust add --replace"), "\(made.output)\(made.errors)")
    try world.age()
    #expect(try await world.sync().status == 0)
    try world.emptyStick()
    #expect(try await world.run(pack).status == 0)
    #expect(try await world.import().status == Exit.unknownKey)
    let print = try await world.fingerprint()
    let trust = ["trust", "add", world.stick.string, "--replace", "--fingerprint", print]
    #expect(try await world.run(trust + ["--config", world.isolatedConfiguration.string]).status == 0)
    #expect(try await world.import().status == 0)
    #expect(world.current(world.isolated) == "releases/3")
    #expect(try world.published(world.isolated) == world.expected())
  }
}
