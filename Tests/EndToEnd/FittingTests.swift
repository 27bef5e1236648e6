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

  @Test func `what not even the indexes fit is refused`() async throws {
    let world = try World(files: 3000, meanSize: 300)
    try #require(try await world.sync().status == 0)
    let refused = try await world.pack("--fit", "1MiB")
    #expect(refused.status == Exit.noSpace, "\(refused.status): \(refused.errors)")
  }
}
