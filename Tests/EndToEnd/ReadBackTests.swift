import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct ReadBackTests {
  private static let canDelay: Bool = {
    guard Command.path(of: "strace") != nil else { return false }
    return (try? Command.run("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_exit=1", "true"])) != nil
  }()

  /// Flips a byte of the first volume while `pack` waits for it to be synced.
  private func packOnFailingMedium(_ world: World, _ more: [String]) async throws -> Int32 {
    try await world.makeKeys()
    let strace = try #require(Command.path(of: "strace"))
    let volume = world.stick.appending("kscmirror-000001.part/data/volumes/kscmirror-000001.001.tar.zst")
    let delay = ["-P", volume.string, "-e", "trace=fsync", "-e", "inject=fsync:delay_exit=10000000:when=1"]
    let words = ["-f", "-o", "/dev/null"] + delay
    let process = try ChildProcess(
      strace,
      words + [World.program, "pack", "--config", world.configuration.string, "--output", world.stick.string] + more,
      output: world.folder["packed.out"],
      errors: world.folder["packed.err"]
    )
    var size: UInt64 = 0
    for _ in 0..<2000 {
      let now = (try? FileManager.default.attributesOfItem(atPath: volume.string)[.size] as? UInt64) ?? 0
      if now > 0 && now == size { break }
      size = now
      // No task's sleep: where many tests are busy, it could last longer than the sync is held up.
      usleep(20_000)
    }
    usleep(300_000)
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: volume.string))
    try handle.seek(toOffset: size / 2)
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: size / 2)
    try handle.write(contentsOf: [byte ^ 1])
    try handle.close()
    guard case .exit(let status) = await process.ending() else { return -1 }
    return status
  }

  @Test(arguments: [
    "data/volumes/kscmirror-000001.001.tar.zst", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt",
    "bag-info.txt", "data/metadata/1.root.json",
  ])
  func `a bundle that is there and damaged is not said to be there, but written again`(_ name: String) async throws {
    let world = try World(files: 60)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    let names = try FileManager.default.subpathsOfDirectory(atPath: world.bundle(1).string)
    let found = try #require(
      names.first { $0 == name || $0.hasSuffix(".\(name.split(separator: "/").last ?? "")") },
      "\(names)"
    )
    let file = URL(fileURLWithPath: world.bundle(1).pushing(FilePath(found)).string)
    let honest = try Data(contentsOf: file)
    var bytes = honest
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    let again = try await world.pack()
    #expect(again.status == 0, "\(again.errors)")
    #expect(!again.output.contains("already"), "\(again.output)")
    #expect(try await world.import().status == 0)
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
      try Command.run("sh", ["-c", "cd '\(world.bundle(1))' && sha256sum --quiet -c \(manifest)"])
    }
    // One that is whole stays as it is.
    let kept = try await world.pack()
    #expect(kept.status == 0 && kept.output.contains("already"), "\(kept.output)")
  }

  @Test(.enabled(if: canDelay, "strace is not installed, or may not trace"))
  func `a medium that gives back something else is found, and nothing is left on it`() async throws {
    let world = try World(files: 60)
    try #require(try await world.sync().status == 0)
    #expect(try await packOnFailingMedium(world, []) == 74)
    let said = try String(contentsOfFile: world.folder["packed.err"].string, encoding: .utf8)
    #expect(said.contains("returns other bytes") && said.contains("kscmirror-000001.001.tar.zst"), "\(said)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.stick.string).isEmpty)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
  }

  @Test(
    .enabled(
      if: canDelay && RealFileSystem.possible.contains(.exfat),
      "strace may not trace, or exFAT cannot be mounted here"
    )
  )
  func `the medium itself is read also below a file system in user space`() async throws {
    let world = try World(files: 60)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let medium = try RealFileSystem(.exfat, in: world.folder)
    let strace = try #require(Command.path(of: "strace"))
    let words = ["-f", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:delay_exit=250000"]
    let pack = ["pack", "--config", world.configuration.string, "--output", medium.path.string]
    let errors = world.folder["packed.err"]
    let process = try ChildProcess(strace, words + [World.program] + pack, errors: errors)
    let partial = medium.path.appending("kscmirror-000001.part")
    // The last file is there: only syncs and the reading back are to come.
    let last = partial.appending("tagmanifest-sha256.txt").string
    while process.isRunning && !FileManager.default.fileExists(atPath: last) { usleep(5_000) }
    let volume = VolumeFiles.path(of: "kscmirror-000001.001.tar.zst", in: partial.appending("data/volumes"))
    // The image is changed behind the loop device, which the file system's server reads through the system's memory.
    try medium.flip(in: try Data(contentsOf: URL(fileURLWithPath: volume.string)))
    let ending = await process.ending()
    let said = try String(contentsOfFile: errors.string, encoding: .utf8)
    #expect(ending == .exit(74), "\(said)")
    #expect(said.contains("kscmirror-000001.001.tar.zst") && said.contains("returns other bytes"), "\(said)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: medium.path.string).isEmpty)
  }

  @Test(.enabled(if: canDelay, "strace is not installed, or may not trace"))
  func `without reading back only the import finds it`() async throws {
    let world = try World(files: 60)
    try #require(try await world.sync().status == 0)
    #expect(try await packOnFailingMedium(world, ["--no-read-back"]) == 0)
    #expect(try await world.import().status == Exit.damagedBundle)
  }
}
