import Foundation
import SystemPackage
import TestSupport
import Testing

/// How old databases are said to be, everywhere and on both sides: by the dates in their own indexes.
@Suite struct AgeTests {
  /// 28 October 2015.
  private static let longAgo: Int64 = 1_445_990_400
  /// Indexes of the made-up tree are of 26 minutes past midnight.
  private static let minutes: Int64 = 26 * 60

  /// A world with a snapshot on both sides, fetched and imported just now.
  private func carried(firstDay: Int64, days: Int = 0) async throws -> World {
    let world = try World(files: 40, meanSize: 400, firstDay: firstDay)
    for _ in 0..<days { try world.age() }
    try world.configureIsolated("site = \"plant\"")
    let synced = try await world.sync()
    try #require(synced.status == 0, "\(synced.errors)")
    try #require(try await world.pack("--site", "plant").status == 0)
    let imported = try await world.import()
    try #require(imported.status == 0, "\(imported.errors)")
    try #require(try await world.introduceSite().status == 0)
    return world
  }

  private func components(_ world: World, _ store: FilePath) async throws -> [String: [String: Any]] {
    let report = try await world.run("status", "--json", "--store", store.string).result
    let rows = report["components"] as? [[String: Any]] ?? []
    #expect(rows.count > 10 && rows.allSatisfy { $0["newest"] == nil && $0["arrived"] is Int })
    return Dictionary(rows.map { ($0["name"] as? String ?? "", $0) }) { first, _ in first }
  }

  /// What `doctor` says of the age: the finding's severity.
  private func judged(_ world: World, _ configuration: FilePath) async throws -> (status: Int32, severity: String?) {
    let outcome = try await world.run("doctor", "--json", "--config", configuration.string)
    let findings = outcome.result["findings"] as? [[String: Any]] ?? []
    let finding = findings.first { $0["name"] as? String == "freshness.age" }
    return (outcome.status, finding?["severity"] as? String)
  }

  private func served(_ world: World, _ store: FilePath) async throws -> (page: String, metrics: String, json: String) {
    let server = try WebStoreGround(world, store, try world.authority.issue("localhost"))
    func get(_ path: String) throws -> String {
      try Command.run("curl", ["-sf", "--cacert", world.authority.certificate.string, "\(server.url)/\(path)"])
    }
    let got = (try get(""), try get("metrics"), try get("api/v1/status"))
    #expect(try await server.stop() == 0)
    return got
  }

  @Test func `a tree of 2015 that came a minute ago is very old everywhere, on both sides`() async throws {
    let world = try await carried(firstDay: Self.longAgo)
    for (store, configuration) in [
      (world.connected, world.configuration), (world.isolated, world.isolatedConfiguration),
    ] {
      let report = try await world.run("status", "--json", "--store", store.string)
      #expect(report.result["age"] as? String == "very old", "\(report.output)")
      #expect(report.result["indexDate"] as? Int64 == Self.longAgo + Self.minutes)
      let warnings = report.result["warnings"] as? [String] ?? []
      #expect(warnings.contains { $0.contains("2015-10-28") && $0.contains("very old") }, "\(warnings)")
      for (name, component) in try await components(world, store) {
        #expect(component["age"] as? String == "very old", "\(name)")
        #expect(component["indexDate"] as? Int64 == Self.longAgo + Self.minutes, "\(name)")
      }
      let text = try await world.run("status", "--store", store.string).output
      #expect(text.contains("warning: the databases are of 2015-10-28") && text.contains("very old"), "\(text)")
      #expect(!text.contains("fresh"), "\(text)")
      let found = try await judged(world, configuration)
      #expect(found.status == Exit.doctorError && found.severity == "error")
      let log = try await world.run("log", "--store", store.string)
      #expect(log.output.contains("with databases of 2015-10-28 00:26 UTC"), "\(log.output)")
      let web = try await served(world, store)
      let checked = try await world.run("check", "--config", configuration.string)
      #expect(checked.status == 2 && checked.output.contains("databases of 2015-10-28 00:26 UTC"), "\(checked.output)")
      #expect(web.page.contains("Very old: 2015-10-28 00:26") && !web.page.contains("Fresh"), "\(web.page)")
      #expect(!web.page.contains("<li class=\"fine\">") && !web.page.contains("<tr class=\"fine\">"))
      #expect(web.metrics.contains("kscmirror_release_age{age=\"very old\"} 1\n"), "\(web.metrics)")
      #expect(web.metrics.contains("kscmirror_components{age=\"fresh\"} 0\n"))
      #expect(web.metrics.contains("component=\"KDB\"} \(Self.longAgo + Self.minutes)\n"))
      #expect(!web.metrics.contains("newest_seconds") && !web.json.contains("\"fresh\""))
    }
    // What was sealed today does not pass for new at the door, nor where it is taken in.
    let label = try String(contentsOfFile: world.bundle(1).appending("LABEL.txt").string, encoding: .utf8)
    #expect(label.contains("\n           databases of 2015-10-28T00:26:00Z"), "\(label)")
    let inspected = try await world.run("inspect", "--config", world.isolatedConfiguration.string, world.stick.string)
    #expect(inspected.output.contains("2015-10-28"), "\(inspected.output)\(inspected.errors)")
    let again = try await world.import()
    #expect(again.output.contains("databases of 2015-10-28") && again.output.contains("very old"), "\(again.output)")
    let synced = try await world.sync()
    #expect(synced.output.contains("databases of 2015-10-28") && synced.output.contains("very old"), "\(synced.output)")
    let sites = try await world.run("site", "list", "--json", "--store", world.connected.string)
    let site = (sites.result["sites"] as? [[String: Any]])?.first
    #expect(site?["age"] as? String == "very old", "\(sites.output)")
    #expect(try await world.run("site", "list", "--store", world.connected.string).output.contains("very old"))
  }

  @Test func `a tree of today is fresh everywhere, on both sides`() async throws {
    let world = try await carried(firstDay: World.today)
    for (store, configuration) in [
      (world.connected, world.configuration), (world.isolated, world.isolatedConfiguration),
    ] {
      let report = try await world.run("status", "--json", "--store", store.string)
      #expect(report.result["age"] as? String == "fresh" && report.result["warnings"] as? [String] == [])
      let ages = Set(try await components(world, store).values.map { $0["age"] as? String })
      #expect(ages == ["fresh"])
      #expect(try await judged(world, configuration).severity == "ok")
      let web = try await served(world, store)
      #expect(web.page.contains("Fresh") && web.metrics.contains("kscmirror_release_age{age=\"fresh\"} 1\n"))
    }
  }

  @Test func `what a server says of a file's date goes along, and a file has arrived when its bytes came`() async throws
  {
    let world = try await carried(firstDay: World.today - 2 * 86_400)
    func versions(_ store: FilePath, _ path: String) async throws -> [[String: Any]] {
      let told = try await world.run("why", path, "--json", "--store", store.string)
      return try #require(told.result["versions"] as? [[String: Any]], "\(told.output)\(told.errors)")
    }
    let path = "updates/index/u1901g.xml"
    let here = try #require(try await versions(world.connected, path).first?["modified"] as? Int64)
    #expect(try await versions(world.isolated, path).first?["modified"] as? Int64 == here)
    let packages = try world.published(world.isolated)
    try world.age()
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    try #require(try await world.import().status == 0)
    let after = try world.published(world.isolated)
    let same = try #require(packages.first { after[$0.key] == $0.value }?.key)
    let changed = try #require(packages.first { after[$0.key] != nil && after[$0.key] != $0.value }?.key)
    // One version, from the bundle that it came with, on the day on which it came.
    let kept = try await versions(world.isolated, same)
    #expect(
      kept.count == 1 && kept.first?["first"] as? Int == 1 && kept.first?["last"] as? Int == 2,
      "\(same): \(kept)"
    )
    let came = try #require(kept.first?["fetched"] as? Int64)
    let new = try await versions(world.isolated, changed)
    #expect(new.count == 2, "\(changed): \(new)")
    #expect(
      new.first?["fetched"] as? Int64 ?? 0 >= came
        && new.first?["origin"] as? String != kept.first?["origin"] as? String
    )
  }

  @Test func `a component that is watched is judged by doctor as by check, by its own index`() async throws {
    let world = try await carried(firstDay: Self.longAgo)
    try world.configureIsolated("site = \"plant\"\n[watch]\ncomponents = [\"KDB\", \"NOSUCH\"]")
    let outcome = try await world.run("doctor", "--json", "--config", world.isolatedConfiguration.string)
    let findings = outcome.result["findings"] as? [[String: Any]] ?? []
    for name in ["KDB", "NOSUCH"] {
      let finding = findings.first { $0["name"] as? String == "freshness.component.\(name)" }
      #expect(finding?["severity"] as? String == "error", "\(outcome.output)")
    }
  }

  @Test func `a component is as old as its own index, not as the one that names it, nor as its youngest file`()
    async throws
  {
    let first = World.today - 5 * 86_400
    let world = try await carried(firstDay: first, days: 3)
    // Each day passes over another quarter of the components.
    for store in [world.connected, world.isolated] {
      let components = try await components(world, store)
      for (names, component) in components where !names.isEmpty && names != "RETR1901" {
        // An index that is passed on is of two components: its own, and that of whoever passes it on.
        let name = names.split(separator: ",").first.map(String.init) ?? names
        let path = "updates/\(name.lowercased())/\(name.lowercased())-1901g.xml"
        let text = try String(contentsOfFile: world.folder["tree/\(path)"].string, encoding: .isoLatin1)
        let written = text.range(of: "Date=\"").map { String(text[$0.upperBound...].prefix(8)) }
        let date = Date(timeIntervalSince1970: TimeInterval(component["indexDate"] as? Int64 ?? 0))
        let parts = Calendar(identifier: .gregorian).dateComponents(in: .gmt, from: date)
        let told = String(format: "%02d%02d%04d", parts.day ?? 0, parts.month ?? 0, parts.year ?? 0)
        #expect(told == written, "\(name)")
      }
      #expect(Set(components.values.compactMap { $0["indexDate"] as? Int64 }).count == 2)
    }
  }
}
