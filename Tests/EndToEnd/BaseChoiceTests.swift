import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct BaseChoiceTests {
  /// A connected and an isolated side, the latter with a name that the former knows, with one day carried.
  private func known() async throws -> World {
    let world = try World(files: 60)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    try #require(try await world.import().status == 0)
    let shown = try await world.run("trust", "show", "--json", "--config", world.isolatedConfiguration.string)
    let site = try #require(shown.result["siteFingerprint"] as? [String], "\(shown.output)")
    let collected = try await world.run(
      "collect",
      "--config",
      world.configuration.string,
      "--fingerprint",
      site.joined(),
      world.stick.string
    )
    try #require(collected.status == 0, "\(collected.errors)")
    return world
  }

  private func nextDay(_ world: World) async throws {
    try world.age()
    try #require(try await world.sync().status == 0)
  }

  private func bundles(_ world: World) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: world.stick.string).filter { $0.hasPrefix("kscmirror-0") }
      .sorted()
  }

  @Test func `what a site has by its receipt is not carried again`() async throws {
    let world = try await known()
    for day in 2...4 {
      try await nextDay(world)
      // The receipt lies on the stick from the last import.
      let packed = try await world.pack("--site", "plant", "--replace")
      #expect(packed.status == 0, "\(packed.errors)")
      #expect(try bundles(world) == ["kscmirror-00000\(day)-from-00000\(day - 1)-for-plant"])
      #expect(try await world.import().status == 0)
      #expect(try world.published(world.isolated) == world.expected())
    }
    let nothing = try await world.pack("--site", "plant")
    #expect(nothing.status == 0 && nothing.output.contains("nothing to carry"), "\(nothing.output)")
    #expect(try await world.pack("--site", "plant", "--full").status == 0)
    #expect(try bundles(world).contains("kscmirror-000004-for-plant"))
  }

  @Test func `a site that was restored from a backup gets what it needs`() async throws {
    let world = try await known()
    let backup = world.folder["backup"]
    try FileManager.default.copyItem(atPath: world.isolated.string, toPath: backup.string)
    for _ in 2...3 {
      try await nextDay(world)
      try #require(try await world.pack("--site", "plant", "--replace").status == 0)
      try #require(try await world.import().status == 0)
    }
    try FileManager.default.removeItem(atPath: world.isolated.string)
    try FileManager.default.copyItem(atPath: backup.string, toPath: world.isolated.string)
    try await nextDay(world)
    try #require(try await world.pack("--site", "plant", "--replace").status == 0)
    // The bundle builds on what was lost; the refusal leaves a receipt, and the next bundle fits.
    let gap = try await world.import()
    #expect(gap.status == Exit.gap, "\(gap.errors)")
    let packed = try await world.pack("--site", "plant", "--replace")
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(try bundles(world) == ["kscmirror-000004-from-000001-for-plant"])
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `an unknown site gets a full bundle, and the reason is reported`() async throws {
    let world = try World(files: 40)
    try await world.sync()
    let packed = try await world.pack("--site", "nobody")
    #expect(packed.status == 0)
    #expect((packed.output + packed.errors).contains("no receipt from site 'nobody' yet"))
    #expect(try bundles(world) == ["kscmirror-000001-for-nobody"])
  }

  @Test func `the repeating mode heals a site by itself, whichever bundle is lost`() async throws {
    let world = try World(files: 40)
    try world.configureIsolated("site = \"diode\"")
    var names: [String] = []
    for day in 1...7 {
      if day > 1 { try world.age() }
      try #require(try await world.sync().status == 0)
      try world.emptyStick()
      let packed = try await world.pack("--site", "diode", "--full-every", "3")
      #expect(packed.status == 0, "\(packed.errors)")
      names += try bundles(world)
      // Days 2 and 4 are lost, the latter a full one.
      guard ![2, 4].contains(day) else { continue }
      let taken = try await world.import("--no-receipt")
      let isGap = day == 5 || day == 6
      #expect(taken.status == (isGap ? 106 : 0), "day \(day): \(taken.errors)")
      if !isGap { #expect(try world.published(world.isolated) == world.expected()) }
    }
    #expect(
      names
        == [
          "kscmirror-000001", "kscmirror-000002-from-000001", "kscmirror-000003-from-000001", "kscmirror-000004",
          "kscmirror-000005-from-000004", "kscmirror-000006-from-000004", "kscmirror-000007",
        ].map { "\($0)-for-diode" }
    )
    let pruned = try await world.run("prune", "--store", world.connected.string, "--keep", "1")
    #expect(pruned.status == 0, "\(pruned.errors)")
  }
}
