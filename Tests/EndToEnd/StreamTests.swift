import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct StreamTests {
  private func packed(_ files: Int = 60) async throws -> (world: World, stream: FilePath) {
    let world = try World(files: files)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    try await world.trust()
    let stream = world.folder["bundle.tar"]
    let made = try await world.run("pack", "--config", world.configuration.string, "--stream", stream.string)
    try #require(made.status == 0, "\(made.errors)")
    return (world, stream)
  }

  /// Whether a store has nothing left of a stream.
  private func expectClean(_ store: FilePath) {
    let incoming = store.appending("incoming")
    #expect((try? FileManager.default.contentsOfDirectory(atPath: incoming.appending("stream").string)) ?? [] == [])
  }

  @Test func `bundles go through a pipe, a full one and an incremental one`() async throws {
    let (world, _) = try await packed()
    for day in 1...2 {
      if day > 1 {
        try world.age()
        try #require(try await world.sync().status == 0)
      }
      let base = day > 1 ? "--base 1" : ""
      let script = """
        set -eu -o pipefail
        "\(World.program)" pack --config "\(world.configuration)" \(base) --stream - \\
          | "\(World.program)" import --config "\(world.isolatedConfiguration)" -
        """
      try Command.run("bash", ["-c", script])
      #expect(try world.published(world.isolated) == world.expected())
      expectClean(world.isolated)
      #expect(!FileManager.default.fileExists(atPath: world.connected.appending("outgoing/stream").string))
    }
  }

  @Test func `a stream in a file can be unpacked with tar, and imported as a folder or as the file`() async throws {
    let (world, stream) = try await packed()
    let place = try world.folder.subfolder("unpacked")
    try Command.run("tar", ["-C", place.string, "-xf", stream.string])
    try Command.run(
      "sh",
      ["-c", "cd \(place)/kscmirror-000001 && sha256sum --quiet -c tagmanifest-sha256.txt manifest-sha256.txt"]
    )
    #expect(try await world.import(from: stream).status == 0)
    #expect(try world.published(world.isolated) == world.expected())
    #expect(try await world.import(from: place).status == 0)
  }

  @Test func `a stream that is cut anywhere changes nothing`() async throws {
    let (world, stream) = try await packed(30)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: stream.string))
    let cut = world.folder["cut.tar"]
    for step in 0..<24 {
      let status = step == 0 ? Exit.notABundle : Exit.incompleteBundle
      try bytes.prefix(bytes.count * step / 24).write(to: URL(fileURLWithPath: cut.string))
      let refused = try await world.import(from: cut)
      #expect(refused.status == status, "\(step): \(refused.status) \(refused.errors)")
      #expect(world.current(world.isolated) == nil)
      expectClean(world.isolated)
    }
    #expect(try await world.import(from: stream).status == 0)
  }

  @Test(.enabled(if: Command.path(of: "python3") != nil, "python3 is not installed"))
  func `hostile streams are refused, and write nothing outside their place`() async throws {
    let (world, stream) = try await packed(30)
    let script = """
      import io, sys, tarfile
      source, target, kind = sys.argv[1:]
      old = tarfile.open(source)
      new = tarfile.open(target, "w")
      top = "kscmirror-000001/"
      def add(name, data=b"x", **more):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        for key, value in more.items(): setattr(info, key, value)
        new.addfile(info, io.BytesIO(data))
      members = old.getmembers()
      if kind == "climb": add(top + "../../escaped")
      if kind == "absolute": add("/tmp/escaped")
      if kind == "link": add(top + "data/metadata/1.root.json", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
      if kind == "hardlink": add(top + "LABEL.txt", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")
      if kind == "device": add(top + "LABEL.txt", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
      if kind == "other": add("kscmirror-000002/LABEL.txt")
      if kind == "unknown": add(top + "autorun.inf")
      if kind == "many":
        for number in range(3000): add(top + "data/metadata/%d.json" % number)
      for member in members:
        if kind == "early" and "/volumes/" not in member.name: continue
        volume = member.name.partition("/volumes/")[2]
        if kind == "misnamed" and volume: member.name = top + "data/volumes/" + "0" * 64 + volume[64:]
        new.addfile(member, old.extractfile(member))
        if kind == "double" and member.name.endswith("LABEL.txt"): new.addfile(member, old.extractfile(member))
        if kind == "again" and volume: add(top + "data/volumes/" + volume[65:], old.extractfile(member).read())
      if kind == "late": add(top + "data/metadata/9.root.json")
      if kind == "strange": add(top + "data/volumes/kscmirror-000001.777.tar.zst")
      new.close()
      """
    let maker = world.folder["make.py"]
    try world.write(script, to: maker)
    let kinds = [
      ("climb", Exit.damagedBundle), ("absolute", Exit.damagedBundle), ("link", Exit.damagedBundle),
      ("hardlink", Exit.damagedBundle), ("device", Exit.damagedBundle), ("other", Exit.damagedBundle),
      ("unknown", Exit.damagedBundle), ("many", Exit.damagedBundle), ("early", Exit.damagedBundle),
      ("double", Exit.damagedBundle), ("late", Exit.damagedBundle), ("strange", Exit.damagedBundle),
      ("misnamed", Exit.damagedBundle), ("again", Exit.damagedBundle),
    ]
    for (kind, status) in kinds {
      let hostile = world.folder["\(kind).tar"]
      try Command.run("python3", [maker.string, stream.string, hostile.string, kind])
      let refused = try await world.import(from: hostile)
      #expect(refused.status == status, "\(kind): \(refused.status) \(refused.errors)")
      #expect(world.current(world.isolated) == nil, "\(kind)")
      expectClean(world.isolated)
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/escaped"))
    #expect(!FileManager.default.fileExists(atPath: world.isolated.appending("incoming/escaped").string))
    #expect(try await world.import(from: stream).status == 0)
  }

  @Test func `a stranger's stream is refused before its volumes are taken`() async throws {
    let (first, stream) = try await packed()
    defer { withExtendedLifetime(first) {} }
    let (other, _) = try await packed(20)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: stream.string))
    // Cut within the volumes: had they been looked at, the cut would be what is told.
    let cut = other.folder["cut.tar"]
    try bytes.dropLast(20_000).write(to: URL(fileURLWithPath: cut.string))
    let refused = try await other.import(from: cut)
    #expect(refused.status == Exit.unknownKey, "\(refused.errors)")
    expectClean(other.isolated)
  }
}
