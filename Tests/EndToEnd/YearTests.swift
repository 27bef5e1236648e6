import Foundation
import SystemPackage
import TestSupport
import Testing

/// An isolated installation, to which a stick is carried now and then.
private struct CarriedSite {
  let name: String
  /// Every how many days a stick is carried.
  let every: Int
  /// Every which stick is lost on its way; 0: none.
  let loses: Int
  let store: FilePath
  let configuration: FilePath
  let stick: FilePath
  var sticks = 0
  var carried = 0

  init(_ name: String, every: Int, loses: Int, in world: World) throws {
    self.name = name
    self.every = every
    self.loses = loses
    store = world.folder["\(name)-store"]
    configuration = world.folder["\(name).toml"]
    stick = try world.folder.subfolder("\(name)-stick")
    try world.write("store = \"\(store)\"\nsite = \"\(name)\"\nkeep = 2\n\(world.vendorSetting)\n", to: configuration)
  }
}

/// Days of syncs, bundles and imports, to sites with rhythms of their own.
@Suite struct YearTests {
  /// How many days: KSCMIRROR_DAYS, such as 365 for a year.
  private static let days = Int(ProcessInfo.processInfo.environment["KSCMIRROR_DAYS"] ?? "") ?? 12

  @Test func `days of carrying to a daily, a weekly and an unlucky site end alike to the byte`() async throws {
    let world = try World(files: 60, meanSize: 6000, trusting: false)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    var sites = [
      try CarriedSite("daily", every: 1, loses: 0, in: world), try CarriedSite("weekly", every: 7, loses: 0, in: world),
      try CarriedSite("unlucky", every: 1, loses: 5, in: world),
    ]
    for site in sites { try await trust(site, world) }
    var trees: [Int: [String: Data]] = [1: try world.expected()]
    var full = 0
    for day in 1...Self.days {
      if day > 1 {
        try world.age()
        try #require(try await world.sync().status == 0)
        trees[day] = try world.expected()
      }
      let whole = try await fullSize(day, world)
      for index in sites.indices where (day - 1) % sites[index].every == 0 || day == Self.days {
        full += whole
        try await carry(&sites[index], on: day, world, trees)
      }
      if day % 10 == 0 { try await prune(sites, world) }
      trees[day - 8] = nil
    }
    for index in sites.indices {
      // A stick that was lost on the last day is carried again.
      try await carry(&sites[index], on: Self.days, world, trees, isLast: true)
      #expect(try world.published(sites[index].store) == world.published(world.connected))
    }
    let carried = sites.reduce(0) { $0 + $1.carried }
    print(
      "\(Self.days) days, \(sites.reduce(0) { $0 + $1.sticks }) sticks: \(carried) bytes carried, full bundles: \(full)"
    )
    #expect(carried < full / 2)
  }

  private func trust(_ site: CarriedSite, _ world: World) async throws {
    let root = ["trust", "add", world.firstRoot.string, "--fingerprint", try await world.fingerprint()]
    try #require(try await world.run(root + ["--config", site.configuration.string]).status == 0)
    let shown = try await world.run("trust", "show", "--json", "--config", site.configuration.string)
    let key = try #require(shown.result["siteFingerprint"] as? [String]).joined()
    // The first receipt makes the site known.
    let receipt = ["receipt", "--output", site.stick.string, "--config", site.configuration.string]
    let written = try await world.run(receipt)
    try #require(written.status == 0, "\(written.errors)")
    let words = ["collect", "--config", world.configuration.string, "--fingerprint", key, site.stick.string]
    let collected = try await world.run(words)
    try #require(collected.status == 0, "\(collected.errors)")
  }

  /// What a full bundle of the day weighs.
  private func fullSize(_ day: Int, _ world: World) async throws -> Int {
    let place = try world.folder.subfolder("full")
    try #require(try await world.pack(["--replace", "--no-read-back"], to: place).status == 0)
    return try Self.size(place)
  }

  /// Packs for a site, carries the stick there, or loses it, and back.
  private func carry(
    _ site: inout CarriedSite,
    on day: Int,
    _ world: World,
    _ trees: [Int: [String: Data]],
    isLast: Bool = false
  ) async throws {
    let packed = try await world.pack(["--site", site.name, "--replace", "--json"], to: site.stick)
    try #require(packed.status == 0, "\(packed.errors)")
    guard packed.result["siteHasIt"] as? Bool != true else { return }
    site.sticks += 1
    site.carried += try Self.size(site.stick)
    guard isLast || site.loses == 0 || site.sticks % site.loses != 0 else {
      // Lost, and the receipt of the last time with it.
      for name in try FileManager.default.contentsOfDirectory(atPath: site.stick.string) {
        try FileManager.default.removeItem(atPath: site.stick.appending(name).string)
      }
      return
    }
    let taken = try await world.run("import", "--config", site.configuration.string, site.stick.string)
    #expect(taken.status == 0, "\(site.name), day \(day): \(taken.errors)")
    let number = try #require(world.current(site.store)?.split(separator: "/").last.flatMap { Int($0) })
    #expect(try world.published(site.store) == trees[number], "\(site.name), day \(day)")
    #expect(number == day)
  }

  private func prune(_ sites: [CarriedSite], _ world: World) async throws {
    for configuration in sites.map(\.configuration) + [world.configuration] {
      let pruned = try await world.run("prune", "--config", configuration.string)
      #expect(pruned.status == 0, "\(pruned.errors)")
    }
  }

  /// The bytes of the bundles on a stick.
  private static func size(_ stick: FilePath) throws -> Int {
    try World.files(below: stick).filter { $0.key.hasPrefix("kscmirror-0") }.values.reduce(0) { $0 + $1.count }
  }
}
