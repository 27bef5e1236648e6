import Foundation
import SystemPackage
import TestSupport
import Testing

/// Two sites and a connected side with exchange folders.
struct ExchangeGround {
  let world: World
  let folder = TemporaryFolder()

  init(preset: String? = nil, clear: Bool? = nil, _ more: String = "") async throws {
    world = try World(files: 24, meanSize: 400)
    let settings =
      (preset.map { "preset = \"\($0)\"\n" } ?? "") + (clear.map { "clear = \($0)\n" } ?? "") + more
    func tables(_ side: String) throws -> String {
      try ["lists", "patches"].map { name in
        let place = try folder.subfolder("\(side)/\(name)")
        return """
          [[exchange]]
          name = "\(name)"
          direction = "\(name == "lists" ? "out" : "in")"
          folder = "\(place)"
          \(settings)
          """
      }.joined(separator: "\n")
    }
    try world.configure(rest: tables("office"))
    try world.configureIsolated("site = \"plant\"\n" + tables("plant"))
    try world.write(
      "store = \"\(folder["mill-store"])\"\nsite = \"mill\"\n\(world.vendorSetting)\n" + tables("mill"),
      to: folder["mill.toml"]
    )
    try await world.sync()
    try #require(try await world.pack().status == 0)
    try #require(try await world.import().status == 0)
    try await introduce(world.isolatedConfiguration)
  }

  var mill: FilePath { folder["mill.toml"] }
  var plant: FilePath { world.isolatedConfiguration }

  /// Makes a site known on the connected side.
  func introduce(_ configuration: FilePath) async throws {
    let shown = try await world.run("trust", "show", "--json", "--config", configuration.string)
    let fingerprint = try #require(shown.result["siteFingerprint"] as? [String], "\(shown.errors)").joined()
    let collected = try await connected("collect", world.stick.string, "--fingerprint", fingerprint)
    try #require(collected.status == 0, "\(collected.errors)")
  }

  /// Sets up the second site.
  func addMill() async throws {
    let root = ["trust", "add", world.firstRoot.string, "--fingerprint", try await world.fingerprint()]
    try #require(try await world.run(root + ["--config", mill.string]).status == 0)
    let imported = try await world.run("import", world.stick.string, "--config", mill.string)
    try #require(imported.status == 0, "\(imported.errors)")
    try await introduce(mill)
  }

  func connected(_ words: String...) async throws -> Outcome {
    try await world.run(words + ["--config", world.configuration.string])
  }

  func site(_ configuration: FilePath, _ words: String...) async throws -> Outcome {
    try await world.run(words + ["--config", configuration.string])
  }

  /// Sends from a site, and takes it in.
  func out(_ configuration: FilePath) async throws -> Outcome {
    let sent = try await site(configuration, "exchange", "send", "--output", world.stick.string)
    try #require(sent.status == 0, "\(sent.errors)")
    let collected = try await connected("collect", world.stick.string)
    try #require(collected.status == 0, "\(collected.errors)")
    return try await connected("exchange", "receive")
  }

  /// Sends to a site, and takes it in there; the receipt goes back.
  func into(_ configuration: FilePath) async throws -> Outcome {
    let sent = try await connected("exchange", "send", "--output", world.stick.string)
    try #require(sent.status == 0, "\(sent.errors)")
    let taken = try await site(configuration, "collect", world.stick.string)
    try #require(taken.status == 0, "\(taken.errors)")
    let received = try await site(configuration, "exchange", "receive")
    try await receipt(configuration)
    return received
  }

  func receipt(_ configuration: FilePath) async throws {
    let written = try await site(configuration, "receipt", "--output", world.stick.string)
    try #require(written.status == 0, "\(written.errors)")
    try #require(try await connected("collect", world.stick.string).status == 0)
  }

  /// The next bundle for the first site, which tells it what has arrived.
  func answer() async throws {
    try world.age()
    try await world.sync()
    try #require(try await world.pack("--site", "plant", "--replace").status == 0)
    try #require(try await world.import().status == 0)
  }

  func put(_ text: String, _ path: String) throws {
    let place = folder.path.pushing(FilePath(path))
    try FileManager.default.createDirectory(
      atPath: place.removingLastComponent().string,
      withIntermediateDirectories: true
    )
    try world.write(text, to: place)
  }

  func files(_ path: String) throws -> [String: String] {
    try World.files(below: folder[path]).mapValues { String(decoding: $0, as: UTF8.self) }
  }
}
