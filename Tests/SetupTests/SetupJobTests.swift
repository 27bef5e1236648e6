import Failures
import FileSystem
import Glibc
import JobCore
import JobDoubles
import MirrorConfiguration
import SetupPlan
import SystemPackage
import TestSupport
import Testing

@testable import Setup

/// What a setup does to a host.
@Suite struct SetupJobTests {
  private let folder = TemporaryFolder()

  private static let phrase = "four words that fit"

  private func wishes(_ side: SetupAnswers.Side, _ change: (inout SetupWishes) -> Void = { _ in }) -> SetupWishes {
    var wishes = SetupWishes(side, file: folder["etc/kscmirror.toml"])
    wishes.store = folder["store"]
    wishes.output = folder["stick"]
    wishes.products = ["LinuxServer_12"]
    wishes.catalogue = folder["updater.xml"]
    change(&wishes)
    return wishes
  }

  private func setUp(
    _ wishes: SetupWishes,
    _ terminal: ScriptedTerminal? = nil,
    phrase: String? = nil,
    host: QuietHost = QuietHost(),
    told: Told = Told()
  ) async throws -> SetupReport {
    try Files.makeFolder(folder["stick"])
    let catalogue =
      "<r><element><name>LinuxServer_12</name><version>1</version><component>KDB</component></element></r>"
    try Files.replace(folder["updater.xml"], with: Array(catalogue.utf8))
    return try await SetupJob(
      wishes,
      terminal: terminal,
      passphrase: { _, _ in phrase },
      host: host,
      media: [],
      unitFolder: folder["units"],
      reporter: told
    ).run()
  }

  private func status(_ body: () async throws -> SetupReport) async -> Failures.ExitStatus? {
    do {
      _ = try await body()
      return nil
    } catch {
      return JobError(error).status
    }
  }

  private func exists(_ name: String) throws -> Bool { try Files.status(folder[name]) != nil }

  @Test func `a connected side gets configuration, keys, drop-ins and timers`() async throws {
    let host = QuietHost()
    let report = try await setUp(wishes(.connected) { $0.timer = true }, phrase: Self.phrase, host: host)
    let read = try Configuration(reading: folder["etc/kscmirror.toml"])
    #expect(read.store == folder["store"] && read.pack.output == folder["stick"])
    #expect(report.madeKeys && report.keys?.fingerprint.count == 16)
    #expect(report.keys?.rootKey == folder["store/keys/root.key"].string)
    #expect(report.dropIns.count == 2)
    for path in report.dropIns { #expect(try Files.status(FilePath(path)) != nil) }
    #expect(
      host.commands == [
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--now", "kscmirror-sync.timer", "kscmirror-pack.timer"],
      ]
    )
    #expect(report.next.first?.hasPrefix("sudo -u kscmirror kscmirror sync --config ") == true)

    // Again: keys that are there stay, and so does the configuration.
    let again = await status { try await setUp(wishes(.connected) { $0.replaces = false }) }
    #expect(again == .cannotCreate)
    let file = folder["etc/kscmirror.toml"]
    try #require(chmod(file.string, 0o640) == 0)
    let group: gid_t = geteuid() == 0 ? 12_345 : getegid()
    try #require(chown(file.string, geteuid(), group) == 0)
    let replaced = try await setUp(wishes(.connected) { $0.replaces = true })
    var record = stat()
    #expect(stat(file.string, &record) == 0 && record.st_mode & 0o777 == 0o640 && record.st_gid == group)
    #expect(!replaced.madeKeys && replaced.keys?.fingerprint == report.keys?.fingerprint)
    #expect(try exists("etc/kscmirror.toml.before"))
  }

  @Test func `an isolated side gets a configuration and a folder, and no keys`() async throws {
    let report = try await setUp(wishes(.isolated) { $0.site = "plant-7" })
    #expect(report.keys == nil && report.dropIns.isEmpty && report.site == "plant-7")
    #expect(try Configuration(reading: folder["etc/kscmirror.toml"]).site == "plant-7")
    #expect(report.next.first?.contains("trust add") == true)
  }

  @Test func `a dry run shows, and changes nothing`() async throws {
    let report = try await setUp(wishes(.connected) { $0.dryRun = true })
    #expect(!report.isWritten && report.text.contains("LinuxServer_12") && report.keys == nil)
    #expect(try !exists("etc") && !exists("store") && !exists("units"))
  }

  @Test func `what cannot be ends the setup before anything is written`() async throws {
    #expect(await status { try await setUp(wishes(.connected), phrase: "short") } == .keyUnusable)
    let onStick = wishes(.connected) { $0.rootKey = folder["stick/root.key"] }
    #expect(await status { try await setUp(onStick) } == .keyUnusable)
    let unknown = wishes(.connected) { $0.products = ["LinuxServr_12"] }
    #expect(await status { try await setUp(unknown) } == .configuration)
    #expect(await status { try await setUp(wishes(.isolated) { $0.store = nil }, ScriptedTerminal()) } == .usage)
    #expect(try !exists("etc") && !exists("store"))
    // Sealed, it may lie there.
    #expect(try await setUp(onStick, phrase: Self.phrase).keys?.rootKey == folder["stick/root.key"].string)
  }

  @Test func `a configuration that is there is written over only by somebody who says so`() async throws {
    try Files.makeFolder(folder["etc"])
    try Files.replace(folder["etc/kscmirror.toml"], with: Array("# mine\n".utf8))
    let isolated = wishes(.isolated) { $0.site = "a" }
    #expect(await status { try await setUp(isolated, ScriptedTerminal("n")) } == .cannotCreate)
    #expect(await status { try await setUp(isolated) } == .cannotCreate)
    #expect(try Files.read(folder["etc/kscmirror.toml"], atMost: 100) == Array("# mine\n".utf8))
    #expect(try await setUp(isolated, ScriptedTerminal("y")).isWritten)
    #expect(try Files.read(folder["etc/kscmirror.toml.before"], atMost: 100) == Array("# mine\n".utf8))
  }

  @Test func `without the vendor's catalogue names are taken as they are, and that is said`() async throws {
    let told = Told()
    let report = try await setUp(
      wishes(.connected) {
        $0.catalogue = nil
        $0.servers = [folder["nowhere"].string].map { "file://" + $0 }
        $0.products = ["Whatever_1"]
      },
      told: told
    )
    #expect(report.products == ["Whatever_1"] && told.warnings == ["no-catalogue"], "\(told.notices)")
  }

  @Test func `timers where systemd does not run are an error, after all else is done`() async throws {
    let wanted = wishes(.connected) { $0.timer = true }
    #expect(await status { try await setUp(wanted, host: QuietHost(hasSystemd: false)) } == .notThere)
    #expect(try exists("etc/kscmirror.toml") && exists("store/keys/targets.key"))
  }
}
