import Foundation
import SystemPackage
import TestSupport
import Testing

/// What the units for sticks run, line by line as systemd would, on a stick that is an image on a loop device. Needs root.
@Suite struct StickUnitTests {
  private static let units = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .pushing("Mirror/systemd")

  /// An image with a file system, as a device.
  private final class Stick {
    let device: String

    init(in folder: TemporaryFolder) throws {
      let image = folder["stick.img"].string
      try Command.run("truncate", ["-s", "64M", image])
      try Command.run("mkfs.ext4", ["-q", "-L", "KSCMIRROR", image])
      let said = try Command.run("losetup", ["-f", "--show", image])
      device = said.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit { _ = try? Command.run("losetup", ["-d", device]) }

    /// How it is mounted now: the options; `nil` if it is not.
    var mounted: Set<Substring>? {
      get throws {
        let lines = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
        let words = lines.map { $0.split(separator: " ") }.first { $0.count > 3 && $0[0] == device[...] }
        return words.map { Set($0[3].split(separator: ",")) }
      }
    }
  }

  private static let canMount: Bool = {
    let folder = TemporaryFolder()
    guard geteuid() == 0, let stick = try? Stick(in: folder), let place = try? folder.subfolder("m") else {
      return false
    }
    defer { _ = try? Command.run("umount", [place.string]) }
    return (try? Command.run("mount", [stick.device, place.string])) != nil
  }()

  /// A run of a unit.
  private struct Run {
    let world: World
    let stick: Stick
    let configuration: FilePath
    var output = ""

    /// Runs the lines of a key; those that begin with `-` may fail.
    mutating func run(_ unit: String, _ key: String, while check: (String) throws -> Void = { _ in }) throws {
      let text = try String(contentsOfFile: StickUnitTests.units.appending(unit).string, encoding: .utf8)
      let name = stick.device.dropFirst("/dev/".count)
      let runtime = world.folder["run"]
      try FileManager.default.createDirectory(
        atPath: runtime.appending("kscmirror-stick-\(name)").string,
        withIntermediateDirectories: true
      )
      for line in text.split(separator: "\n") where line.hasPrefix("\(key)=") {
        let words = line.dropFirst(key.count + 1)
        let mayFail = words.hasPrefix("-")
        let command = String(words.drop { $0 == "-" || $0 == "+" })
          .replacing("%I", with: name).replacing("%i", with: name).replacing("%t", with: runtime.string)
          .replacing(#/^kscmirror /#, with: "KSCMIRROR_CONFIG='\(configuration)' '\(World.program)' ")
        let settings = "export SERVICE_RESULT=success SIGNAL='echo signal:' IMPORT_OPTIONS= PACK_OPTIONS="
        do {
          output += try Command.run("/bin/sh", ["-c", "\(settings); \(command)"])
        } catch  where mayFail {
          output += "\(error)\n"
        }
        try check(command)
      }
    }
  }

  @Test(.enabled(if: canMount, "no file system can be mounted by a loop device here"))
  func `a stick is packed to, imported, and written to again, and is released each time`() async throws {
    let world = try World(files: 20)
    try world.configureIsolated("site = \"plant-7\"")
    try await world.sync()
    try await world.trust()
    let stick = try Stick(in: world.folder)

    var out = Run(world: world, stick: stick, configuration: world.configuration)
    for key in ["ExecStartPre", "ExecStart", "ExecStopPost"] { try out.run("kscmirror-stick-out@.service", key) }
    let released = try stick.mounted
    #expect(
      released == nil && out.output.contains("signal: ") && out.output.contains("may be removed"),
      "\(out.output)"
    )

    var back = Run(world: world, stick: stick, configuration: world.isolatedConfiguration)
    let unit = "kscmirror-stick@.service"
    try back.run(unit, "ExecStartPre")
    let safe: Set<Substring> = ["nosuid", "nodev", "noexec"]
    let options = try stick.mounted
    #expect(options?.isSuperset(of: safe.union(["ro"])) == true)
    try back.run(unit, "ExecStart")
    #expect(world.current(world.isolated) == "releases/1", "\(back.output)")
    try back.run(unit, "ExecStopPost") { command in
      guard command.contains("receipt") else { return }
      let options = try stick.mounted
      #expect(options?.isSuperset(of: safe.union(["rw"])) == true)
    }
    let left = try stick.mounted
    #expect(left == nil && back.output.contains("signal: "), "\(back.output)")

    let place = try world.folder.subfolder("looked-at")
    try Command.run("mount", ["-o", "ro", stick.device, place.string])
    defer { _ = try? Command.run("umount", [place.string]) }
    let names = try FileManager.default.contentsOfDirectory(atPath: place.string)
    #expect(names.contains("kscmirror-receipt-plant-7.json"), "\(names)")
  }
}
