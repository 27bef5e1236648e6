import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A connected side that carries what its sites report, and sites with Administration Servers of their own. Nothing was
/// synced yet, and no site is known.
final class DemandGround {
  /// A site: its store, its configuration and its Administration Server.
  final class Site {
    let name: String
    let server: AdministrationServerDouble
    let configuration: FilePath
    let store: FilePath

    fileprivate init(_ name: String, _ server: AdministrationServerDouble, in world: World) {
      self.name = name
      self.server = server
      configuration = world.folder["\(name).toml"]
      store = world.folder["\(name)-store"]
    }

    deinit { server.stop() }
  }

  /// The vendor's products on a device, as the double has them.
  typealias Products = [[String]]

  static let windows = ["KES", "12.1.0.0", "Kaspersky Endpoint Security for Windows (12.1.0)", "12.1.0.506"]
  static let linux = ["kesl", "12.1.0.0", "Kaspersky Endpoint Security 12.1 for Linux", "12.1.0.1274"]
  static let agent = ["1103", "1.0.0.0", "Kaspersky Security Center Network Agent", "15.1.0.20748"]

  let world: World

  /// - Parameter source: more lines of the source's configuration.
  init(source: String = "", differences: Bool = false) async throws {
    world = try World(files: 120, meanSize: 600, differences: differences, applications: true)
    try configure(source)
    try await world.makeKeys()
  }

  func configure(_ source: String = "") throws {
    try world.configure(source: "products = \"as reported\"\n\(source)", primaries: nil)
  }

  /// Sets up a site that trusts the connected side, with one device of each kind.
  func site(_ name: String, _ kinds: [Products]) async throws -> Site {
    var fixture = Fixture()
    fixture.devices = kinds.count
    fixture.kinds = kinds
    let server = try AdministrationServerDouble(fixture, identity: try world.authority.issue("localhost"))
    let site = Site(name, server, in: world)
    try world.write(
      """
      store = "\(site.store)"
      site = "\(name)"
      \(world.vendorSetting)
      \(try world.table(of: server))
      """,
      to: site.configuration
    )
    let shown = try await world.run("keys", "show", "--json", "--store", world.connected.string)
    let root = try #require(shown.result["rootFile"] as? String)
    let words = ["trust", "add", root, "--fingerprint", try await world.fingerprint()]
    let added = try await world.run(words + ["--config", site.configuration.string])
    try #require(added.status == 0, "\(added.errors)")
    return site
  }

  func run(_ site: Site, _ words: String...) async throws -> Outcome {
    try await world.run(words + ["--config", site.configuration.string])
  }

  /// Asks a site's server, writes a receipt and takes that in on the connected side.
  func report(_ site: Site) async throws {
    let asked = try await run(site, "demand", "ask")
    try #require(asked.status == 0, "\(asked.errors)")
    try await bring(site)
  }

  /// Writes a receipt and takes it in on the connected side.
  func bring(_ site: Site) async throws {
    let written = try await run(site, "receipt", "--output", world.stick.string)
    try #require(written.status == 0, "\(written.errors)")
    let shown = try await run(site, "trust", "show", "--json")
    let fingerprint = try #require(shown.result["siteFingerprint"] as? [String]).joined()
    let collect = ["collect", "--config", world.configuration.string, world.stick.string, "--fingerprint", fingerprint]
    let taken = try await world.run(collect)
    try #require(taken.status == 0, "\(taken.errors)")
  }

  /// What the connected side has published, without the tops of the paths.
  func published() throws -> Set<String> { try paths(of: world.connected) }

  /// What a store has published, without the tops of the paths.
  func paths(of store: FilePath) throws -> Set<String> {
    Set(try world.published(store).keys.map { String($0.trimmingPrefix("updates/")) })
  }

  /// What is published when a configuration says it in full, by another store.
  func published(applications: [String], components: [String]) async throws -> Set<String> {
    func list(_ texts: [String]) -> String { "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
    let other = world.folder["other-\(UUID().uuidString)"]
    try world.configure(
      source: "applications = \(list(applications))\ncomponents = \(list(components))",
      primaries: nil
    )
    let synced = try await world.run("sync", "--config", world.configuration.string, "--store", other.string)
    try #require(synced.status == 0, "\(synced.errors)")
    try configure()
    return try paths(of: other)
  }
}
