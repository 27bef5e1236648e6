import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What is published can be read by others, and what is secret cannot, whatever the umask is; and who is to read and cannot
/// is reported.
@Suite struct PermissionTests {
  /// Permission bits of all that lies below a folder, links left out.
  private func modes(below root: FilePath) throws -> [String: Int] {
    var found: [String: Int] = [:]
    let names = FileManager.default.enumerator(atPath: root.string)?.compactMap { $0 as? String } ?? []
    for name in names {
      var record = stat()
      guard lstat(root.pushing(FilePath(name)).string, &record) == 0, record.st_mode & S_IFMT != S_IFLNK else {
        continue
      }
      found[name] = Int(record.st_mode & 0o7777) | (record.st_mode & S_IFMT == S_IFDIR ? 0o40000 : 0)
    }
    return found
  }

  private func run(_ world: World, _ mask: String, _ words: String...) async throws -> Outcome {
    let shell = ["-c", "umask \(mask); exec \"$0\" \"$@\"", World.program]
    let outcome = try await world.run(shell + words, program: "/bin/sh")
    try #require(outcome.status == 0, "\(words): \(outcome.errors)")
    return outcome
  }

  private static let served = ["releases", "objects", "current"]
  private static let secret = ["keys", "parcels", "licences", "journal", "lock"]

  @Test(arguments: ["077", "027", "000"])
  func `what is published is everybody's to read and secrets are their owner's, whatever the umask`(_ mask: String)
    async throws
  {
    let world = try World(files: 24, meanSize: 400, trusting: false, firstDay: World.today)
    try world.configureIsolated("site = \"plant\"")
    let (connected, isolated) = (world.configuration.string, world.isolatedConfiguration.string)
    _ = try await run(world, mask, "keys", "init", "--no-passphrase", "--store", world.connected.string)
    _ = try await run(world, mask, "sync", "--config", connected)
    _ = try await run(world, mask, "pack", "--config", connected, "--output", world.stick.string)
    let print = try await world.fingerprint()
    _ = try await run(
      world,
      mask,
      "trust",
      "add",
      world.firstRoot.string,
      "--fingerprint",
      print,
      "--config",
      isolated
    )
    let imported = try await run(world, mask, "import", "--config", isolated, world.stick.string)
    #expect(!imported.errors.contains("read what is published"), "\(imported.errors)")
    for store in [world.connected, world.isolated] {
      var record = stat()
      #expect(stat(store.string, &record) == 0 && record.st_mode & 0o777 == 0o751)
      var published = 0
      for (name, mode) in try modes(below: store) {
        let isFolder = mode & 0o40000 != 0
        let top = name.split(separator: "/").first.map(String.init) ?? ""
        if Self.served.contains(top) || name.hasPrefix("metadata/") && name.hasSuffix(".json") || name == "metadata" {
          published += 1
          #expect(
            mode & 0o777 == (isFolder ? 0o755 : top == "metadata" ? 0o644 : 0o444),
            "\(name) \(String(mode, radix: 8))"
          )
        } else if Self.secret.contains(top) || name.hasSuffix(".lock") || name.hasPrefix("catalogue") {
          #expect(mode & 0o077 == 0, "\(name) \(String(mode, radix: 8))")
        } else {
          // Nothing of a store is anybody's to change.
          #expect(mode & 0o022 == 0, "\(name) \(String(mode, radix: 8))")
        }
      }
      #expect(published > 300)
    }
    // A bundle is read by another user of another host.
    for (name, mode) in try modes(below: world.bundle(1)) {
      #expect(mode & 0o777 == (mode & 0o40000 != 0 ? 0o755 : 0o644), "\(name) \(String(mode, radix: 8))")
    }
    let doctor = try await world.run("doctor", "--json", "--config", isolated)
    #expect(try severity("store.readers", doctor) == "ok", "\(doctor.output)")
  }

  private func severity(_ name: String, _ outcome: Outcome) throws -> String? {
    let findings = try #require(outcome.result["findings"] as? [[String: Any]])
    return findings.first { $0["name"] as? String == name }?["severity"] as? String
  }

  private func change(_ path: FilePath, _ mode: mode_t) throws { try #require(chmod(path.string, mode) == 0) }

  @Test func `who cannot read what is published is reported by doctor and by import, which opens what is the store's`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400, firstDay: World.today)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try #require(try await world.import().status == 0)
    let configuration = world.isolatedConfiguration.string
    func doctor() async throws -> (severity: String?, said: String) {
      let outcome = try await world.run("doctor", "--json", "--config", configuration)
      return (try severity("store.readers", outcome), outcome.output)
    }
    // As a store is that an older version made under a strict umask.
    let index = world.isolated.pushing("current/updates/index/u1901g.xml")
    let folder = world.isolated.pushing("current/updates")
    try change(index, 0o400)
    try change(folder, 0o700)
    let closed = try await doctor()
    #expect(closed.severity == "error" && closed.said.contains("updates") && closed.said.contains("chmod -R a+rX"))
    // The same bundle again: its last step opens what is published.
    let again = try await world.import()
    try #require(again.status == 0, "\(again.errors)")
    #expect(try await doctor().severity == "ok")
    // What is not published is closed by whatever writes next; until then, doctor finds it open.
    let secrets = [
      world.isolated.appending("journal"), world.isolated.appending("keys"), world.isolated.appending("receipts"),
    ]
    for path in secrets { try change(path, 0o755) }
    let open = try await world.run("doctor", "--json", "--config", configuration)
    #expect(
      try severity("store.secrets", open) == "error" && open.output.contains("isolated/journal'"),
      "\(open.output)"
    )
    try #require(try await world.import().status == 0)
    let shutAgain = try await world.run("doctor", "--json", "--config", configuration)
    #expect(try severity("store.secrets", shutAgain) == "ok", "\(shutAgain.output)")
    // A folder around it is its owner's to open.
    try change(world.isolated, 0o700)
    let shut = try await doctor()
    #expect(shut.severity == "warning" && shut.said.contains("web_user") && shut.said.contains("chmod o+x"))
    try world.configureIsolated("site = \"plant\"\n[serve]\nweb_user = \"nobody\"")
    #expect(try await doctor().severity == "error")
    let warned = try await world.import()
    #expect(
      warned.status == 0 && warned.errors.contains("user nobody cannot read what is published"),
      "\(warned.errors)"
    )
    try change(world.isolated, 0o751)
    #expect(try await doctor().severity == "ok")
    #expect(!(try await world.import().errors.contains("cannot read")))
    try world.configureIsolated("site = \"plant\"\n[serve]\nweb_user = \"nobodi\"")
    let unknown = try await doctor()
    #expect(unknown.severity == "error" && unknown.said.contains("there is no user 'nobodi'"))
  }
}
