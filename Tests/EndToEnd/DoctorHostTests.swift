import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What `doctor` says of the host around the store: certificate, sticks, owner, copies of files, ports.
@Suite struct DoctorHostTests {
  /// The severity of each point that is not all right, with all that is said.
  private func trouble(_ world: World) async throws -> (points: [String: String], said: String) {
    let outcome = try await world.run("doctor", "--json", "--config", world.isolatedConfiguration.string)
    let found = try #require(outcome.result["findings"] as? [[String: Any]], "\(outcome.output)\(outcome.errors)")
    let bad = found.filter { $0["severity"] as? String != "ok" }
    let points = bad.map { ($0["name"] as? String ?? "", $0["severity"] as? String ?? "") }
    let said = bad.flatMap { [$0["text"], $0["remedy"]] }.compactMap { $0 as? String }.joined(separator: "\n")
    return (Dictionary(points) { first, _ in first }, said)
  }

  private func prepared() async throws -> World {
    let world = try World(files: 12, meanSize: 100, firstDay: World.today)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    try #require(try await world.import().status == 0)
    #expect(try await trouble(world).points == [:])
    return world
  }

  @Test func `the web server's certificate is looked at: its end, its key, its names, and who can read the key`()
    async throws
  {
    let world = try await prepared()
    let (pair, other) = (try world.authority.issue("localhost"), try world.authority.issue("mirror.example"))
    func configure(_ certificate: FilePath, _ key: FilePath) throws {
      try world.configureIsolated("site = \"plant\"\n[serve]\ncertificate = \"\(certificate)\"\nkey = \"\(key)\"")
    }
    #expect(chmod(other.key.string, 0o600) == 0)
    // The test's authority issues for two days.
    try configure(other.certificate, other.key)
    let soon = try await trouble(world)
    #expect(soon.points == ["serve.certificate": "warning"] && soon.said.contains("without a restart"), "\(soon)")
    #expect(chmod(other.key.string, 0o644) == 0)
    let open = try await trouble(world)
    #expect(open.points["serve.key"] == "error" && open.said.contains("chmod o= "), "\(open)")
    try configure(other.certificate, pair.key)
    let apart = try await trouble(world)
    #expect(apart.points == ["serve.certificate": "error"] && apart.said.contains("mirror.example.pem"), "\(apart)")
    try configure(world.folder["none.pem"], pair.key)
    #expect(try await trouble(world).points == ["serve.certificate": "error"])
  }

  @Test func `files that are copies, an unfinished bundle, and what belongs to somebody else are found`() async throws {
    let world = try await prepared()
    let output = world.folder["outbox"]
    let part = output.appending("kscmirror-000009.part")
    try FileManager.default.createDirectory(atPath: part.string, withIntermediateDirectories: true)
    try world.configureIsolated("site = \"plant\"\n[pack]\noutput = \"\(output)\"")
    #expect(try await trouble(world).points == [:], "one that is being written")
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -7200)]
    try FileManager.default.setAttributes(old, ofItemAtPath: part.string)
    let left = try await trouble(world)
    #expect(left.points == ["sticks.unfinished": "warning"] && left.said.contains("kscmirror-000009.part"), "\(left)")
    try FileManager.default.removeItem(atPath: part.string)

    let release = world.isolated.appending("releases/1/updates")
    let file = try #require(
      FileManager.default.enumerator(atPath: release.string)?.compactMap { $0 as? String }.sorted()
        .first { $0.hasSuffix(".xml") }
    )
    let path = release.pushing(FilePath(file)).string
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: path)
    try bytes.write(to: URL(fileURLWithPath: path))
    let copied = try await trouble(world)
    #expect(copied.points == ["store.shared-files": "warning"] && copied.said.contains("rsync -aH"), "\(copied)")
    guard geteuid() == 0 else { return }
    #expect(chown(world.isolated.appending("receipts/own.json").string, 65_534, 65_534) == 0)
    let foreign = try await trouble(world)
    #expect(foreign.points["store.owner"] == "error" && foreign.said.contains("chown -R"), "\(foreign)")
  }

  @Test func `the flows of an Administration Server fit 80 columns, and are the same as JSON`() async throws {
    let world = try World(files: 12, meanSize: 100)
    let listener = try LoopbackListener()
    for topology in ["isolated", "dmz", "internet"] {
      let shown = try await world.run("doctor", "--flows", "--topology", topology, "--store", world.isolated.string)
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(shown.output)")
      #expect(shown.output.contains("13000/tcp") && shown.output.contains("topology \(topology)"))
    }
    let server =
      "[administration_server]\nurl = \"https://127.0.0.1:\(listener.port)\"\nuser = \"u\"\npassword_file = \"p\""
    try world.configureIsolated(server)
    let words = ["doctor", "--flows", "--online", "--json", "--config", world.isolatedConfiguration.string]
    let asked = try await world.run(words)
    #expect(asked.result["topology"] as? String == "isolated" && asked.result["server"] as? String == "127.0.0.1")
    let rows = try #require(asked.result["rows"] as? [[String: Any]], "\(asked.output)\(asked.errors)")
    #expect(rows.count > 20 && rows.allSatisfy { $0["todo"] is String && $0["carriage"] is String })
    let wrong = try await world.run("doctor", "--topology", "dmz")
    #expect(wrong.status == Exit.usage)
  }
}
