import Foundation
import SystemPackage
import Testing
import UpdateServerDouble

/// What the servers lack is news: it stops a sync or is reported, and is asked for again.
@Suite struct AbsenceTests {
  private static let index = "updates/ah/ah-1901g.xml"

  private func remove(_ path: String, in world: World) throws {
    try FileManager.default.removeItem(atPath: world.folder["tree"].pushing(FilePath(path)).string)
  }

  @Test func `an absent index stops the first sync, and a person can let it through`() async throws {
    let world = try World()
    try remove(Self.index, in: world)
    let refused = try await world.sync()
    #expect(refused.status == Exit.shrunk, "\(refused.errors)")
    #expect(refused.errors.contains(Self.index) && refused.errors.contains("absent_indexes"))
    #expect(world.current(world.connected) == nil)
    try world.configure(source: "absent_indexes = \"report\"")
    let reported = try await world.sync("--quiet")
    #expect(reported.status == 0 && reported.errors.contains(Self.index), "\(reported.errors)")
    let status = try await world.run("status", "--store", world.connected.string, "--json")
    let sources = status.result["sources"] as? [[String: Any]]
    #expect(sources?.first?["absentIndexCount"] as? Int == 1)
    let verified = try await world.run("verify", "--vendor", "--json", "--config", world.configuration.string)
    #expect(verified.status == Exit.partial, "\(verified.output)")
    let vendor = try #require(verified.result["vendor"] as? [String: Any])
    #expect(vendor["absentIndexes"] as? Int == 1)
    #expect(vendor["absentNames"] as? [String] == [Self.index])
    // Let through once, it stops no later sync.
    let other = try World()
    try remove(Self.index, in: other)
    #expect(try await other.sync("--accept-shrink").status == 0)
    try other.age()
    try remove(Self.index, in: other)
    let second = try await other.sync("--quiet")
    #expect(second.status == 0 && second.errors.isEmpty, "\(second.errors)")
  }

  @Test func `many absent files stop a first sync, and all of a component's do`() async throws {
    let world = try World()
    world.server.answer { $0.path.hasPrefix("updates/kdb/") && $0.path.hasSuffix(".dat") ? .status(404) : .file }
    let many = try await world.sync()
    #expect(many.status == Exit.shrunk && many.errors.contains("absent_limit"), "\(many.errors)")
    #expect(world.current(world.connected) == nil)
    let other = try World()
    other.server.answer { $0.path.hasSuffix(".dat") && $0.path.contains("vlns") ? .status(404) : .file }
    let component = try await other.sync()
    #expect(component.status == Exit.shrunk && component.errors.contains("VLNS"), "\(component.errors)")
    #expect(other.current(other.connected) == nil)
  }

  @Test func `what is newly absent is reported once, also quietly if it is much`() async throws {
    let world = try World()
    try world.configure(rest: "[sync]\nabsent_limit = 50")
    world.server.answer { $0.path.hasPrefix("updates/kdb/i386/") && $0.path.hasSuffix(".dat") ? .status(404) : .file }
    let first = try await world.sync("--quiet")
    #expect(first.status == 0 && first.errors.contains("newly absent"), "\(first.errors)")
    let second = try await world.sync("--quiet", "--recheck")
    #expect(second.status == 0 && second.errors.isEmpty, "\(second.errors)")
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not here"))
  func `an absent name is asked for again when nothing else changed, and a failing ask spoils nothing`() async throws {
    let world = try World()
    let absent = "bases/ah/absent.dat"
    #expect(try await world.sync().status == 0)
    func asks(after clock: String) async throws -> Int {
      world.server.forgetRequests()
      let outcome = try await world.run(["sync", "--config", world.configuration.string], clock: clock)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return world.server.requests.count { $0.path == absent }
    }
    #expect(try await asks(after: "+30m") == 0)
    world.server.answer { $0.path == absent ? .status(500) : .file }
    #expect(try await asks(after: "+61m") > 0)
    world.server.answer { _ in .file }
    #expect(try await asks(after: "+90m") == 0)
    try world.write("here now", to: world.folder["tree"].pushing(FilePath(absent)))
    #expect(try await asks(after: "+200m") == 1)
    #expect(try world.published(world.connected)["updates/\(absent)"] == Data("here now".utf8))
  }

  @Test func `a file that a server refuses though it gives others counts as absent under a name of its own`()
    async throws
  {
    let world = try World()
    world.server.answer { $0.path == "bases/kdb/kdb0.dat" ? .status(403) : .file }
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("refused, 403"), "\(outcome.errors)")
    let status = try await world.run("status", "--store", world.connected.string, "--json")
    let sources = status.result["sources"] as? [[String: Any]]
    #expect(sources?.first?["refusedCount"] as? Int == 1)
    // One that refuses everything is no server that lacks a file.
    let other = try World()
    other.server.answer { _ in .status(403) }
    #expect(try await other.sync().status == Exit.permission)
  }
}

/// Components that come and go, and that nothing knows.
@Suite struct ComponentTests {
  @Test(arguments: [false, true])
  func `a component that the signed root no longer names was retired: that is reported once and stops nothing`(
    _ isListed: Bool
  ) async throws {
    let world = try World()
    if isListed { try world.configure(source: "components = [\"KDB\", \"HIPS\", \"RETR1901\"]") }
    #expect(try await world.sync().status == 0)
    try world.retire("HIPS")
    let retired = try await world.sync("--quiet")
    #expect(retired.status == 0, "\(retired.errors)")
    #expect(retired.errors.contains("the vendor has retired the component HIPS"), "\(retired.errors)")
    #expect(retired.errors.contains("Take HIPS out of 'components'") == isListed, "\(retired.errors)")
    #expect(try world.published(world.connected).keys.contains { $0.contains("/hips/") } == false)
    try world.retire("HIPS")
    let next = try await world.sync("--quiet")
    #expect(next.status == 0 && next.errors.isEmpty, "\(next.errors)")
    // The server gets the news by the stick, and is stopped by it as little.
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
  }

  @Test func `a component that an unsigned root alone no longer names stops a sync`() async throws {
    let world = try World()
    // Without the component by which the signed root is taken out of the unsigned one.
    try world.configure(source: "components = [\"KDB\", \"HIPS\"]", primaries: ["index/u1313g.xml"])
    #expect(try await world.sync().status == 0)
    try world.retire("HIPS")
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.shrunk && outcome.errors.contains("HIPS"), "\(outcome.errors)")
    #expect(world.current(world.connected) == "releases/1")
  }

  @Test func `a component that is new beside a list is reported once`() async throws {
    let world = try World()
    try world.retire("HIPS")
    try world.configure(source: "components = [\"KDB\", \"KSN\"]")
    #expect(try await world.sync().status == 0)
    try world.retire()
    let news = try await world.sync("--quiet")
    #expect(news.status == 0 && news.errors.contains("new beside your list: HIPS"), "\(news.errors)")
    try world.age()
    let next = try await world.sync("--quiet")
    #expect(next.status == 0 && next.errors.isEmpty, "\(next.errors)")
  }

  @Test func `a listed component that nothing knows stops before anything is sealed`() async throws {
    let world = try World()
    try world.configure(source: "components = [\"KDB\", \"KSM\"]")
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.configuration, "\(outcome.errors)")
    #expect(outcome.errors.contains("'KSM' (did you mean 'KSN'?)"), "\(outcome.errors)")
    #expect(world.current(world.connected) == nil)
    try world.configure(source: "components = [\"kdb\", \"KSN\"]")
    #expect(try await world.sync().status == 0)
  }
}
