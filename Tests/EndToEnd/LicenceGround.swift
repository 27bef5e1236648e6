import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A site that has imported a bundle, and its Administration Server.
struct LicenceGround {
  let world: World
  let server: AdministrationServerDouble

  init(keys: Int = 5, devices: Int = 3, _ change: (inout Fixture) -> Void = { _ in }) async throws {
    world = try World(files: 24, meanSize: 400)
    var fixture = Fixture()
    fixture.keys = (0..<keys).map { SyntheticKey(number: $0, devices: devices) }
    change(&fixture)
    server = try AdministrationServerDouble(fixture, identity: try world.authority.issue("localhost"))
    try world.configureIsolated("site = \"plant\"\n\(try world.table(of: server))")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try #require(try await world.import().status == 0)
    let shown = try await world.run("trust", "show", "--json", "--config", world.isolatedConfiguration.string)
    let fingerprint = try #require(shown.result["siteFingerprint"] as? [String]).joined()
    try #require(try await collect("--fingerprint", fingerprint).status == 0)
  }

  func isolated(_ words: String...) async throws -> Outcome {
    try await world.run(["licence"] + words + ["--config", world.isolatedConfiguration.string])
  }

  func connected(_ words: [String]) async throws -> Outcome {
    try await world.run(["licence"] + words + ["--config", world.configuration.string])
  }

  func connected(_ words: String...) async throws -> Outcome {
    try await world.run(["licence"] + words + ["--config", world.configuration.string])
  }

  func collect(_ words: String...) async throws -> Outcome {
    try await world.run(["collect", "--config", world.configuration.string, world.stick.string] + words)
  }

  /// Exports, carries and takes in.
  func roundTrip(_ words: String...) async throws {
    let arguments = ["licence", "export", "--output", world.stick.string, "--config"]
    let exported = try await world.run(arguments + [world.isolatedConfiguration.string] + words)
    try #require(exported.status == 0, "\(exported.errors)")
    let collected = try await collect()
    try #require(collected.status == 0, "\(collected.errors)")
    let imported = try await connected("import")
    try #require(imported.status == 0, "\(imported.errors)")
  }

  /// All that the connected side keeps of the site's licences, as text.
  func kept() throws -> String {
    try World.files(below: world.connected.appending("licences")).sorted { $0.key < $1.key }
      .map { String(decoding: $0.value, as: UTF8.self) }.joined()
  }
}
