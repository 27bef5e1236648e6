import Foundation
import SystemPackage
import Testing

/// A folder in the place of a server: a copy from elsewhere, or a share that is mounted.
@Suite struct FolderSourceTests {
  private func outcome(_ world: World, _ place: String) async throws -> Outcome {
    try world.configure(url: place)
    return try await world.sync()
  }

  @Test(arguments: ["file://", ""])
  func `a tree in a folder, by its address and by its path`(_ scheme: String) async throws {
    let world = try World(files: 60)
    let first = try await outcome(world, scheme + world.folder["tree"].string)
    #expect(first.status == 0, "\(first.errors)")
    #expect(try world.published(world.connected) == world.expected())
    #expect(world.server.requests.isEmpty)
    let again = try await world.run("sync", "--json", "--config", world.configuration.string)
    #expect(again.status == 0 && again.output.contains("\"fetchedFiles\":0"), "\(again.output)")
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
    let checked = try await world.run("config", "check", "--config", world.configuration.string)
    #expect(checked.status == 0 && checked.output.contains(world.folder["tree"].string), "\(checked.output)")
  }

  @Test func `a path with blanks, from where the configuration stands`() async throws {
    let world = try World(files: 20)
    try FileManager.default.moveItem(atPath: world.folder["tree"].string, toPath: world.folder["a share é"].string)
    let place = "file://" + world.folder.path.string + "/a%20share%20%C3%A9"
    #expect(try await outcome(world, place).status == 0)
    let relative = try await outcome(world, "./a share é")
    #expect(relative.status == 0, "\(relative.errors)")
  }

  @Test func `a share that is not mounted is an error that says so, and nothing changes`() async throws {
    let world = try World(files: 20)
    let place = world.folder["tree"].string
    #expect(try await outcome(world, place).status == 0)
    let before = try world.published(world.connected)
    try FileManager.default.moveItem(atPath: place, toPath: place + ".away")
    let missing = try await world.sync()
    #expect(missing.status == Exit.noServer && missing.errors.contains("is not there"), "\(missing.errors)")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let empty = try await world.sync()
    #expect(empty.status == Exit.noServer && empty.errors.contains("is empty"), "\(empty.errors)")
    #expect(empty.errors.contains("mount"), "\(empty.errors)")
    #expect(try world.published(world.connected) == before)
    let checked = try await world.run("config", "check", "--config", world.configuration.string)
    #expect(checked.status == Exit.configuration && checked.errors.contains("is empty"), "\(checked.errors)")
  }

  @Test func `no link leads out of the folder, and no pipe is read`() async throws {
    let world = try World(files: 20)
    let file = world.folder["tree/updates/ksn/ksn0000.dat"].string
    try world.write("secret", to: world.folder["outside.dat"])
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: world.folder["outside.dat"].string)
    let link = try await outcome(world, world.folder["tree"].string)
    #expect(link.status == Exit.badAnswer && link.errors.contains("leads out of the folder"), "\(link.errors)")
    try FileManager.default.removeItem(atPath: file)
    #expect(mkfifo(file, 0o644) == 0)
    let pipe = try await world.sync()
    #expect(pipe.status == Exit.badAnswer && pipe.errors.contains("not a plain file"), "\(pipe.errors)")
  }

  @Test func `a single file of this machine in a source of kind files`() async throws {
    let world = try World(files: 12)
    try world.write("a package", to: world.folder["share/kesl 12.deb"])
    try world.write(
      """
      store = "\(world.connected)"
      [[source]]
      name = "packages"
      kind = "files"
      files = [{ url = "\(world.folder["share"])/kesl 12.deb", path = "kesl.deb" }]
      """,
      to: world.configuration
    )
    let first = try await world.sync()
    #expect(first.status == 0, "\(first.errors)")
    #expect(try world.published(world.connected)["packages/kesl.deb"] == Data("a package".utf8))
    try world.write("another one", to: world.folder["share/kesl 12.deb"])
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["packages/kesl.deb"] == Data("another one".utf8))
  }

  @Test func `names in two Unicode forms are two files on both sides, and two contents of one are refused by name`()
    async throws
  {
    let world = try World(files: 24)
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    func configure(second: String) throws {
      for (name, text) in [("first", "one"), ("second", second)] {
        try world.write(text, to: world.folder["share"].appending(name))
      }
      // The same file in both forms, and in folders of both forms a file that only one of them has.
      let paths = [("first", "\(one).deb"), ("second", "\(two).deb"), ("first", "\(one)/a"), ("second", "\(two)/b")]
      let files = paths.map { "{ url = \"\(world.folder["share"])/\($0.0)\", path = \"\($0.1)\" }" }
      try world.configure(
        rest: """
          [[source]]
          name = "packages"
          kind = "files"
          files = [\(files.joined(separator: ", "))]
          """
      )
    }
    try configure(second: "one")
    let synced = try await world.sync()
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(try await world.pack().status == 0)
    let imported = try await world.import()
    #expect(imported.status == 0, "\(imported.errors)")
    for name in ["\(one).deb", "\(two).deb", "\(one)/a", "\(two)/b"] {
      let path = world.isolated.appending("current").pushing(FilePath("packages/\(name)"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path.string)) == Data("one".utf8), "\(name)")
    }
    try configure(second: "two")
    let refused = try await world.sync()
    #expect(refused.status == Exit.hostileIndex, "\(refused.status) \(refused.errors)")
    #expect(refused.errors.contains("cafe\\u{301}.deb"), "\(refused.errors)")
    #expect(world.current(world.connected) == "releases/1")
    // What was published goes on.
    try configure(second: "one")
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
  }

  @Test(arguments: [
    (#"["https://s00.example", "/mnt/share"]"#, "has to be the only one"), (#"["smb://server/share"]"#, "Mount it"),
    (#"["\\\\server\\share"]"#, "Mount it"), (#"["file://server/share"]"#, "another machine"),
  ])
  func `a folder that cannot be one`(_ servers: String, _ text: String) async throws {
    let world = try World(files: 12)
    try world.write(
      "store = \"\(world.connected)\"\n[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nservers = \(servers)\n",
      to: world.configuration
    )
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.configuration && outcome.errors.contains(text), "\(outcome.errors)")
  }
}
