import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct StrangerTests {
  /// A stick with a bundle that an isolated store trusts.
  private func packed() async throws -> World {
    let world = try World(files: 40)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    return world
  }

  private func strangers(_ outcome: Outcome) -> [String] { outcome.result["strangers"] as? [String] ?? [] }

  @Test func `a stick with nothing but a bundle has no strangers, also after an import and beside system folders`()
    async throws
  {
    let world = try await packed()
    try world.configureIsolated("site = \"plant\"\n[import]\nstrict = true")
    for _ in 0..<2 {
      let taken = try await world.import("--json")
      #expect(taken.status == 0, "\(taken.errors)")
      #expect(strangers(taken).isEmpty)
    }
    _ = try world.folder.subfolder("stick/System Volume Information")
    _ = try world.folder.subfolder("stick/lost+found")
    _ = try world.folder.subfolder("stick/kscmirror-000009.part")
    #expect(strangers(try await world.import("--json")).isEmpty)
    #expect(try await world.import(from: world.bundle(1)).status == 0)
  }

  @Test func `unfinished files of a run that was killed are no strangers, and the next run removes them`() async throws
  {
    let world = try await packed()
    try world.configureIsolated("site = \"plant\"")
    let root = world.stick.appending(".kscmirror-2x7k1qdead.tmp")
    let inside = world.bundle(1).appending(".kscmirror-2x7k1qdead.tmp")
    for place in [root, inside] { try world.write("half", to: place) }
    let taken = try await world.import("--strict", "--json")
    #expect(taken.status == 0 && strangers(taken).isEmpty, "\(taken.errors)")
    // Beside the bundle its receipt was written.
    #expect(!FileManager.default.fileExists(atPath: root.string))
    try FileManager.default.createSymbolicLink(atPath: root.string, withDestinationPath: "/etc/passwd")
    #expect(try await world.import("--strict").status == Exit.strangers)
  }

  @Test func `only what a pack can have left counts as that, and all strangers are counted`() async throws {
    let world = try await packed()
    for number in 1...1500 { try world.write("x", to: world.stick.appending("file-\(number)")) }
    for name in ["kscmirror-evil.part", "kscmirror-000002.part.old", "kscmirror-000003-from-000001.old"] {
      _ = try world.folder.subfolder("stick/\(name)")
    }
    let told = try await world.import("--json", "--dry-run")
    #expect(told.status == 0, "\(told.errors)")
    #expect(strangers(told).count == 1000)
    let refused = try await world.import("--strict")
    #expect(refused.status == Exit.strangers && refused.errors.contains("and 1,498 more"), "\(refused.errors)")
  }

  @Test func `what no manifest names is reported, not touched, and refused if strict`() async throws {
    let world = try await packed()
    try world.write("[autorun]", to: world.stick.appending("autorun.inf"))
    try world.write("x", to: world.stick.appending(".hidden").appending("file"))
    try world.write("x", to: world.bundle(1).appending("readme.exe"))
    try world.write("x", to: world.bundle(1).appending("data").appending("more").appending("x"))
    try FileManager.default.createSymbolicLink(
      atPath: world.stick.appending("link").string,
      withDestinationPath: "/etc/passwd"
    )
    try FileManager.default.createSymbolicLink(
      atPath: world.stick.appending("a\u{1B}[2Jb").string,
      withDestinationPath: "nothing"
    )
    let refused = try await world.import("--strict")
    #expect(refused.status == Exit.strangers, "\(refused.errors)")
    #expect(world.current(world.isolated) == nil)
    let told = try await world.import("--json")
    #expect(told.status == 0, "\(told.errors)")
    let names = Set(strangers(told))
    #expect(names.count == 6)
    for name in ["autorun.inf", ".hidden", "link", "kscmirror-000001/readme.exe", "kscmirror-000001/data/more"] {
      #expect(names.contains("\"\(name)\""), "\(names)")
    }
    #expect(!told.output.contains("\u{1B}") && !told.errors.contains("\u{1B}"))
    #expect(FileManager.default.fileExists(atPath: world.stick.appending("autorun.inf").string))
  }
}
