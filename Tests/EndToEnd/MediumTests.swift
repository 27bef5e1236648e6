import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized) struct MediumTests {
  @Test(.enabled(if: !RealFileSystem.possible.isEmpty, "exFAT and NTFS cannot be mounted here"))
  func `bundles go by exFAT and NTFS, which stay clean, and are imported from a medium that cannot be written to`()
    async throws
  {
    let world = try World(files: 80)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    for kind in RealFileSystem.possible {
      let medium = try RealFileSystem(kind, in: world.folder)
      for _ in 0..<2 {
        let packed = try await world.pack("--overwrite", to: medium.path)
        #expect(packed.status == 0, "\(kind): \(packed.errors)")
      }
      let taken = try await world.import(from: medium.path)
      #expect(taken.status == 0, "\(kind): \(taken.errors)")
      #expect(FileManager.default.fileExists(atPath: medium.path.appending("kscmirror-receipt-plant.json").string))
      medium.unmount()
      try medium.check()
      try medium.mount(readOnly: true)
      let again = try await world.import("--json", from: medium.path)
      #expect(again.status == 0, "\(kind): \(again.errors)")
      #expect(try world.published(world.isolated) == world.expected())
    }
  }

  @Test(
    .enabled(
      if: ["mkfs.vfat", "mcopy", "fsck.fat"].allSatisfy { Command.path(of: $0) != nil },
      "mtools are not installed"
    )
  )
  func `a bundle goes by FAT32, under all its names, and the file system stays clean`() async throws {
    let world = try World(files: 80, meanSize: 20_000)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--volume-size", "1MiB", "--parity", "1").status == 0)
    let image = world.folder["fat.img"].string
    try Command.run("truncate", ["-s", "128M", image])
    try Command.run("mkfs.vfat", ["-F", "32", image])
    let names = try FileManager.default.contentsOfDirectory(atPath: world.stick.string)
    try Command.run("mcopy", ["-s", "-i", image] + names.map { world.stick.appending($0).string } + ["::"])
    try Command.run("fsck.fat", ["-n", image])
    let back = try world.folder.subfolder("back")
    for name in names { try Command.run("mcopy", ["-s", "-n", "-i", image, "::\(name)", back.string]) }
    #expect(try World.files(below: back) == World.files(below: world.stick))
    #expect(try await world.import(from: back).status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test(.enabled(if: RealFileSystem.possible.contains(.ntfs), "NTFS cannot be mounted here"))
  func `a medium that vanishes in mid-write or mid-read leaves both sides able to go on`() async throws {
    let world = try World(files: 60, meanSize: 60_000)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    try await world.trust()
    let medium = try RealFileSystem(.ntfs, in: world.folder)
    for delay in [20, 60, 120] {
      let words = ["pack", "--config", world.configuration.string, "--output", medium.path.string, "--overwrite"]
      let run = try world.start(words)
      try await Task.sleep(for: .milliseconds(delay))
      medium.pull()
      let outcome = try await run.outcome()
      #expect([0, 66, 73, 74].contains(outcome.status), "\(outcome.status): \(outcome.errors)")
      medium.unmount()
      try medium.mount()
    }
    let packed = try await world.pack("--overwrite", to: medium.path)
    #expect(packed.status == 0, "\(packed.errors)")
    for delay in [20, 60, 120] {
      let run = try world.start(["import", "--config", world.isolatedConfiguration.string, medium.path.string])
      try await Task.sleep(for: .milliseconds(delay))
      medium.pull()
      let outcome = try await run.outcome()
      #expect([0, 66, 74, 90, 91].contains(outcome.status), "\(outcome.status): \(outcome.errors)")
      if outcome.status != 0 { #expect(world.current(world.isolated) == nil) }
      medium.unmount()
      try medium.mount()
      if outcome.status == 0 { break }
    }
    #expect(try await world.import(from: medium.path).status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }
}
