import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What monitoring gets of both sides: `check`, `metrics`, `status`, and reports of commands that fail.
@Suite struct WatchTests {
  /// A world with a snapshot on both sides, whose connected side knows the site plant-7 by a receipt.
  private func carried(firstDay: Int64) async throws -> World {
    let world = try World(files: 30, meanSize: 300, firstDay: firstDay)
    try world.configureIsolated("site = \"plant-7\"")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack("--site", "plant-7").status == 0)
    let imported = try await world.import()
    try #require(imported.status == 0, "\(imported.errors)")
    try #require(try await world.introduceSite().status == 0)
    return world
  }

  private static let day: Int64 = 86_400

  @Test func `check says in one line and a status how both sides stand, by limits of the configuration and of its own`()
    async throws
  {
    // A day old: neither old by default, nor younger than any limit below.
    let world = try await carried(firstDay: World.today - Self.day)
    for configuration in [world.configuration, world.isolatedConfiguration] {
      func check(_ more: String...) async throws -> Outcome {
        try await world.run(["check", "--config", configuration.string] + more)
      }
      let good = try await check()
      #expect(good.status == 0 && good.output.hasPrefix("KSCMIRROR OK - databases of "), "\(good.output)")
      #expect(good.output.filter { $0 == "\n" }.count == 1 && good.errors.isEmpty)
      #expect(good.output.contains("| 'age'="), "\(good.output)")
      #expect(try await check("--quiet").output.isEmpty)
      let warned = try await check("--age", "1h,30d")
      #expect(warned.status == 1 && warned.output.hasPrefix("KSCMIRROR WARNING - databases of "), "\(warned.output)")
      #expect(warned.output.contains(";3600;2592000;0"))
      let critical = try await check("--age", "1h,2h", "--quiet")
      #expect(critical.status == 2 && critical.output.hasPrefix("KSCMIRROR CRITICAL - "), "\(critical.output)")
      let component = try await check("--component", "KDB", "--component", "none", "--json")
      #expect(component.status == 2, "\(component.output)")
      let points = component.result["points"] as? [[String: Any]] ?? []
      let states = Dictionary(
        points.map { ($0["name"] as? String ?? "", $0["state"] as? String ?? "") },
        uniquingKeysWith: { first, _ in first }
      )
      #expect(states["component.KDB"] == "ok" && states["component.none"] == "critical", "\(states)")
      #expect(component.result["state"] as? String == "critical")
      let wrong = try await check("--age", "7d,3d")
      #expect(wrong.output.contains("the second is the longer one"), "\(wrong.output)")
      // A plugin of monitoring has one line and no status but 0 to 3, whatever is wrong.
      for outcome in [wrong, try await check("--agee", "3d,7d"), try await check("one too many")] {
        #expect(outcome.status == 3 && outcome.output.hasPrefix("KSCMIRROR UNKNOWN - "), "\(outcome.output)")
        #expect(outcome.output.filter { $0 == "\n" }.count == 1 && outcome.errors.isEmpty, "\(outcome.errors)")
      }
      #expect(try await check("--help").status == 0)
    }
    try world.write("store = 1\nstore", to: world.folder["broken.toml"])
    for words in [["--config", world.folder["broken.toml"].string], ["--config", world.folder["none.toml"].string]] {
      let unreadable = try await world.run(["check"] + words)
      #expect(unreadable.status == 3 && unreadable.output.hasPrefix("KSCMIRROR UNKNOWN - "), "\(unreadable.output)")
    }
    let sites = try await world.run("check", "--config", world.configuration.string)
    #expect(sites.output.contains("'receipt_plant-7'="), "\(sites.output)")
    try world.configureIsolated("site = \"plant-7\"\n[watch]\nage = [\"1h\", \"30d\"]\n")
    let configured = try await world.run("check", "--config", world.isolatedConfiguration.string)
    #expect(configured.status == 1, "\(configured.output)")
    // Everything else judges by the same limits.
    let doctor = try await world.run("doctor", "--json", "--config", world.isolatedConfiguration.string)
    #expect(doctor.status == Exit.doctorWarning, "\(doctor.output)")
    let status = try await world.run("status", "--json", "--config", world.isolatedConfiguration.string)
    #expect(status.result["age"] as? String == "old", "\(status.output)")
    let nowhere = try await world.run("check", "--store", world.folder["nowhere"].string)
    #expect(nowhere.status == 3 && nowhere.output.hasPrefix("KSCMIRROR UNKNOWN - "), "\(nowhere.output)")
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `check and the forecast follow the time: old, very old, expired, and when the next stick must leave`()
    async throws
  {
    let world = try await carried(firstDay: World.today)
    let date = World.today + 26 * 60
    func check(_ configuration: FilePath, _ clock: String?) async throws -> Outcome {
      try await world.run(["check", "--config", configuration.string], clock: clock)
    }
    for configuration in [world.configuration, world.isolatedConfiguration] {
      #expect(try await check(configuration, nil).status == 0)
      #expect(try await check(configuration, "+4d").status == (configuration == world.configuration ? 2 : 1))
      #expect(try await check(configuration, "+8d").status == 2)
    }
    let late = try await check(world.configuration, "+4d")
    #expect(late.output.contains("last successful sync 4 days ago"), "\(late.output)")
    let listed = try await world.run("site", "list", "--json", "--config", world.configuration.string)
    let site = (listed.result["sites"] as? [[String: Any]])?.first
    let forecast = try #require(site?["forecast"] as? [String: Any], "\(listed.output)")
    #expect(forecast["old"] as? Int64 == date + 3 * Self.day && forecast["veryOld"] as? Int64 == date + 7 * Self.day)
    #expect(forecast["leave"] as? Int64 == date + 2 * Self.day)
    let trust = try await world.run("trust", "show", "--json", "--store", world.isolated.string)
    #expect(forecast["expires"] as? Int64 == trust.result["expires"] as? Int64, "by the receipt, to the second")
    let shown = try await world.run("site", "show", "plant-7", "--config", world.configuration.string)
    #expect(shown.output.contains("the next stick must leave by"), "\(shown.output)")
  }

  @Test func `figures for Prometheus are written in one step, for its checker and for whoever collects them`()
    async throws
  {
    let world = try await carried(firstDay: World.today)
    let file = world.folder["figures/kscmirror.prom"]
    try world.write("old\n", to: file)
    for configuration in [world.configuration, world.isolatedConfiguration] {
      let words = ["metrics", file.string, "--config", configuration.string]
      let written = try await world.run(words)
      #expect(written.status == 0, "\(written.errors)")
      let text = try String(contentsOfFile: file.string, encoding: .utf8)
      #expect(text.contains("kscmirror_check_state 0\n") && text.contains("kscmirror_release_age{age=\"fresh\"} 1\n"))
      #expect(text.contains("kscmirror_metadata_expires_seconds ") && text.contains("kscmirror_free_bytes "))
      #expect(text.contains("{source=\"kaspersky\",component=\"KDB\"} "))
      let isConnected = configuration == world.configuration
      #expect(text.contains("kscmirror_site_receipt_seconds{site=\"plant-7\"}") == isConnected, "\(text)")
      let job = isConnected ? "sync" : "import"
      #expect(text.contains("kscmirror_job_last_success_seconds{job=\"\(job)\"} "))
      #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder["figures"].string) == ["kscmirror.prom"])
      let mode = try FileManager.default.attributesOfItem(atPath: file.string)[.posixPermissions] as? Int
      #expect(mode == 0o644)
      if let promtool = Command.path(of: "promtool") {
        let said = try Command.run("/bin/sh", ["-c", "'\(promtool)' check metrics < '\(file)' 2>&1"])
        #expect(said.isEmpty, "\(said)")
      }
    }
    let shown = try await world.run("metrics", "-", "--config", world.configuration.string)
    #expect(shown.status == 0 && shown.output.hasPrefix("# HELP kscmirror_"), "\(shown.output)")
    let wrong = try await world.run("metrics", world.folder["figures/x.txt"].string)
    #expect(wrong.status == Exit.usage && wrong.errors.contains(".prom"))
  }

  @Test func `status is one screen of 80 columns, ages and next steps first, and shows what runs`() async throws {
    let world = try await carried(firstDay: World.today - 4 * Self.day)
    for (configuration, store) in [
      (world.configuration, world.connected), (world.isolatedConfiguration, world.isolated),
    ] {
      // Somebody works on the store: this process, by the store's own lock.
      let lock = open(store.appending("lock").string, O_RDWR | O_CLOEXEC)
      try #require(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
      let shown = try await world.run("status", "--config", configuration.string)
      close(lock)
      #expect(shown.status == 0, "\(shown.errors)")
      let lines = shown.output.split(separator: "\n", omittingEmptySubsequences: false)
      // A path on a line of its own may be longer.
      let fits = lines.allSatisfy { $0.count <= 80 || !$0.drop { $0 == " " }.contains(" ") }
      #expect(lines.count <= 24 && fits, "\(shown.output)")
      #expect(shown.output.contains("running: ") && shown.output.contains("process \(getpid())"), "\(shown.output)")
      let age = try #require(lines.firstIndex { $0.hasPrefix("databases of: ") })
      #expect(age == 0 && lines[age].hasSuffix(", old"), "\(shown.output)")
      #expect(lines.contains("next:"), "\(shown.output)")
      let remedy = store == world.connected ? "kscmirror sync" : "Bring a newer bundle"
      #expect(shown.output.contains(remedy))
      let quiet = try await world.run("status", "--config", configuration.string)
      #expect(!quiet.output.contains("running: "))
      let all = try await world.run("status", "--all", "--config", configuration.string)
      #expect(all.output.contains("index of") && all.output.contains("snapshot  sealed"), "\(all.output)")
    }
    let connected = try await world.run("status", "--config", world.configuration.string)
    #expect(connected.output.contains("stick by") && connected.output.contains("plant-7"), "\(connected.output)")
  }

  @Test func `a run that fails is reported once, and once when it works again, by a command and by mail`() async throws
  {
    let world = try World(files: 12, meanSize: 100)
    let (said, mails) = (world.folder["said"], world.folder["mails"])
    let sendmail = world.folder["sendmail"]
    try world.write("#!/bin/sh\necho \"arguments: $*\" >> '\(mails)'\ncat >> '\(mails)'\n", to: sendmail)
    #expect(chmod(sendmail.string, 0o755) == 0)
    let notify = """
      [notify]
      command = "echo $KSCMIRROR_EVENT $KSCMIRROR_COMMAND $KSCMIRROR_STATUS $KSCMIRROR_FAILURES >> '\(said)'"
      mail = ["admin@example.com", "root"]
      sendmail = "\(sendmail)"
      """
    func read(_ file: FilePath) -> String { (try? String(contentsOfFile: file.string, encoding: .utf8)) ?? "" }
    try world.configure(rest: notify)
    #expect(try await world.sync().status == 0)
    #expect(read(said).isEmpty && read(mails).isEmpty)
    try world.configure(rest: notify, url: "https://localhost:1")
    for _ in 0..<3 { #expect(try await world.sync("--quiet").status != 0) }
    let status = try #require(read(said).split(separator: " ").dropFirst(2).first, "\(read(said))")
    #expect(read(said) == "failed sync \(status) 1\n", "once, not each hour")
    #expect(
      read(mails).hasPrefix("arguments: -t -oi\nTo: admin@example.com, root\nSubject: kscmirror on "),
      "\(read(mails))"
    )
    #expect(read(mails).contains("localhost:1"), "why it failed")
    // What another command does says nothing of this one.
    #expect(try await world.run("verify", "--config", world.configuration.string).status == 0)
    #expect(read(said).split(separator: "\n").count == 1)
    try world.configure(rest: notify)
    for _ in 0..<2 { #expect(try await world.sync().status == 0) }
    #expect(
      read(said).hasSuffix("\nrecovered sync 0 3\n") && read(said).split(separator: "\n").count == 2,
      "\(read(said))"
    )
    #expect(read(mails).components(separatedBy: "Subject: ").count == 3 && read(mails).contains("works again"))
    // A report that cannot be delivered is a warning, hides nothing, and is tried again.
    try world.configure(rest: "[notify]\ncommand = \"exit 7\"", url: "https://localhost:1")
    let failed = try await world.sync()
    #expect("\(failed.status)" == status && failed.errors.contains("ended with status 7"), "\(failed.errors)")
    try world.configure(rest: notify, url: "https://localhost:1")
    #expect(try await world.sync().status != 0)
    #expect(read(said).hasSuffix("\nfailed sync \(status) 2\n"), "\(read(said))")
  }
}
