import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a store serves to others: to any TUF client, and to a kscmirror further inside.
@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct WebStoreTests {
  /// A world whose connected store is signed and served by nginx as the shipped configuration says.
  private func served() async throws -> (World, NginxServer) {
    let world = try World()
    try await world.makeKeys()
    #expect(try await world.sync().status == 0)
    return (world, try serve(world.connected, world))
  }

  private func serve(_ store: FilePath, _ world: World) throws -> NginxServer {
    let shipped = try String(
      contentsOfFile: Self.package.pushing("Mirror/nginx/web-store.conf").string,
      encoding: .utf8
    )
    return try NginxServer(
      serving: store,
      identity: world.authority.issue("localhost"),
      settings: shipped.replacingOccurrences(of: "/var/lib/kscmirror", with: store.string)
    )
  }

  private static let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()

  private func root(_ world: World) -> FilePath { world.connected.appending("metadata").appending("1.root.json") }

  private static let paths = [
    "updates/index/u1901g.xml", "updates/updates/ah/ah0000.dat", "updates/bases/kdb/LicenseManager.lt",
  ]

  // MARK: - Clients

  @Test func `our own client updates from it, and downloads files`() async throws {
    let (world, server) = try await served()
    let client = World.built("tuf-client")
    try FileManager.default.createDirectory(
      atPath: world.folder["got"].string,
      withIntermediateDirectories: true
    )
    try Command.run(client, ["--metadata-dir", world.folder["trusted"].string, "init", root(world).string])
    // The small client takes no certificate authority of its own: plain HTTP, which TUF does not depend on.
    let plain = try NginxServer(
      serving: world.connected,
      identity: nil,
      settings: String(contentsOfFile: Self.package.pushing("Mirror/nginx/web-store.conf").string, encoding: .utf8)
        .replacingOccurrences(of: "/var/lib/kscmirror", with: world.connected.string)
    )
    let base = "http://127.0.0.1:\(plain.port)"
    try Command.run(
      client,
      ["--metadata-dir", world.folder["trusted"].string, "--metadata-url", "\(base)/metadata"]
        + Self.paths.flatMap { ["--target-name", $0] }
        + ["--target-base-url", "\(base)/targets", "--target-dir", world.folder["got"].string, "download"]
    )
    #expect(try World.files(below: world.folder["got"]).count == Self.paths.count)
    withExtendedLifetime(server) {}
  }

  @Test(.enabled(if: Python.path != nil, Comment(rawValue: Python.absence)))
  func `python-tuf's client downloads files from it`() async throws {
    let (world, server) = try await served()
    let base = "https://localhost:\(server.port)"
    try Command.run(
      try #require(Python.path),
      [
        Self.package.pushing("Tests/Interoperability/ngclient.py").string, "--ca", world.authority.certificate.string,
        "\(base)/metadata/", "\(base)/targets/", root(world).string, world.folder["got"].string,
      ] + Self.paths
    )
    let got = try World.files(below: world.folder["got"])
    let published = try world.published(world.connected)
    for path in Self.paths { #expect(got[path] == published[path]) }
  }

  // MARK: - Cascade

  /// Writes the configuration of a store in a DMZ that takes its updates from the connected one.
  private func cascade(_ world: World, _ server: NginxServer) throws -> FilePath {
    let text = """
      store = "\(world.folder["dmz"])"
      \(world.vendorSetting)
      [[source]]
      name = "upstream"
      kind = "tuf"
      url = "https://localhost:\(server.port)"
      root = "\(root(world))"
      ca = "\(world.authority.certificate)"
      attempts = 1
      """
    try world.write(text, to: world.folder["dmz.toml"])
    return world.folder["dmz.toml"]
  }

  @Test func `a store in a DMZ mirrors another one, and is packed for the one behind it`() async throws {
    let (world, server) = try await served()
    let configuration = try cascade(world, server).string
    let first = try await world.run("sync", "--config", configuration, "--json")
    #expect(first.status == 0, "\(first.output)")
    #expect(try world.published(world.folder["dmz"]) == world.published(world.connected))
    let again = try await world.run("sync", "--config", configuration)
    #expect(again.output.contains("nothing new"), "\(again.output)\(again.errors)")

    try world.age()
    try await world.sync()
    let second = try await world.run("sync", "--config", configuration, "--json")
    #expect(second.status == 0, "\(second.output)")
    #expect(try world.published(world.folder["dmz"]) == world.published(world.connected))
    #expect(try await world.run("verify", "--vendor", "--config", configuration).status == 0)

    let dmz = world.folder["dmz"]
    #expect(try await world.run("keys", "init", "--no-passphrase", "--config", configuration).status == 0)
    let packed = try await world.run("pack", "--config", configuration, "--output", world.stick.string)
    #expect(packed.status == 0, "\(packed.errors)")
    let shown = try await world.run("keys", "show", "--json", "--config", configuration)
    let fingerprint = try #require(shown.result["fingerprint"] as? [String]).joined()
    let trusted = try await world.run(
      ["trust", "add", "--store", world.isolated.string, "--fingerprint", fingerprint]
        + [dmz.appending("metadata").appending("1.root.json").string]
    )
    #expect(trusted.status == 0, "\(trusted.errors)")
    let imported = try await world.run(
      ["import", "--config", world.isolatedConfiguration.string, world.stick.string]
    )
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(try world.published(world.isolated) == world.published(world.connected))
  }

  @Test func `a file that was changed on the upstream server is refused`() async throws {
    let (world, server) = try await served()
    let published = world.connected.appending("current").pushing("updates/updates/ah/ah0000.dat").string
    var bytes = try Data(contentsOf: URL(fileURLWithPath: published))
    bytes[0] ^= 1
    // In place: the object is the same file.
    let handle = try #require(FileHandle(forWritingAtPath: published))
    try handle.write(contentsOf: bytes)
    try handle.close()
    let outcome = try await world.run("sync", "--config", try cascade(world, server).string)
    #expect(outcome.status == Exit.objectMismatch, "\(outcome.errors)")
    #expect(world.current(world.folder["dmz"]) == nil)
  }

  @Test func `an upstream server that goes back to an older state, or loses its keys, is refused`() async throws {
    let (world, server) = try await served()
    let configuration = try cascade(world, server).string
    let metadata = world.connected.appending("metadata")
    let timestamp = URL(fileURLWithPath: metadata.appending("timestamp.json").string)
    let old = try Data(contentsOf: timestamp)
    try world.age()
    try await world.sync()
    #expect(try await world.run("sync", "--config", configuration).status == 0)
    let before = try world.published(world.folder["dmz"])
    try old.write(to: timestamp)
    #expect(try await world.run("sync", "--config", configuration).status == Exit.olderBundle)
    #expect(try world.published(world.folder["dmz"]) == before)

    let other = try World(seed: 3)
    try await other.makeKeys()
    try await other.sync()
    let theirs = try serve(other.connected, world)
    try world.write(
      try String(contentsOfFile: configuration, encoding: .utf8)
        .replacingOccurrences(of: "localhost:\(server.port)", with: "localhost:\(theirs.port)"),
      to: FilePath(configuration)
    )
    let foreign = try await world.run("sync", "--config", configuration)
    #expect(foreign.status == Exit.unknownKey, "\(foreign.errors)")
    #expect(try world.published(world.folder["dmz"]) == before)
  }
}

/// A Python that has python-tuf and bagit.
enum Python {
  /// Its path, from the environment variable `KSCMIRROR_PYTHON`.
  static let path = ProcessInfo.processInfo.environment["KSCMIRROR_PYTHON"]
  /// Why a test is skipped without one.
  static let absence = "needs KSCMIRROR_PYTHON, as 'Mirror/conformance --python' prints it"
}
