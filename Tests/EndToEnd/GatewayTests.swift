import Foundation
import SystemPackage
import Testing
import UpdateServerDouble

/// What stands between a mirror and the vendor's servers, and servers that are not of one state.
@Suite struct GatewayTests {
  private static let page = "<!DOCTYPE html><html><title>Blocked</title><body>Ask your administrator.</body></html>"

  @Test func `a web page in place of a file is published by no sync, whatever names the file`() async throws {
    let world = try World()
    let withheld: [@Sendable (String) -> Bool] = [
      // Proven by the vendor's digest, and by nothing. What is proven and has come is not asked for again.
      { $0.hasPrefix("updates/kdb/") && $0.hasSuffix(".dat") },
      { $0 == "bases/kdb/kdb0.dat" },
      { $0 == "updates/kdb/kdb-1313g.xml" },
      { $0 == "index/u1313g.xml" },
    ]
    for isWithheld in withheld {
      world.server.answer { isWithheld($0.path) ? .bytes(Array(Self.page.utf8)) : .file }
      let outcome = try await world.sync()
      #expect(outcome.status == Exit.wrongContent, "\(outcome.errors)")
      #expect(outcome.errors.contains("a web page came in place of"), "\(outcome.errors)")
      #expect(outcome.errors.contains("gateway") && outcome.errors.contains("browser"), "\(outcome.errors)")
      #expect(world.current(world.connected) == nil)
    }
    world.server.answer { _ in .file }
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
  }

  @Test func `one short body for several files is a page if it also comes for a name that does not exist`() async throws
  {
    let world = try World()
    let body = Array("Not available.".utf8)
    world.server.answer { request in
      request.path.hasPrefix("bases/kdb/") && request.path.hasSuffix(".dat") ? .bytes(body) : .file
    }
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.wrongContent, "\(outcome.errors)")
    #expect(outcome.errors.contains("came with the same 14 bytes"), "\(outcome.errors)")
    #expect(world.current(world.connected) == nil)
    // A tree may have one file under two names.
    world.server.answer { _ in .file }
    for name in ["kdb0.dat", "kdb1.dat"] {
      try world.write("Not available.", to: world.folder["tree/bases/kdb/\(name)"])
    }
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
  }

  @Test func `a server that goes by dates alone hides nothing that is new`() async throws {
    let world = try World()
    world.server.answer { _ in .dated }
    for day in 0..<2 {
      if day > 0 { try world.age() }
      let outcome = try await world.sync()
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try world.published(world.connected) == world.expected(), "day \(day)")
    }
    let again = try await world.sync("--json")
    #expect(again.result["isNew"] as? Bool == false)
  }

  // MARK: - Pools

  /// A server of the world's tree as it is now.
  private func server(of world: World, _ name: String) throws -> UpdateServer {
    try FileManager.default.copyItem(atPath: world.folder["tree"].string, toPath: world.folder[name].string)
    return try UpdateServer(serving: world.folder[name], identity: try world.authority.issue("localhost"))
  }

  /// A source with two servers, of which the first is asked first nearly always; the outcome is the same if it is not.
  private func configure(_ world: World, _ first: UpdateServer, _ second: UpdateServer) throws {
    try world.configure(
      servers: "[{ url = \"\(first.url)\", weight = 1000 }, { url = \"\(second.url)\", weight = 1 }]"
    )
  }

  @Test func `a server of a pool that is behind is ignored, and what is behind by little is no alarm`() async throws {
    let world = try World()
    let behind = try server(of: world, "behind")
    try world.age()
    #expect(try await world.sync().status == 0)
    try configure(world, behind, world.server)
    for _ in 0..<2 {
      let outcome = try await world.sync("--quiet")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    }
    try world.age()
    #expect(try await world.sync("--quiet").status == 0)
    #expect(try world.published(world.connected) == world.expected())
    // The one that is ahead is down for an hour: what is here stays, and nobody is woken for it.
    let published = try world.published(world.connected)
    world.server.stop()
    let alone = try await world.sync()
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.errors.contains("what is here stays"), "\(alone.errors)")
    #expect(try world.published(world.connected) == published)
  }

  @Test func `a pool whose servers are all far behind is named with what each has`() async throws {
    let world = try World()
    let old = try server(of: world, "old")
    for _ in 0..<6 { try world.age() }
    #expect(try await world.sync().status == 0)
    try configure(world, old, world.server)
    world.server.stop()
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.olderIndex, "\(outcome.errors)")
    #expect(outcome.errors.contains(old.url) && outcome.errors.contains("--allow-older"), "\(outcome.errors)")
    #expect(world.current(world.connected) == "releases/1")
  }

  @Test func `a file of another state, from the server that took over for it, is not published`() async throws {
    let world = try World()
    let behind = try server(of: world, "behind")
    try world.age()
    #expect(try await world.sync().status == 0)
    try world.age()
    // Something that nothing proves, and that the first server does not have.
    let path = "bases/kdb/kdb0.dat"
    try world.write("as it was", to: world.folder["behind/\(path)"])
    world.server.answer { $0.path == path ? .status(404) : .file }
    try configure(world, world.server, behind)
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let published = try world.published(world.connected)
    #expect(published["updates/\(path)"] == nil)
    var expected = try world.expected()
    expected["updates/\(path)"] = nil
    #expect(published == expected)
  }
}
