import Foundation
import SystemPackage
import TestSupport
import Testing

/// What is written to be carried away goes to a stick, and says to which.
@Suite struct MountedStickTests {
  private static let isRoot = geteuid() == 0

  @Test func `the last line says where the bundle lies, and what can be done now`() async throws {
    let world = try World(files: 24)
    try #require(try await world.sync().status == 0)
    for verb in ["Written to", "Lies in"] {
      let packed = try await world.pack()
      let last = try #require(packed.output.split(separator: "\n").last)
      #expect(last.hasPrefix("\(verb) \(world.stick)") && last.contains("read back and compared"), "\(last)")
      #expect(last.contains("a folder of this computer"), "\(last)")
    }
    let unproven = try await world.pack("--no-read-back", "--overwrite", "--json")
    #expect(unproven.result["readBack"] as? Bool == false)
    #expect((unproven.result["medium"] as? [String: Any])?["folder"] as? String == world.stick.string)
  }

  @Test(.enabled(if: isRoot, "needs root to mount a file system"))
  func `where a stick was mounted nothing is written without one`() async throws {
    let world = try World(files: 24)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    let place = world.folder["media"].appending("stick")
    let stick = try SmallFileSystem(at: place, kilobytes: 32_768)
    let packed = try await world.pack(to: place)
    let isWell = packed.status == 0 && packed.output.contains("tmpfs") && packed.output.contains("Unmount \(place)")
    let imported = try await world.import(from: place)
    let receipt = ["receipt", "--config", world.isolatedConfiguration.string, "--output", place.string]
    let first = try await world.run(receipt)
    stick.unmount()
    #expect(isWell, "\(packed.output)\(packed.errors)")
    #expect(imported.status == 0 && first.status == 0, "\(imported.errors)\(first.errors)")

    // The stick was forgotten: an empty folder is there.
    try world.age()
    try #require(try await world.sync().status == 0)
    for refused in [try await world.pack(to: place), try await world.run(receipt)] {
      #expect(refused.status == Exit.cannotCreate, "\(refused.errors)")
      #expect(refused.errors.contains("no stick is mounted") && refused.errors.contains("--here"), "\(refused.errors)")
    }
    let spread = try await world.pack("--spread", to: place)
    #expect(spread.status == Exit.cannotCreate, "\(spread.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.string).isEmpty)
    #expect(try await world.run(["pack", "--abandon", "--config", world.configuration.string]).status == 0)
    #expect(try await world.pack("--here", to: place).status == 0)
    #expect(try await world.run(receipt + ["--here"]).status == 0)
    try world.configure(rest: "[pack]\nrequire_mount = false")
    #expect(try await world.pack(to: place).status == 0)
    try world.configure(rest: "[pack]\nrequire_mount = true")
    let everywhere = try await world.pack()
    #expect(
      everywhere.status == Exit.cannotCreate && everywhere.errors.contains("require_mount"),
      "\(everywhere.errors)"
    )
  }

  private static let canTrace: Bool = {
    guard isRoot, Command.path(of: "strace") != nil else { return false }
    return (try? Command.run("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_exit=1", "true"])) != nil
  }()

  @Test(.enabled(if: canTrace, "strace may not trace here, or no file system can be mounted"))
  func `a stick that goes away in mid-import gets its receipt and its evidence, or nothing does`() async throws {
    let world = try World(files: 24)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try await world.trust()
    let place = world.folder["media"].appending("stick")
    let stick = try SmallFileSystem(at: place, kilobytes: 32_768)
    defer { stick.unmount() }
    try #require(try await world.pack(to: place).status == 0)
    // The import waits where it makes its objects durable, and the stick is unmounted meanwhile.
    let log = world.folder["syncs"].string
    let tracing = ["-f", "-o", log, "-e", "trace=syncfs", "-e", "inject=syncfs:delay_exit=1500000:when=1"]
    let evidence = place.appending("sheets")
    let words = ["import", "--config", world.isolatedConfiguration.string, place.string, "--evidence", evidence.string]
    let process = try ChildProcess(
      try #require(Command.path(of: "strace")),
      tracing + [World.program] + words,
      errors: world.folder["said"]
    )
    while process.isRunning, ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").isEmpty { usleep(5_000) }
    stick.unmount()
    let ending = await process.ending()
    let said = try String(contentsOfFile: world.folder["said"].string, encoding: .utf8)
    // It may not find the bundle again; what it writes, it writes to nothing else.
    #expect(ending == .exit(0) || said.contains("no bundle"), "\(ending): \(said)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.string).isEmpty, "\(said)")
  }
}
