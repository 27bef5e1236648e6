import Foundation
import Testing

@Suite struct StoreCommandTests {
  /// A world with two snapshots on both sides.
  private func twoDays() async throws -> World {
    let world = try World()
    for day in 1...2 {
      if day == 2 { try world.age() }
      #expect(try await world.sync().status == 0)
      #expect(try await world.pack().status == 0)
      #expect(try await world.import().status == 0)
    }
    return world
  }

  @Test func `a rollback goes back by one, and the next sync does not undo it`() async throws {
    let world = try await twoDays()
    let store = ["--store", world.connected.string]
    #expect(try await world.run(["rollback"] + store).status == 0)
    #expect(world.current(world.connected) == "releases/1")
    #expect(try await world.sync().status == 0)
    #expect(world.current(world.connected) == "releases/1")
    #expect(try await world.run(["rollback", "2"] + store).status == 0)
    #expect(world.current(world.connected) == "releases/2")
    #expect(try await world.run(["rollback", "7"] + store).status == Exit.notThere)
  }

  @Test func `the difference of two snapshots is reported by component and by file`() async throws {
    let world = try await twoDays()
    let store = ["--store", world.isolated.string]
    let outcome = try await world.run(["diff", "1", "2", "--json"] + store)
    let files = try #require(outcome.result["files"] as? [[String: Any]])
    let (old, new) = (
      try World.files(below: world.isolated.appending("releases").appending("1")),
      try World.files(below: world.isolated.appending("releases").appending("2"))
    )
    let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
    #expect(Set(files.compactMap { $0["path"] as? String }) == changed)
    #expect(try await world.run(["diff", "1", "2"] + store).output.contains("KDB"))
    #expect(try await world.run(["diff", "1", "9"] + store).status == Exit.notThere)
  }

  @Test func `why tells which index named a file and where it came from, on both sides`() async throws {
    let world = try await twoDays()
    let path = try #require(
      try world.published(world.isolated).keys.first { $0.contains("updates/kdb/i386/") && $0.hasSuffix(".dat") }
    )
    let here = try await world.run("why", path, "--store", world.connected.string)
    #expect(here.output.contains("updates/kdb/kdb-1901g.xml") && here.output.contains(world.server.url))
    let there = try await world.run("why", String(path.dropFirst(8)), "--store", world.isolated.string)
    #expect(there.output.contains("updates/kdb/kdb-1901g.xml") && there.output.contains("kscmirror-00000"))
    #expect(try await world.run("why", "no/such/file", "--store", world.isolated.string).status == Exit.notThere)
  }

  @Test func `prune keeps what was asked and says before what it would remove`() async throws {
    let world = try await twoDays()
    let store = ["--store", world.connected.string]
    let plan = try await world.run(["prune", "--keep", "1", "--dry-run", "--json"] + store)
    #expect(plan.result["snapshots"] as? [Int] == [1])
    #expect(FileManager.default.fileExists(atPath: world.connected.appending("releases").appending("1").string))
    let done = try await world.run(["prune", "--keep", "1", "--json"] + store)
    #expect(done.result["objects"] as? Int == plan.result["objects"] as? Int)
    #expect(!FileManager.default.fileExists(atPath: world.connected.appending("releases").appending("1").string))
    #expect(try world.published(world.connected) == world.expected())
    #expect(try await world.run(["verify"] + store).status == 0)
  }

  @Test(arguments: ["updates/index/u1901g.xml", "updates/updates/ah/ah0000.dat", "updates/bases/emu/emu0.dat"])
  func `damage is found, and mended by the next sync or by importing the bundle again`(_ path: String) async throws {
    let world = try await twoDays()
    for store in [world.connected, world.isolated] {
      let why = try await world.run("why", path, "--json", "--store", store.string)
      let digest = try #require((why.result["versions"] as? [[String: Any]])?.first?["sha256"] as? String)
      let object = store.appending("objects").string + "/\(digest.prefix(2))/\(digest.dropFirst(2))"
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object)
      let handle = try #require(FileHandle(forWritingAtPath: object))
      try handle.write(contentsOf: Data("damage".utf8))
      try handle.close()
      let found = try await world.run("verify", "--store", store.string)
      #expect(found.status == Exit.damagedStore)
      #expect(found.output.contains(digest) && found.output.contains(path))
      // What ends like this is never without a word.
      let quiet = try await world.run("verify", "--quiet", "--store", store.string)
      #expect(quiet.status == Exit.damagedStore, "\(quiet)")
      #expect(quiet.output.contains(digest) && quiet.output.contains(path), "\(quiet)")
      let mended = store == world.connected ? try await world.sync() : try await world.import()
      #expect(mended.status == 0, "\(mended.errors)")
      let verified = try await world.run("verify", "--store", store.string)
      #expect(verified.status == 0, "\(verified.output)")
      #expect(try world.published(store) == world.expected())
    }
  }

  @Test func `a bundle takes the place of older ones if that is asked for`() async throws {
    let world = try World(files: 30)
    for day in 1...3 {
      if day > 1 { try world.age() }
      try await world.sync()
      #expect(try await world.pack(day < 3 ? "--overwrite" : "--replace").status == 0)
      try world.write("mine", to: world.stick.appending("notes.txt"))
      let bundles = try FileManager.default.contentsOfDirectory(atPath: world.stick.string).filter {
        $0.hasPrefix("kscmirror-")
      }
      #expect(bundles.count == (day < 3 ? day : 1))
      #expect(
        FileManager.default.contents(atPath: world.stick.appending("LABEL.txt").string)
          == FileManager.default.contents(atPath: world.bundle(day).appending("LABEL.txt").string)
      )
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: world.stick.string)
    #expect(names.contains("notes.txt") && !names.contains { $0.hasPrefix("kscmirror-000001") })
    #expect(try await world.import().status == 0)
  }

  @Test func `a source that is taken out of the configuration leaves nothing behind that prune could not remove`()
    async throws
  {
    let world = try World(files: 30)
    try world.write(String(repeating: "package ", count: 500), to: world.folder["tree/extra.bin"])
    try world.configure(
      rest: """
        [[source]]
        name = "extra"
        kind = "files"
        ca = "\(world.authority.certificate)"
        [[source.files]]
        url = "\(world.server.url)/extra.bin"
        path = "extra.bin"
        """
    )
    try await world.sync()
    #expect(try world.published(world.connected)["packages/extra.bin"] != nil)
    try world.configure()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["packages/extra.bin"] == nil)
    let pruned = try await world.run("prune", "--keep", "1", "--json", "--store", world.connected.string)
    #expect(pruned.result["objects"] as? Int == 1)
    #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
  }

  @Test func `help, versions and mistakes in the command line end as they should`() async throws {
    let world = try World(files: 12)
    #expect(try await world.run("--version").output == "kscmirror 0.1.0\n")
    #expect(try await world.run("--help").output.contains("sync"))
    #expect(try await world.run("synk").status == Exit.usage)
    #expect(try await world.run("prune", "--keep", "0").status == Exit.usage)
    let checked = try await world.run("config", "check", "--config", world.configuration.string)
    #expect(checked.status == 0 && checked.output.contains("all good"))
  }
}
