import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct FittingTests {
  private func size(_ folder: FilePath) throws -> Int {
    try World.files(below: folder).filter { $0.key.hasPrefix("kscmirror-") }.values.reduce(0) { $0 + $1.count }
  }

  private func empty(_ world: World, _ name: String) throws -> FilePath { try world.folder.subfolder(name) }

  @Test func `what does not fit stays behind by whole components, and the next bundle brings it`() async throws {
    let world = try World(files: 200, meanSize: 20_000)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    let whole = try empty(world, "whole")
    try #require(try await world.pack(to: whole).status == 0)
    let room = max(1 << 20, try size(whole) * 6 / 10)
    try #require(room < (try size(whole)))
    let fitted = try await world.pack("--fit", "\(room)", "--json")
    #expect(fitted.status == 0, "\(fitted.errors)")
    let left = try #require(fitted.result["leftBehind"] as? [[String: Any]])
    #expect(!left.isEmpty)
    #expect(try size(world.stick) <= room)
    #expect(try size(world.stick) > room / 3)

    let taken = try await world.import()
    #expect(taken.status == 0, "\(taken.errors)")
    let here = try world.published(world.isolated)
    let all = try world.expected()
    #expect(!here.isEmpty && here.count < all.count)
    #expect(here.allSatisfy { all[$0.key] == $0.value })
    // The connected side goes on as if nothing had been.
    #expect(world.current(world.connected) == "releases/1")
    let again = try await world.sync("--json")
    #expect(again.result["isNew"] as? Bool == false, "\(again.output)")
    #expect(try await world.pack("--fit", "\(room)", to: try empty(world, "again")).status == 0)
    let log = try await world.run("status", "--json", "--store", world.connected.string)
    #expect(log.status == 0)

    try world.age()
    try #require(try await world.sync().status == 0)
    let stick = try empty(world, "rest")
    #expect(try await world.pack("--base", "2", to: stick).status == 0)
    let rest = try await world.import(from: stick)
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test func `the components that the configuration names first come first`() async throws {
    let world = try World(files: 200, meanSize: 20_000)
    try #require(try await world.sync().status == 0)
    let whole = try empty(world, "whole")
    try #require(try await world.pack(to: whole).status == 0)
    let room = max(1 << 20, try size(whole) * 6 / 10)
    let first = try await world.pack("--fit", "\(room)", "--dry-run", "--json", to: try empty(world, "one"))
    let left = try #require(first.result["leftBehind"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    let wanted = try #require(left.first)
    try world.configure(rest: "[pack]\npriority = [\"\(wanted.split(separator: ",").first ?? "")\"]")
    let second = try await world.pack("--fit", "\(room)", "--dry-run", "--json", to: try empty(world, "two"))
    let leftNow = try #require(second.result["leftBehind"] as? [[String: Any]]).compactMap { $0["name"] as? String }
    #expect(!leftNow.contains(wanted), "\(left) \(leftNow)")
  }

  @Test func `what goes along always and does not fit is refused, and nothing is written`() async throws {
    let world = try World(files: 30)
    var random = SeededGenerator(7)
    let installer = (0..<160_000).map { _ in random.next() }.withUnsafeBytes { Data($0) }
    try installer.write(to: URL(fileURLWithPath: world.folder["tree/agent.deb"].string))
    try world.configure(
      rest: """
        [[source]]
        name = "packages"
        kind = "files"
        ca = "\(world.authority.certificate)"
        [[source.files]]
        url = "\(world.server.url)/agent.deb"
        path = "agent.deb"
        size = \(installer.count)
        """
    )
    let synced = try await world.sync()
    try #require(synced.status == 0, "\(synced.errors)")
    let refused = try await world.pack("--fit", "1MiB")
    #expect(refused.status == Exit.noSpace, "\(refused.status): \(refused.errors)")
    #expect(refused.errors.contains("primary indexes and packages"), "\(refused.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.stick.string).isEmpty)
    #expect(try await world.pack("--fit", "4MiB").status == 0)
  }

  @Test func `the databases come first, a dry run seals nothing, and a site loses nothing unasked`() async throws {
    let world = try World(files: 200, meanSize: 20_000)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    let whole = try empty(world, "whole")
    try #require(try await world.pack(to: whole).status == 0)
    let room = max(1 << 20, try size(whole) * 8 / 10)
    func snapshots() async throws -> Int {
      let status = try await world.run("status", "--json", "--store", world.connected.string)
      return (status.result["snapshots"] as? [Any])?.count ?? -1
    }
    let before = try await snapshots()
    let planned = try await world.pack("--fit", "\(room)", "--dry-run", "--json")
    #expect(planned.status == 0 && planned.result["dryRun"] as? Bool == true, "\(planned.errors)")
    #expect(planned.result["snapshot"] as? Int == 2 && planned.result["bundle"] as? String == "kscmirror-000002")
    #expect(try await snapshots() == before)
    let left = (planned.result["leftBehind"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(!left.isEmpty && !left.contains { $0.split(separator: ",").contains("KDB") }, "\(left)")
    #expect(planned.output.contains("stays behind") || planned.output.contains("stay behind"), "\(planned.output)")
    #expect(try await world.pack("--fit", "free", "--dry-run").status == 0)

    // The site has all of it.
    try #require(try await world.import(from: whole).status == 0)
    let shown = try await world.run("trust", "show", "--json", "--config", world.isolatedConfiguration.string)
    let site = try #require(shown.result["siteFingerprint"] as? [String]).joined()
    let collected = try await world.run(
      "collect",
      "--config",
      world.configuration.string,
      "--fingerprint",
      site,
      whole.string
    )
    try #require(collected.status == 0, "\(collected.errors)")
    let full = ["--site", "plant", "--full", "--fit", "\(room)"]
    let refused = try await world.pack(full, to: world.stick)
    let name = try #require(left.first?.split(separator: ",").first)
    #expect(refused.status == Exit.noSpace && refused.errors.contains("--without \(name)"), "\(refused.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.stick.string).isEmpty)
    let given = try await world.pack(
      full + left.flatMap { ["--without", String($0.split(separator: ",")[0])] },
      to: world.stick
    )
    #expect(given.status == 0, "\(given.errors)")
    let unknown = try await world.pack("--without", "KBD", "--dry-run")
    #expect(unknown.status == Exit.usage && unknown.errors.contains("'KDB'"), "\(unknown.errors)")
  }
}
