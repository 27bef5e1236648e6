import AdministrationServerDouble
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `doctor` on both sides, by the built program.
@Suite struct DoctorCommandTests {
  /// A world whose isolated side has imported a bundle, and has a name.
  private func prepared() async throws -> World {
    let world = try World(files: 24, meanSize: 400, firstDay: World.today)
    try world.configureIsolated("site = \"plant\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant").status == 0)
    let imported = try await world.import()
    try #require(imported.status == 0, "\(imported.errors)")
    return world
  }

  /// What `doctor` finds that is not all right: the severity of each point, and all that is said.
  private struct Findings {
    let status: Int32
    let severities: [String: String]
    let said: String

    subscript(name: String) -> String? { severities[name] }

    /// The points that are not all right.
    var trouble: Set<String> { Set(severities.filter { $0.value != "ok" }.keys) }
  }

  private func doctor(
    _ world: World,
    _ configuration: FilePath,
    _ more: String...,
    clock: String? = nil
  ) async throws -> Findings {
    let words = ["doctor", "--json", "--config", configuration.string] + more
    let outcome = try await world.run(words, clock: clock)
    let found = try #require(outcome.result["findings"] as? [[String: Any]], "\(outcome.output)\(outcome.errors)")
    var severities: [String: String] = [:]
    let rank = ["ok": 0, "warning": 1, "error": 2]
    for finding in found {
      let (name, severity) = (finding["name"] as? String ?? "", finding["severity"] as? String ?? "")
      if rank[severity] ?? 0 >= rank[severities[name] ?? "ok"] ?? 0 { severities[name] = severity }
      // What is not all right says what to do next.
      if severity == "error" || severity == "warning" { #expect(finding["text"] != nil, "\(name)") }
    }
    let said = found.flatMap { [$0["text"], $0["remedy"]] }.compactMap { $0 as? String }.joined(separator: "\n")
    return Findings(status: outcome.status, severities: severities, said: said)
  }

  @Test func `both sides of a sound installation are found so, and nothing is changed`() async throws {
    let world = try await prepared()
    for (configuration, store) in [
      (world.configuration, world.connected), (world.isolatedConfiguration, world.isolated),
    ] {
      let before = try World.files(below: store).filter { !$0.key.hasPrefix("catalogue.sqlite") }
      let findings = try await doctor(world, configuration)
      #expect(findings.status == 0 && findings.trouble.isEmpty, "\(findings.said)")
      #expect(findings.severities.count >= 10, "\(findings.severities.keys.sorted())")
      #expect(try World.files(below: store).filter { !$0.key.hasPrefix("catalogue.sqlite") } == before)
      let text = try await world.run("doctor", "--config", configuration.string)
      #expect(text.status == 0 && text.output.contains("all is well"), "\(text.output)")
      let quiet = try await world.run("doctor", "--quiet", "--config", configuration.string)
      #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    }
    let connected = try await doctor(world, world.configuration)
    #expect(connected["keys.expiry"] == "ok" && connected["trust.root"] == nil)
    let isolated = try await doctor(world, world.isolatedConfiguration)
    #expect(isolated["trust.expiry"] == "ok" && isolated["keys.present"] == nil)
  }

  @Test func `keys and secrets that others can read are found`() async throws {
    let world = try await prepared()
    let key = world.connected.appending("keys/targets.key").string
    #expect(chmod(key, 0o644) == 0)
    let open = try await doctor(world, world.configuration)
    #expect(open.status == Exit.doctorError && open.trouble == ["keys.permissions"], "\(open.said)")
    #expect(open.said.contains("targets.key") && open.said.contains("chmod 600"))
    let quiet = try await world.run("doctor", "--quiet", "--config", world.configuration.string)
    #expect(
      quiet.status == Exit.doctorError && quiet.output.isEmpty && quiet.errors.contains("targets.key"),
      "\(quiet.errors)"
    )
    #expect(chmod(key, 0o600) == 0)
    #expect(chmod(world.connected.appending("keys").string, 0o755) == 0)
    #expect(try await doctor(world, world.configuration)["keys.permissions"] == "error")
    #expect(chmod(world.connected.appending("keys").string, 0o700) == 0)
    try FileManager.default.removeItem(atPath: key)
    let gone = try await doctor(world, world.configuration)
    #expect(gone.status == Exit.doctorError && gone["keys.present"] == "error", "\(gone.said)")
    #expect(gone.said.contains("targets.key") && gone.said.contains("keys rotate"))
    try world.write("secret\n", to: world.folder["password"])
    let server = "[administration_server]\nurl = \"https://ksc.invalid\"\nuser = \"u\"\npassword_file = \"password\""
    try world.configureIsolated("site = \"plant\"\n\(server)")
    #expect(chmod(world.folder["password"].string, 0o644) == 0)
    let secret = try await doctor(world, world.isolatedConfiguration)
    #expect(secret.status == Exit.doctorWarning && secret.trouble == ["configuration.secret"], "\(secret.said)")
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `the clock, the age of databases and the end of signatures are judged by the time`() async throws {
    let world = try await prepared()
    let past = try await doctor(world, world.configuration, clock: "-10d")
    #expect(past.status == Exit.doctorError && past["clock.plausible"] == "error", "\(past.said)")
    for (configuration, expiry) in [
      (world.configuration, "keys.expiry"), (world.isolatedConfiguration, "trust.expiry"),
    ] {
      #expect(try await doctor(world, configuration, clock: "+2d").status == 0)
      let old = try await doctor(world, configuration, clock: "+4d")
      #expect(old.status == Exit.doctorWarning && old["freshness.age"] == "warning", "\(old.said)")
      let veryOld = try await doctor(world, configuration, clock: "+8d")
      #expect(veryOld.status == Exit.doctorError && veryOld["freshness.age"] == "error" && veryOld[expiry] == "ok")
      #expect(try await doctor(world, configuration, clock: "+30d")[expiry] == "warning")
      #expect(try await doctor(world, configuration, clock: "+40d")[expiry] == "error")
    }
  }

  @Test func `a store that is none, damaged, or leads nowhere is found, and each says what to do`() async throws {
    let world = try await prepared()
    let none = try await world.run("doctor", "--json", "--store", world.folder["nothing"].string)
    #expect(none.status == Exit.doctorError && none.output.contains("trust add"), "\(none.output)")
    try FileManager.default.removeItem(atPath: world.isolated.appending("releases/1").string)
    let nowhere = try await doctor(world, world.isolatedConfiguration)
    #expect(nowhere.status == Exit.doctorError && nowhere["store.current"] == "error", "\(nowhere.said)")
    try FileManager.default.removeItem(atPath: world.isolated.appending("current").string)
    #expect(try await doctor(world, world.isolatedConfiguration)["store.current"] == "warning")
    try world.write("no database", to: world.isolated.appending("catalogue.sqlite"))
    let damaged = try await doctor(world, world.isolatedConfiguration)
    #expect(damaged.status == Exit.doctorError && damaged["store.catalogue"] == "error", "\(damaged.said)")
    try world.write("store = 5", to: world.isolatedConfiguration)
    let unreadable = try await world.run(
      ["doctor", "--json", "--config", world.isolatedConfiguration.string, "--store", world.connected.string]
    )
    #expect(unreadable.status == Exit.doctorError && unreadable.output.contains("configuration.file"))
    #expect(unreadable.output.contains("snapshot 1 is published"), "the store is looked at all the same")
  }

  @Test func `a lock is reported with the process that holds it, whatever is written in its file`() async throws {
    let world = try await prepared()
    let file = world.isolated.appending("lock").string
    let lock = open(file, O_RDWR)
    defer { close(lock) }
    try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
    try Data("\(getpid())\n".utf8).write(to: URL(fileURLWithPath: file))
    let alive = try await doctor(world, world.isolatedConfiguration)
    #expect(alive.status == 0 && alive.said.contains("alive"), "\(alive.said)")
    // No process has a number as high as this.
    try Data("2000000000\n".utf8).write(to: URL(fileURLWithPath: file))
    let same = try await doctor(world, world.isolatedConfiguration)
    #expect(same.status == 0 && same.said.contains("alive"), "\(same.said)")
    #expect(flock(lock, LOCK_UN) == 0)
    #expect(try await doctor(world, world.isolatedConfiguration).status == 0)
  }

  @Test func `a run that failed, and what lies half done, are found`() async throws {
    let world = try await prepared()
    try world.configure(url: "https://127.0.0.1:9")
    try #require(try await world.sync().status != 0)
    let failed = try await doctor(world, world.configuration)
    // The last success is of a moment ago: one hour that fails is no alarm.
    #expect(failed.status == Exit.doctorWarning && failed["freshness.last-run"] == "warning", "\(failed.said)")
    try world.configure(rest: "[watch]\nsync = [\"1s\", \"2s\"]", url: "https://127.0.0.1:9")
    try await Task.sleep(for: .seconds(2))
    let longer = try await doctor(world, world.configuration)
    #expect(longer.status == Exit.doctorError && longer["freshness.last-run"] == "error", "\(longer.said)")
    try world.write("piece", to: world.isolated.appending("incoming/kscmirror-000002-5/a"))
    try world.write("piece", to: world.isolated.appending("outgoing/kscmirror-000002/a"))
    let left = try await doctor(world, world.isolatedConfiguration)
    #expect(
      left.status == Exit.doctorWarning && left.trouble == ["leftovers.incoming", "leftovers.outgoing"],
      "\(left.said)"
    )
  }

  @Test func `servers are asked only online, and those that do not answer are reported`() async throws {
    let world = try await prepared()
    let plant = try AdministrationServerDouble(identity: try world.authority.issue("localhost"))
    let server = try world.table(of: plant)
    #expect(chmod(world.folder["password"].string, 0o600) == 0)
    try world.configure(rest: server)
    let offline = try await doctor(world, world.configuration)
    #expect(offline.status == 0 && offline["administration-server"] == nil && plant.methods.isEmpty)
    let requests = world.server.requests.count
    let online = try await doctor(world, world.configuration, "--online")
    #expect(online.status == 0 && online["administration-server"] == "ok", "\(online.said)")
    #expect(online["sources.kaspersky"] == "ok" && world.server.requests.count == requests + 1)
    #expect(plant.openSessions == 0)

    try world.write("wrong\n", to: world.folder["password"])
    #expect(chmod(world.folder["password"].string, 0o600) == 0)
    let refused = try await doctor(world, world.configuration, "--online")
    #expect(refused.status == Exit.doctorError && refused["administration-server"] == "error", "\(refused.said)")
    // An account with two-step verification, and nobody there to type a code.
    plant.change { $0.users = [Fixture.User(name: "admin", password: "wrong", code: "276069")] }
    let before = plant.methods.count
    let second = try await doctor(world, world.configuration, "--online")
    #expect(second.status == Exit.doctorError && second.said.contains("two-step verification"), "\(second.said)")
    #expect(second.said.contains("exempt") && plant.openSessions == 0)
    #expect(plant.methods.dropFirst(before) == ["Session.StartSession", "Session.EndSession"])
    try world.configure(url: "\(world.server.url)\", \"https://127.0.0.1:9")
    let half = try await doctor(world, world.configuration, "--online")
    #expect(half.status == Exit.doctorWarning && half["sources.kaspersky"] == "warning", "\(half.said)")
    try world.configure(url: "https://127.0.0.1:9")
    let none = try await doctor(world, world.configuration, "--online")
    #expect(none.status == Exit.doctorError && none["sources.kaspersky"] == "error", "\(none.said)")
  }

  @Test func `the vendor's settings for third-party patches are reported as lines to copy`() async throws {
    let world = try await prepared()
    let lists = try world.folder.subfolder("lists")
    let patches = try world.folder.subfolder("patches")
    let words = ["doctor", "--config", world.isolatedConfiguration.string, "--requirements", lists.string]
    let told = try await world.run(words + ["--patch-folder", patches.string, "--patches", "isolated"])
    #expect(told.status == 0, "\(told.output)\(told.errors)")
    #expect(told.output.contains("-n VAPM_REQ_EXPORT_PATH -t s -v '\(lists)'"))
    #expect(told.output.contains("-n VAPM_DATA_IMPORT_PATH -t s -v '\(patches)'"))
    let connected = try await world.run(words + ["--patch-folder", patches.string, "--patches", "connected"])
    #expect(connected.output.contains("VAPM_REQ_IMPORT_PATH") && connected.output.contains("not confirmed"))
    #expect(try await world.run(words + ["--patches", "isolated"]).status == Exit.usage)
    #expect(try await world.run(words + ["--patches", "both", "--patch-folder", "/p"]).status == Exit.usage)
    let relative = words + ["--patch-folder", "here", "--patches", "isolated"]
    #expect(try await world.run(relative).status == Exit.usage)
  }
}
