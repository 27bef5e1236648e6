import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct WholeWayTests {
  @Test func `updates go the whole way, twice, and both sides are alike to the byte`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
    #expect(try await world.pack().status == 0)
    let first = try await world.import()
    #expect(first.status == 0, "\(first.errors)")
    #expect(try world.published(world.isolated) == world.expected())

    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    #expect(world.current(world.isolated) == "releases/2")
    #expect(try world.published(world.isolated) == world.expected())
    let verified = try await world.run("verify", "--store", world.isolated.string)
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test func `with nothing new only indexes that are there are asked for, each once, and no file`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    world.server.forgetRequests()
    let again = try await world.sync("--json")
    #expect(again.status == 0)
    #expect(again.result["isNew"] as? Bool == false)
    let asked = world.server.requests.map(\.path)
    #expect(asked.count == Set(asked).count)
    #expect(asked.allSatisfy { $0.hasSuffix("g.xml") })
    #expect(Set(World.primaries).isSubset(of: asked))
    #expect(world.server.requests.allSatisfy { $0.headers["if-none-match"] != nil })
  }

  @Test func `a day later only what changed is fetched`() async throws {
    let world = try World(files: 400)
    #expect(try await world.sync().status == 0)
    let before = try World.files(below: world.folder["tree"])
    try world.age()
    let after = try World.files(below: world.folder["tree"])
    world.server.forgetRequests()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
    // Files without a digest are asked for with a condition when their index changed; files with one are not.
    let unchanged = Set(after.filter { before[$0.key] == $0.value }.keys)
    let asked = Set(world.server.requests.map(\.path))
    let withDigest = unchanged.filter { $0.hasPrefix("updates/") && $0.hasSuffix(".dat") }
    #expect(withDigest.count > 100)
    #expect(asked.isDisjoint(with: withDigest))
  }

  @Test func `what is named and absent is reported, listed, and no failure`() async throws {
    let world = try World()
    let synced = try await world.sync()
    #expect(synced.status == 0)
    #expect(synced.errors.contains("bases/ah/absent.dat"))
    let status = try await world.run("status", "--store", world.connected.string, "--json")
    let sources = status.result["sources"] as? [[String: Any]]
    #expect(sources?.first?["absent"] as? [String] == ["bases/ah/absent.dat"])
  }

  @Test(.enabled(if: NginxServer.isInstalled, "needs nginx"))
  func `over HTTP/2 from nginx it is the same`() async throws {
    let world = try World()
    let nginx = try NginxServer(serving: world.folder["tree"], identity: try world.authority.issue("localhost"))
    defer { nginx.stop() }
    try world.configure(url: "https://localhost:\(nginx.port)")
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
  }

  @Test func `a client reads updates from the web store of the isolated side`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    try await world.import()
    let web = try NginxServer(
      serving: world.isolated.appending("current"),
      identity: try world.authority.issue("localhost")
    )
    defer { web.stop() }
    let client = world.folder["client"]
    try world.configure(url: "https://localhost:\(web.port)/updates")
    #expect(try await world.run("sync", "--config", world.configuration.string, "--store", client.string).status == 0)
    #expect(try world.published(client) == world.published(world.isolated))
  }

  @Test func `packages from a list of files are carried beside the updates`() async throws {
    let world = try World()
    let package = Data("an installer".utf8)
    try world.write("an installer", to: world.folder["tree/installers/agent 12.deb"])
    let digest = "27f34ff18b8b7d5bd7cabd18fbf4c6e42fdc3a9fb1d4a63ae3cac8bd54d5f5d0"
    let files = { (digest: String) in
      """
      [[source]]
      name = "packages"
      kind = "files"
      ca = "\(world.authority.certificate)"
      attempts = 1
      [[source.files]]
      url = "\(world.server.url)/installers/agent%2012.deb"
      path = "agents/agent-12.deb"
      \(digest)
      """
    }
    try world.configure(rest: files("sha256 = \"\(digest)\""))
    let wrong = try await world.sync()
    #expect(wrong.status == Exit.partial)
    #expect(wrong.errors.contains("SHA-256"))
    #expect(try world.published(world.connected)["packages/agents/agent-12.deb"] == nil)
    // No run without errors has made this snapshot.
    let packed = try await world.pack("--dry-run")
    #expect(packed.status == Exit.lastSyncFailed && packed.errors.contains("--even-after-errors"), "\(packed.errors)")

    try world.configure(rest: files("size = \(package.count)"))
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["packages/agents/agent-12.deb"] == package)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    #expect(try world.published(world.isolated)["packages/agents/agent-12.deb"] == package)
  }

  @Test func `a product's components are taken, and no others`() async throws {
    let world = try World()
    try world.configure(source: "products = [\"KasperskyEndpointSecurityForLinux_12_3_0\"]", primaries: nil)
    #expect(try await world.sync().status == 0)
    let folders = Set(
      try world.published(world.connected).keys.map { $0.split(separator: "/").prefix(3).joined(separator: "/") }
    )
    #expect(
      folders == [
        "updates/index/u1901g.xml", "updates/index/u1313g.xml", "updates/index/retr1901-u1313g.xml",
        "updates/updates/kdb", "updates/updates/ksn", "updates/updates/vlns",
      ]
    )
    let listed = try await world.run("products", "--config", world.configuration.string, "forlinux")
    #expect(listed.output.contains("KasperskyEndpointSecurityForLinux_12_3_0") && !listed.output.contains("Center"))
  }

  @Test func `one source that fails does not stop the others, and keeps what it had`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    let before = try world.published(world.connected)
    try world.write("x", to: world.folder["tree/extra.bin"])
    try world.configure(
      rest: """
        [[source]]
        name = "extra"
        kind = "files"
        ca = "\(world.authority.certificate)"
        [[source.files]]
        url = "\(world.server.url)/extra.bin"
        path = "extra.bin"
        """
    )
    world.server.answer { $0.path.hasPrefix("index/") ? .status(500) : .file }
    let failed = try await world.sync()
    #expect(failed.status == Exit.partial)
    #expect(failed.errors.contains("source kaspersky"))
    var expected = before
    expected["packages/extra.bin"] = Data("x".utf8)
    #expect(try world.published(world.connected) == expected)
  }

  @Test func `quiet runs say nothing when all is well`() async throws {
    let world = try World()
    for outcome in [
      try await world.sync("--quiet"), try await world.pack("--quiet"), try await world.import("--quiet"),
    ] {
      #expect(outcome.status == 0)
      #expect(outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.output)\(outcome.errors)")
    }
  }

  @Test func `every line of JSON is an object with its version and command`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    try await world.import()
    let store = ["--store", world.isolated.string]
    let commands: [[String]] = [
      ["sync", "--config", world.configuration.string], ["inspect", world.stick.string], ["status"] + store,
      ["verify"] + store, ["diff", "1", "1"] + store, ["why", "index/u1901g.xml"] + store,
      ["prune", "--dry-run"] + store, ["rollback"] + store,
      ["config", "check", "--config", world.configuration.string],
      ["products", "--config", world.configuration.string],
      ["keys", "show", "--store", world.connected.string], ["trust", "show"] + store, ["log"] + store,
      ["import", "--dry-run", world.stick.string] + store,
      ["pack", "--dry-run", "--config", world.configuration.string, "--output", world.stick.string],
    ]
    for command in commands {
      let outcome = try await world.run(command + ["--json"])
      let lines = outcome.output.split(separator: "\n")
      #expect(!lines.isEmpty && outcome.json.count == lines.count, "\(command): \(outcome.output)")
      #expect(outcome.json.allSatisfy { $0["version"] as? Int == 1 && $0["command"] is String })
      #expect(outcome.errors.isEmpty)
    }
  }
}
