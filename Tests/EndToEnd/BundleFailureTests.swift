import Foundation
import SystemPackage
import TestSupport
import Testing

/// A bundle that is not as it should be is refused with its own exit status, and changes nothing.
@Suite struct BundleFailureTests {
  /// A world with snapshot 1 imported and snapshot 2 on the stick.
  private func prepared() async throws -> World {
    let world = try World()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    try world.age()
    try await world.sync()
    try world.emptyStick()
    #expect(try await world.pack("--volume-size", "1MiB").status == 0)
    return world
  }

  private func expectRefusal(
    _ world: World,
    status: Int32,
    saying text: String,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try world.published(world.isolated)
    for dryRun in [["--dry-run"], []] {
      let outcome = try await world.run(
        ["import", "--config", world.isolatedConfiguration.string, world.stick.string] + dryRun
      )
      #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
      #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: location)
    }
    #expect(world.current(world.isolated) == "releases/1", sourceLocation: location)
    #expect(try world.published(world.isolated) == before, sourceLocation: location)
    #expect(try await world.run("verify", "--store", world.isolated.string).status == 0, sourceLocation: location)
  }

  private func flipByte(of path: FilePath, at share: Double) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path.string))
    bytes[Int(Double(bytes.count - 1) * share)] ^= 0x20
    try bytes.write(to: URL(fileURLWithPath: path.string))
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9, 1])
  func `a volume with a flipped byte`(_ share: Double) async throws {
    let world = try await prepared()
    try flipByte(of: world.volumes(2)[0], at: share)
    try await expectRefusal(world, status: Exit.damagedBundle, saying: ".001.tar.zst")
  }

  @Test func `a list of files, or a label, with a flipped byte`() async throws {
    let world = try await prepared()
    for name in ["manifest-sha256.txt", "LABEL.txt"] {
      let path = world.bundle(2).appending(name)
      try flipByte(of: path, at: 0.5)
      try await expectRefusal(world, status: Exit.damagedBundle, saying: name)
      try flipByte(of: path, at: 0.5)
    }
    let metadata = try #require(try world.metadata(2).first { $0.string.hasSuffix(".targets.json") })
    try flipByte(of: metadata, at: 0.5)
    try await expectRefusal(world, status: Exit.damagedBundle, saying: "targets.json")
  }

  @Test func `a volume that is missing or cut short`() async throws {
    let world = try await prepared()
    let volume = try world.volumes(2)[0]
    let handle = try #require(FileHandle(forWritingAtPath: volume.string))
    try handle.truncate(atOffset: 1000)
    try handle.close()
    try await expectRefusal(
      world,
      status: Exit.damagedBundle,
      saying: "\(VolumeFiles.plain(volume.lastComponent?.string ?? "")) (it was cut short"
    )
    try FileManager.default.removeItem(atPath: volume.string)
    try await expectRefusal(world, status: Exit.incompleteBundle, saying: "missing")
    #expect(try await world.run("inspect", world.stick.string).status == Exit.incompleteBundle)
  }

  @Test func `a volume that is there but damaged is called damaged, with what is wrong with it`() async throws {
    let ground = try await SticksGround()
    let names = try ground.names(ground.world.stick)
    let kinds: [(String, (FilePath) throws -> Void)] = [
      ("it is empty", { try Data().write(to: URL(fileURLWithPath: $0.string)) }),
      (
        "it was cut short",
        { try Data(contentsOf: URL(fileURLWithPath: $0.string)).dropLast().write(to: URL(fileURLWithPath: $0.string)) }
      ),
      (
        "and should have",
        { try (Data(contentsOf: URL(fileURLWithPath: $0.string)) + [0]).write(to: URL(fileURLWithPath: $0.string)) }
      ),
      (
        "it is not a regular file",
        {
          try FileManager.default.removeItem(atPath: $0.string)
          try FileManager.default.createDirectory(atPath: $0.string, withIntermediateDirectories: false)
        }
      ),
    ]
    for (words, damage) in kinds {
      let stick = try ground.copy("medium")
      try damage(ground.file(names[1], on: stick))
      for more in [["--dry-run"], []] {
        let store = try ground.newStore()
        let outcome = try await ground.world.run(["import", "--store", store.string, stick.string] + more)
        #expect(outcome.status == Exit.damagedBundle, "\(words): \(outcome.errors)")
        #expect(outcome.errors.contains("1 of \(names.count) volumes is damaged: \(names[1]) ("), "\(outcome.errors)")
        #expect(outcome.errors.contains(words) && !outcome.errors.contains("missing"), "\(outcome.errors)")
        ground.expectNothing(store)
      }
      // Beside one that is missing, each is called what it is.
      try ground.remove(names[0], from: stick)
      let both = try await ground.import(stick, into: try ground.newStore())
      #expect(both.status == Exit.incompleteBundle && both.errors.contains("\(names[0]) is missing"), "\(both.errors)")
      #expect(both.errors.contains("is damaged: \(names[1]) ("), "\(both.errors)")
    }
    // Of the right size, and something else: seen once the rest has been looked at.
    for (words, byte) in [("zeros", UInt8(0)), ("another file", UInt8(7))] {
      let stick = try ground.copy("medium")
      let path = ground.file(names[1], on: stick)
      let size = try Data(contentsOf: URL(fileURLWithPath: path.string)).count
      try Data(repeating: byte, count: size).write(to: URL(fileURLWithPath: path.string))
      try ground.remove(names[0], from: stick)
      let outcome = try await ground.import(stick, into: try ground.newStore())
      #expect(outcome.status == Exit.incompleteBundle && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.errors.contains("\(names[0]) is missing"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("\(names[1]) is missing"), "\(outcome.errors)")
    }
  }

  @Test func `no bundle at all`() async throws {
    let world = try await prepared()
    try world.emptyStick()
    try await expectRefusal(world, status: Exit.notABundle, saying: "no bundle")
    #expect(try await world.import(from: "/nowhere/stick").status == Exit.notABundle)
  }

  @Test func `one that is older than what is here, unless that is wanted`() async throws {
    let world = try await prepared()
    #expect(try await world.import().status == 0)
    try world.age()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import("--snapshot", "3").status == 0)
    #expect(try await world.run("prune", "--keep", "1", "--store", world.isolated.string).status == 0)
    let older = try await world.import("--snapshot", "2")
    #expect(older.status == Exit.olderBundle)
    #expect(world.current(world.isolated) == "releases/3")
    // Metadata that is older than what was trusted before may be a replay: no option takes it.
    #expect(try await world.import("--snapshot", "2", "--allow-older").status == Exit.olderBundle)
    #expect(world.current(world.isolated) == "releases/3")
    // The older snapshot has to be signed anew.
    #expect(try await world.pack("--snapshot", "2", "--overwrite").status == 0)
    #expect(try await world.import("--snapshot", "2").status == Exit.olderBundle)
    #expect(try await world.import("--snapshot", "2", "--allow-older").status == 0)
    #expect(world.current(world.isolated) == "releases/2")
  }

  @Test func `one of the same number with other content, by the same keys`() async throws {
    let world = try await prepared()
    // The connected store is lost but for its keys, and made anew: its numbers begin from 1 again.
    try FileManager.default.moveItem(atPath: world.connected.string, toPath: world.folder["lost"].string)
    try FileManager.default.createDirectory(atPath: world.connected.string, withIntermediateDirectories: false)
    for name in ["keys", "metadata"] {
      try FileManager.default.moveItem(
        atPath: world.folder["lost/\(name)"].string,
        toPath: world.connected.appending(name).string
      )
    }
    #expect(try await world.sync().status == 0)
    try world.emptyStick()
    #expect(try await world.pack().status == 0)
    try await expectRefusal(world, status: Exit.olderBundle, saying: "another store")
  }

  @Test func `an imported bundle can be imported again, from a medium that cannot be written to`() async throws {
    let world = try await prepared()
    #expect(try await world.import().status == 0)
    let before = try World.files(below: world.stick)
    let again = try await world.import()
    #expect(again.status == 0)
    #expect(again.output.contains("already"))
    #expect(try World.files(below: world.stick) == before)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a file system"))
  func `a full medium is reported before the first byte`() async throws {
    let world = try await prepared()
    let small = try SmallFileSystem(at: world.folder["small"], kilobytes: 256)
    defer { small.unmount() }
    let outcome = try await world.run(
      "pack",
      "--config",
      world.configuration.string,
      "--output",
      world.folder["small"].string
    )
    #expect(outcome.status == Exit.noSpace, "\(outcome.errors)")
    #expect(try World.files(below: world.folder["small"]).isEmpty)
    let smaller = try SmallFileSystem(at: world.folder["smaller"], kilobytes: 256)
    defer { smaller.unmount() }
    let store = world.folder["smaller"].appending("store").string
    let (root, fingerprint) = (world.firstRoot.string, try await world.fingerprint())
    let added = try await world.run("trust", "add", root, "--fingerprint", fingerprint, "--store", store)
    #expect(added.status == 0, "\(added.errors)")
    let imported = try await world.run("import", "--store", store, world.stick.string)
    #expect(imported.status == Exit.noSpace, "\(imported.errors)")
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a file system"))
  func `a disk that fills up while a sync runs leaves the store as it was`() async throws {
    let world = try World(files: 60)
    let small = try SmallFileSystem(at: world.folder["connected"], kilobytes: 3072)
    defer { small.unmount() }
    #expect(try await world.sync().status == 0)
    let before = try world.published(world.connected)
    let extra = (0..<200).map { _ in String(repeating: "\(UUID())", count: 800) }
    for (number, text) in extra.enumerated() {
      try world.write(text, to: world.folder["tree/updates/apu/new\(number).dat"])
    }
    try world.age()
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.noSpace, "\(outcome.errors)")
    #expect(try world.published(world.connected) == before)
    small.grow(toKilobytes: 65536)
    let next = try await world.sync()
    #expect(next.status == 0, "\(next.errors)")
    #expect(try world.published(world.connected) == world.expected())
  }
}
