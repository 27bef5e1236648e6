import Foundation
import SystemPackage
import TestSupport
import Testing

/// A number in the name of a folder proves nothing: what cannot be trusted is passed over in favour of what can.
@Suite struct PassedOverTests {
  /// What lies beside the good bundle, under a higher number.
  enum Stray: String, CaseIterable, CustomTestStringConvertible {
    case empty = "an empty folder"
    case selfSigned = "a bundle of somebody else's keys"
    case renamed = "a bundle under a name that is not its own"
    case cut = "a bundle without its list of files"

    var testDescription: String { rawValue }
  }

  private func lay(_ stray: Stray, beside world: World) async throws {
    let files = FileManager.default
    switch stray {
    case .empty:
      try files.createDirectory(atPath: world.bundle(999_999).string, withIntermediateDirectories: false)
    case .selfSigned:
      let strangers = try World(files: 24, meanSize: 400, seed: 9)
      for number in 1...2 {
        if number > 1 { try strangers.age() }
        try #require(try await strangers.sync().status == 0)
      }
      try #require(try await strangers.pack(to: world.stick).status == 0)
    case .renamed: try copy(world, 1, as: 7)
    case .cut:
      try copy(world, 1, as: 7)
      let metadata = world.bundle(7).appending("data").appending("metadata")
      for name in try files.contentsOfDirectory(atPath: metadata.string) where name.contains("targets") {
        try files.removeItem(atPath: metadata.appending(name).string)
      }
    }
  }

  /// Copies a bundle, and has its bag say that it is another one: by its folder's name alone it would be taken for itself.
  private func copy(_ world: World, _ number: Int, as other: Int) throws {
    try FileManager.default.copyItem(atPath: world.bundle(number).string, toPath: world.bundle(other).string)
    let bag = world.bundle(other).appending("bag-info.txt")
    let text = try String(contentsOfFile: bag.string, encoding: .utf8)
    let (name, claimed) = (world.bundle(number).lastComponent?.string, world.bundle(other).lastComponent?.string)
    try world.write(text.replacing(try #require(name), with: try #require(claimed)), to: bag)
  }

  @Test(arguments: Stray.allCases) func `a stray bundle with a higher number does not keep the true one out`(
    _ stray: Stray
  ) async throws {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try await lay(stray, beside: world)
    let rehearsed = try await world.import("--dry-run")
    #expect(rehearsed.status == 0, "\(rehearsed.status): \(rehearsed.errors)")
    // It keeps nobody from seeing the true one either.
    let shown = try await world.run(
      "inspect",
      "--json",
      "--config",
      world.isolatedConfiguration.string,
      world.stick.string
    )
    let bundles = try #require(shown.result["bundles"] as? [[String: Any]], "\(shown.status) \(shown.output)")
    #expect(bundles.contains { $0["bundle"] as? String == world.bundle(1).string && $0["isTrusted"] as? Bool == true })
    #expect(stray != .empty || shown.status == Exit.damagedBundle, "\(shown.status)")
    let outcome = try await world.import("--quiet")
    #expect(outcome.status == 0, "\(outcome.status): \(outcome.errors)")
    #expect(world.current(world.isolated) == "releases/1")
    #expect(outcome.errors.contains("skipped"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("--replace"), "\(outcome.errors)")
    // Nothing newer is there any more: what is refused is then the outcome, and nothing changes. An empty folder is nothing.
    let again = try await world.import()
    #expect((again.status == 0) == (stray == .empty) && !again.errors.contains("--replace"), "\(again.errors)")
    #expect(world.current(world.isolated) == "releases/1")
  }

  @Test func `where nothing can be trusted, the newest one's refusal is reported, with the advice to ask first`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try await world.trust()
    try world.emptyStick()
    try await lay(.selfSigned, beside: world)
    let refused = try await world.import()
    #expect(refused.status == Exit.unknownKey, "\(refused.status): \(refused.errors)")
    let advice = try #require(refused.errors.range(of: "trust add --replace"))
    let asking = try #require(refused.errors.range(of: "over another channel"))
    #expect(asking.lowerBound < advice.lowerBound)
    #expect(world.current(world.isolated) == nil)
  }

  @Test func `an increment of somebody else's keys on the good bundle is refused when the good one is published`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    let strangers = try World(files: 24, meanSize: 400, seed: 9)
    for number in 1...2 {
      if number > 1 { try strangers.age() }
      try #require(try await strangers.sync().status == 0)
    }
    try #require(try await strangers.pack(["--base", "1"], to: world.stick).status == 0)
    let outcome = try await world.import()
    #expect(outcome.status == Exit.unknownKey, "\(outcome.status): \(outcome.errors)")
    #expect(outcome.errors.contains("snapshot 1 was published"), "\(outcome.errors)")
    #expect(world.current(world.isolated) == "releases/1")
  }

  @Test func `a snapshot that was asked for is not ignored`() async throws {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try await lay(.renamed, beside: world)
    let refused = try await world.import("--snapshot", "7")
    #expect(refused.status != 0 && world.current(world.isolated) == nil, "\(refused.output)")
  }
}
