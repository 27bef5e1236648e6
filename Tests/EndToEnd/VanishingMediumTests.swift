import Foundation
import SystemPackage
import TestSupport
import Testing

/// A medium that goes away at a moment that is known: while the program waits in a call that is made long.
@Suite struct VanishingMediumTests {
  private static let canTrace: Bool = {
    guard Command.path(of: "strace") != nil, RealFileSystem.possible.contains(.ntfs) else { return false }
    return (try? Command.run("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_exit=1", "true"])) != nil
  }()

  enum Loss: CaseIterable {
    case serverDies
    case unmounted
  }

  private func lose(_ medium: RealFileSystem, _ loss: Loss) throws {
    switch loss {
    case .serverDies: medium.pull()
    case .unmounted: try Command.run("umount", ["-l", medium.path.string])
    }
  }

  /// Starts the program, with some of its calls made long.
  private func start(_ world: World, _ tracing: [String], _ arguments: [String]) throws -> ChildProcess {
    let strace = try #require(Command.path(of: "strace"))
    return try ChildProcess(
      strace,
      ["-f"] + tracing + [World.program] + arguments,
      errors: world.folder["said"]
    )
  }

  private func said(_ world: World) throws -> String {
    try String(contentsOfFile: world.folder["said"].string, encoding: .utf8)
  }

  private func wait(for process: ChildProcess, until isSo: () -> Bool) {
    while process.isRunning && !isSo() { usleep(5_000) }
  }

  @Test(.enabled(if: canTrace, "strace may not trace, or NTFS cannot be mounted here"), arguments: Loss.allCases)
  func `of a medium that vanishes while a volume is written nothing goes elsewhere, and a later pack has all on it`(
    _ loss: Loss
  )
    async throws
  {
    let world = try World(files: 60)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let medium = try RealFileSystem(.ntfs, in: world.folder)
    let pack = ["pack", "--config", world.configuration.string, "--output", medium.path.string]
    let volume = medium.path.appending("kscmirror-000001.part/data/volumes/kscmirror-000001.001.tar.zst").string
    let delay = ["-P", volume, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=1500000:when=1"]
    let process = try start(world, ["-o", "/dev/null"] + delay, pack)
    wait(for: process) { FileManager.default.fileExists(atPath: volume) }
    try await Task.sleep(for: .milliseconds(300))
    try lose(medium, loss)
    let ending = await process.ending()
    let words = try said(world)
    // Who unmounts the medium takes its name away, and not what pack holds open: the bundle is finished on it.
    #expect(ending == .exit(loss == .serverDies ? Exit.inputOutput : 0), "\(ending): \(words)")
    if loss == .serverDies { #expect(words.contains("\(medium.path)"), "\(words)") }
    medium.unmount()
    // Nothing went to the folder that the medium was mounted on.
    #expect(try FileManager.default.contentsOfDirectory(atPath: medium.path.string).isEmpty)
    try medium.mount()
    let left = try FileManager.default.contentsOfDirectory(atPath: medium.path.string)
    let allowed = loss == .serverDies ? ["kscmirror-000001.part"] : ["LABEL.txt", "kscmirror-000001"]
    #expect(left.allSatisfy(allowed.contains), "\(left)")
    #expect(try await world.run(pack).status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: medium.path.string).sorted()
        == ["LABEL.txt", "kscmirror-000001"]
    )
    #expect(try await world.import(from: medium.path).status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test(.enabled(if: canTrace, "strace may not trace, or NTFS cannot be mounted here"))
  func `a medium that vanishes while a volume is read publishes nothing, and a later import goes on`() async throws {
    let world = try World(files: 60, meanSize: 200_000)
    try #require(try await world.sync().status == 0)
    try await world.trust()
    let medium = try RealFileSystem(.ntfs, in: world.folder)
    try #require(try await world.pack(to: medium.path).status == 0)
    let folder = world.bundle(1, at: medium.path).appending("data/volumes")
    let volume = VolumeFiles.path(of: "kscmirror-000001.001.tar.zst", in: folder).string
    // What was written just now must not be read from memory.
    medium.unmount()
    try medium.mount()
    let log = world.folder["reads"].string
    let tracing = ["-o", log, "-P", volume, "-e", "trace=read", "-e", "inject=read:delay_exit=400000"]
    let arguments = ["import", "--config", world.isolatedConfiguration.string, medium.path.string]
    let process = try start(world, tracing, arguments)
    wait(for: process) { ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains("read(") }
    try lose(medium, .serverDies)
    let ending = await process.ending()
    let words = try said(world)
    #expect(ending == .exit(74), "\(ending): \(words)")
    #expect(world.current(world.isolated) == nil)
    medium.unmount()
    try medium.mount()
    #expect(try await world.import(from: medium.path).status == 0)
    #expect(try world.published(world.isolated) == world.expected())
    #expect(try await world.run("verify", "--store", world.isolated.string).status == 0)
  }

  private static let canPretend: Bool = {
    let pretence = ["-f", "-o", "/dev/null", "-e", "trace=statfs,fstatfs", "-e", fat, "stat", "-f", "-c", "%T", "/"]
    return (try? Command.run("strace", pretence))?.contains("msdos") == true
  }()
  /// Has the system say that each file system is a FAT.
  private static let fat = "inject=statfs,fstatfs:poke_exit=@arg2=444d000000000000"

  @Test(.enabled(if: canPretend, "strace may not change what the system says"))
  func `volumes on FAT get no more bytes than its files can have`() async throws {
    let world = try World(files: 20)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let pack = ["pack", "--config", world.configuration.string, "--output", world.stick.string, "--overwrite"]
    let tracing = ["-o", "/dev/null", "-e", "trace=statfs,fstatfs", "-e", Self.fat]
    for (size, isTold) in [("8GiB", true), ("4GiB", true), ("3GiB", false)] {
      let ending = await (try start(world, tracing, pack + ["--volume-size", size])).ending()
      let words = try said(world)
      #expect(ending == .exit(0), "\(words)")
      #expect(words.contains("4294967295 bytes") == isTold, "\(size): \(words)")
    }
    let elsewhere = try await world.run(pack + ["--volume-size", "8GiB"])
    #expect(elsewhere.status == 0 && !elsewhere.errors.contains("4294967295"), "\(elsewhere.errors)")
  }
}
