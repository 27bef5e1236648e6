import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `import --notify-server`: the Administration Server fetches the release, and what it made of it is told.
@Suite struct ServerUpdateTests {
  /// A site whose Administration Server updates from its store's `updates/`.
  private struct Ground {
    let world: World
    let server: AdministrationServerDouble

    init(_ change: (inout Fixture) -> Void = { _ in }) async throws {
      world = try World(files: 60, meanSize: 400)
      var fixture = Fixture()
      fixture.updateSource = world.isolated.appending("current").appending("updates").string
      fixture.components = ["KDB", "KSN", "XYZ"]
      change(&fixture)
      server = try AdministrationServerDouble(fixture, identity: try world.authority.issue("localhost"))
      try world.configureIsolated(try world.table(of: server))
      try #require(try await world.sync().status == 0)
      try #require(try await world.pack().status == 0)
    }

    func age() async throws {
      try world.age()
      try #require(try await world.sync().status == 0)
      try #require(try await world.pack().status == 0)
    }

    func notify(_ more: String...) async throws -> Outcome {
      try await world.trust()
      return try await world.run(
        ["import", "--notify-server", "--config", world.isolatedConfiguration.string, world.stick.string] + more
      )
    }

    static func states(_ outcome: Outcome) -> [String: String] {
      let update = outcome.result["serverUpdate"] as? [String: Any]
      let rows = update?["components"] as? [[String: Any]] ?? []
      return Dictionary(uniqueKeysWithValues: rows.map { ("\($0["name"] ?? "")", "\($0["state"] ?? "")") })
    }
  }

  @Test func `the server fetches what it knows of the release`() async throws {
    let ground = try await Ground()
    let first = try await ground.notify("--json")
    #expect(first.status == 0, "\(first.errors)")
    #expect(Ground.states(first) == ["KDB": "taken", "KSN": "taken"])
    let calls = ground.server.calls.filter { $0.method == "UpdComps.UpdateAsync" }
    let asked = String(decoding: try #require(calls.first).body, as: UTF8.self)
    // Into the repository, not into the server itself.
    #expect(calls.count == 1 && asked.contains(#""bDoUpdate":false"#) && !asked.contains("XYZ"), "\(asked)")
    #expect(ground.server.openSessions == 0 && ground.server.rulesBroken == 0)

    let same = try await ground.notify()
    #expect(same.status == 0 && same.output.contains(": 2 components, 2 there before"), "\(same)")
    let journal = try await ground.world.run("log", "--config", ground.world.isolatedConfiguration.string)
    #expect(journal.output.contains("was asked to fetch release 1, and has it"), "\(journal.output)")

    try await ground.age()
    let second = try await ground.notify("--json")
    #expect(second.status == 0 && Ground.states(second).values.contains("taken"), "\(second)")
  }

  @Test func `a task of the server that fetches updates is run, and chooses by itself what it takes`() async throws {
    let ground = try await Ground()
    let tree = ground.world.isolated.appending("current").appending("updates").string
    let task = Fixture.UpdateTask(id: "17", name: "Download updates", source: tree, components: ["KDB"])
    // Agents that hand updates on have such tasks too: they are no matter here.
    var agents = Fixture.UpdateTask(id: "16", name: "For branch offices", source: "/srv/other", components: [])
    agents.product = "1103"
    ground.server.change { [agents] in $0.updateTasks = [agents, task] }
    let outcome = try await ground.notify("--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(Ground.states(outcome) == ["KDB": "taken", "KSN": "missing"])
    #expect(ground.server.methods.contains("Tasks.RunTask") && !ground.server.methods.contains("UpdComps.UpdateAsync"))
    #expect(ground.server.openLists == 0 && ground.server.openSessions == 0)

    // One that fetches from elsewhere is named, with its source.
    try await ground.age()
    ground.server.change { $0.updateTasks[1].source = "/srv/other" }
    let elsewhere = try await ground.notify()
    #expect(elsewhere.status == Exit.serverNotUpdated, "\(elsewhere)")
    #expect(elsewhere.errors.contains("its task 'Download updates' fetches from /srv/other, and its last run failed"))
  }

  @Test func `whoever may not see tasks has updates fetched all the same`() async throws {
    let ground = try await Ground()
    ground.server.misbehave {
      $0.method == "Tasks.ResetTasksIterator" ? .failure(PxgFailure(1104, "Access denied")) : nil
    }
    let outcome = try await ground.notify("--json")
    #expect(outcome.status == 0 && Ground.states(outcome) == ["KDB": "taken", "KSN": "taken"], "\(outcome)")
  }

  @Test func `a server that fetches from elsewhere is reported, and the release stays published`() async throws {
    let ground = try await Ground { $0.updateSource = "" }
    let outcome = try await ground.notify("--json")
    #expect(outcome.status == Exit.serverNotUpdated)
    #expect(Ground.states(outcome) == ["KDB": "missing", "KSN": "missing"])
    #expect(try ground.world.published(ground.world.isolated) == ground.world.expected())
    let told = try await ground.notify()
    #expect(
      told.status == Exit.serverNotUpdated && told.errors.contains("the release is published here, but"),
      "\(told)"
    )
    let quiet = try await ground.notify("--quiet")
    #expect(
      quiet.status == Exit.serverNotUpdated && quiet.output.isEmpty && quiet.errors.contains("has not fetched it"),
      "\(quiet)"
    )
    #expect(told.output.contains("  KDB: of ") && told.output.contains("not there"), "\(told.output)")
    let journal = try await ground.world.run("log", "--config", ground.world.isolatedConfiguration.string)
    #expect(journal.output.contains("and did not take it"), "\(journal.output)")
  }

  @Test func `an older component on the server counts, a newer one does not`() async throws {
    let ground = try await Ground {
      $0.updateSource = ""
      let (old, new) = ("2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z")
      $0.updates = [
        .init(index: "index/u1901g.xml", component: "KDB", name: "kdb", date: old, size: 1),
        .init(index: "index/u1901g.xml", component: "KSN", name: "ksn", date: new, size: 1),
      ]
    }
    let outcome = try await ground.notify("--json")
    #expect(
      outcome.status == Exit.serverNotUpdated && Ground.states(outcome) == ["KDB": "older", "KSN": "newer"],
      "\(outcome)"
    )
  }

  @Test func `a server that cannot be asked does not undo the import`() async throws {
    let silent = try await Ground()
    silent.server.stop()
    let outcome = try await silent.notify()
    #expect(outcome.status == Exit.serverNotUpdated && outcome.output.contains("verified and published"), "\(outcome)")
    #expect(outcome.errors.contains("has not fetched it"))
    #expect(try silent.world.published(silent.world.isolated) == silent.world.expected())

    let failing = try await Ground()
    failing.server.misbehave { $0.method == "UpdComps.UpdateAsync" ? .status(500) : nil }
    #expect(try await failing.notify().status == Exit.serverNotUpdated)
    let stranger = try await Ground { $0.components = ["XYZ"] }
    let unknown = try await stranger.notify()
    #expect(
      unknown.status == Exit.serverNotUpdated && unknown.errors.contains("knows no component of the release"),
      "\(unknown)"
    )
  }

  @Test func `what is missing for it is reported before anything is imported`() async throws {
    let ground = try await Ground()
    try ground.world.configureIsolated()
    let outcome = try await ground.notify()
    #expect(outcome.status == Exit.configuration && outcome.errors.contains("[administration_server]"), "\(outcome)")
    #expect(ground.world.current(ground.world.isolated) == nil)
    #expect(try await ground.notify("--dry-run").status == Exit.usage)
  }
}
