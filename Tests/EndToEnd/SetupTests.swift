import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// From bare hosts to the first import, and a newer program by the stick.
@Suite struct SetupTests {
  private static let phrase = "four words that fit\n"
  private static let product = "KasperskyEndpointSecurityForLinux_12_3_0"

  private func permissions(of path: FilePath) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int ?? 0
  }

  /// Sets the connected side of a world up: its server is the made-up one.
  private func setUpConnected(_ world: World, _ more: String...) async throws -> Outcome {
    try world.write(Self.phrase, to: world.folder["phrase"])
    return try await world.run(
      [
        "setup", "connected", "--yes", "--config", world.configuration.string, "--store", world.connected.string,
        "--output", world.stick.string, "--server", world.server.url, "--ca", "\(world.authority.certificate)",
        "--product", Self.product, "--passphrase-file", world.folder["phrase"].string,
      ] + more
    )
  }

  private func setUpIsolated(_ world: World, _ more: String...) async throws -> Outcome {
    try await world.run(
      [
        "setup", "isolated", "--yes", "--config", world.isolatedConfiguration.string, "--store",
        world.isolated.string, "--site", "plant-7",
      ] + more
    )
  }

  /// A made-up vendor is trusted by a setting that no true host needs.
  private func trustVendor(_ world: World, in file: FilePath) throws {
    let text = try String(contentsOfFile: file.string, encoding: .utf8)
    try world.write("\(world.vendorSetting)\n\(text)", to: file)
  }

  /// Two hosts without a configuration; the isolated one keeps it where nothing is set up there.
  private func bare(keepingIsolated: Bool = false) throws -> World {
    let world = try World(trusting: false)
    try FileManager.default.removeItem(atPath: world.configuration.string)
    if !keepingIsolated { try FileManager.default.removeItem(atPath: world.isolatedConfiguration.string) }
    return world
  }

  @Test func `from bare hosts to the first import it takes three commands a side`() async throws {
    let world = try bare()
    let set = try await setUpConnected(world)
    #expect(set.status == 0, "\(set.errors)")
    try trustVendor(world, in: world.configuration)
    let config = ["--config", world.configuration.string]
    #expect(try await world.run(["sync"] + config).status == 0)
    let packed = try await world.run(["pack", world.stick.string] + config)
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(packed.output.split(separator: "\n").last?.hasPrefix("Written to \(world.stick)") == true)

    // The fingerprint that setup shows is read out, and typed group by group.
    let indented = set.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
    let words: [Substring] = indented.flatMap { $0.split(separator: " ") }
    let groups: [String] = words.filter { $0.count == 4 && $0.allSatisfy(\.isHexDigit) }.map { String($0) }
    #expect(groups.count == 16, "\(set.output)")
    let isolated = try await setUpIsolated(world)
    #expect(isolated.status == 0 && isolated.output.contains("kscmirror trust add"), "\(isolated.errors)")
    try trustVendor(world, in: world.isolatedConfiguration)
    let site = ["--config", world.isolatedConfiguration.string]
    let added = try await world.run(["trust", "add", world.stick.string] + groups.map { $0.uppercased() } + site)
    #expect(added.status == 0, "\(added.errors)")
    let imported = try await world.run(["import", world.stick.string] + site)
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output.split(separator: "\n").last?.contains("from \(world.stick)") == true)
    #expect(try world.published(world.isolated) == world.published(world.connected))
  }

  @Test func `a setup is written once, sealed, and shown without being written`() async throws {
    let world = try bare()
    let early = try await world.sync()
    #expect(early.status == Exit.configuration && early.errors.contains("kscmirror setup connected"), "\(early.errors)")
    let shown = try await setUpConnected(world, "--dry-run")
    #expect(shown.status == 0 && shown.output.contains("products = [\"\(Self.product)\"]"), "\(shown.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.configuration.string))
    #expect(!FileManager.default.fileExists(atPath: world.connected.string))

    let set = try await setUpConnected(world, "--json")
    #expect(set.status == 0 && set.result["madeKeys"] as? Bool == true, "\(set.output)")
    #expect(try permissions(of: world.connected.pushing("keys/root.key")) == 0o600)
    #expect(
      try String(contentsOfFile: world.connected.pushing("keys/root.key").string, encoding: .utf8).contains("scrypt")
    )
    let again = try await setUpConnected(world)
    #expect(again.status == 73 && again.errors.contains("--replace"), "\(again.errors)")
    #expect(try await setUpConnected(world, "--replace").status == 0)
    let unknown = try await setUpConnected(world, "--replace", "--product", "KasperskyEndpointSecurtyForLinux_12_3_0")
    #expect(unknown.status == Exit.configuration && unknown.errors.contains("did you mean"), "\(unknown.errors)")
    // Nobody is there to be asked.
    let asked = try await world.run("setup", "isolated", "--config", world.isolatedConfiguration.string)
    #expect(asked.status == Exit.usage && asked.errors.contains("--yes"), "\(asked.errors)")
  }

  @Test func `a weak pass phrase, and an open root key on the stick that goes out, are refused`() async throws {
    let world = try bare(keepingIsolated: true)
    let store = ["--store", world.connected.string]
    try world.write("ab\n", to: world.folder["weak"])
    let weak = try await world.run(["keys", "init", "--passphrase-file", world.folder["weak"].string] + store)
    #expect(weak.status == 105 && weak.errors.contains("2 of at least 12 characters"), "\(weak.errors)")
    let rootKey = world.stick.appending("root.key").string
    let open = try await setUpConnected(world, "--no-passphrase", "--root-key", rootKey)
    #expect(open.status == 105 && open.errors.contains("bundles are written to"), "\(open.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.configuration.string))
    // Also by hand, where no configuration says which stick goes out, but bundles lie there.
    try FileManager.default.createDirectory(
      atPath: world.stick.appending("kscmirror-000009").string,
      withIntermediateDirectories: false
    )
    let byHand = try await world.run(["keys", "init", "--no-passphrase", "--root-key", rootKey] + store)
    #expect(byHand.status == 105 && byHand.errors.contains("has bundles"), "\(byHand.errors)")
    #expect(!FileManager.default.fileExists(atPath: rootKey))
  }

  @Test func `the newest root of a stick is found, and a wrong group is named`() async throws {
    let world = try World(trusting: false)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let rotate = ["keys", "rotate", "--no-passphrase", "timestamp", "--store", world.connected.string]
    #expect(try await world.run(rotate).status == 0)
    #expect(try await world.pack("--overwrite").status == 0)
    let groups = try await world.fingerprint().split(separator: " ").map(String.init)
    let store = ["--store", world.isolated.string]
    let shown = try await world.run(["trust", "add", world.stick.string] + store)
    #expect(shown.status == Exit.unknownKey && shown.errors.contains("2.root.json"), "\(shown.errors)")
    #expect(shown.errors.contains(groups[..<8].joined(separator: " ")))
    var wrong = groups
    wrong[15] = groups[15] == "0000" ? "0001" : "0000"
    let refused = try await world.run(["trust", "add", world.stick.string] + wrong + store)
    #expect(refused.status == Exit.unknownKey, "\(refused.errors)")
    #expect(refused.errors.contains("group 16 differs: it is \(groups[15]), and you gave \(wrong[15])"))
    let short = try await world.run(["trust", "add", world.stick.string] + groups.dropLast() + store)
    #expect(short.status == Exit.usage && short.errors.contains("60 digits"), "\(short.errors)")
    #expect(try await world.run(["trust", "add"] + groups + [world.bundle(1).string] + store).status == 0)
  }

  @Test func `no root that lies beside the right one keeps it out`() async throws {
    let (world, strangers) = (try World(files: 24, trusting: false), try World(files: 24, seed: 7, trusting: false))
    for world in [world, strangers] {
      try #require(try await world.sync().status == 0)
      try await world.makeKeys()
    }
    try #require(try await world.pack().status == 0)
    let metadata = world.metadataFile(1, "1.root.json").removingLastComponent()
    let fingerprint = try await world.fingerprint()
    // Files that claim to be newer: of somebody else, of nobody, without an end, a link, a pipe, and this one once more.
    let stray = world.stick.pushing("kscmirror-000777/data/metadata")
    for folder in [metadata, stray] {
      try world.write(
        try String(contentsOfFile: strangers.firstRoot.string, encoding: .utf8),
        to: folder.appending("900.root.json")
      )
      try world.write("{}", to: folder.appending("901.root.json"))
      try world.write("", to: folder.appending("902.root.json"))
      try #require(truncate(folder.appending("902.root.json").string, 1 << 40) == 0)
      try #require(symlink("/dev/zero", folder.appending("903.root.json").string) == 0)
      try #require(mkfifo(folder.appending("904.root.json").string, 0o600) == 0)
      try #require(mknod(folder.appending("905.root.json").string, S_IFSOCK | 0o600, 0) == 0)
      try world.write(
        try String(contentsOfFile: world.firstRoot.string, encoding: .utf8),
        to: folder.appending("999.root.json")
      )
    }
    let store = ["--store", world.isolated.string]
    let wrong = try await world.run(
      ["trust", "add", world.stick.string, "--fingerprint", String(repeating: "1", count: 64)] + store
    )
    #expect(wrong.status == Exit.unknownKey || wrong.status == Exit.notThere, "\(wrong.status) \(wrong.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.isolated.appending("trust/root.json").string))
    // Without a fingerprint both are shown, and none is taken.
    let shown = try await world.run(["trust", "add", world.stick.string] + store)
    #expect(
      shown.status == Exit.notThere && shown.errors.contains("different roots"),
      "\(shown.status) \(shown.errors)"
    )
    let added = try await world.run(["trust", "add", world.stick.string, "--fingerprint", fingerprint] + store)
    #expect(added.status == 0, "\(added.errors)")
    #expect(try await world.run(["import", world.stick.string] + store).status == 0)
  }

  // MARK: - The program by the stick

  @Test func `a newer program rides on the stick, is verified, and is put where it can be installed`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    let packages = world.folder["packages"]
    let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for name in ["kscmirror_9.1.0-1_amd64.deb", "kscmirror_9.0.0-1_amd64.deb", "kscmirror-9.1.0-linux-x86_64.tar.gz"] {
      try world.write(name, to: packages.appending(name))
      try Data(bytes + name.utf8).write(to: URL(fileURLWithPath: packages.appending(name).string))
    }
    let none = try await world.pack("--with-program")
    #expect(none.status == Exit.notThere && none.errors.contains("--with-program PATH"), "\(none.errors)")
    let packed = try await world.pack("--json", "--with-program", packages.string)
    #expect(packed.status == 0, "\(packed.errors)")
    let carried = try #require(packed.result["programs"] as? [[String: Any]])
    #expect(carried.map { $0["version"] as? String } == ["9.1.0", "9.1.0"])
    let label = try String(contentsOfFile: world.bundle(1).appending("LABEL.txt").string, encoding: .utf8)
    #expect(label.contains("Program    kscmirror-9.1.0-linux-x86_64.tar.gz\n           kscmirror_9.1.0-1_amd64.deb\n"))
    #expect(
      !FileManager.default.fileExists(
        atPath: world.bundle(1).pushing("data/program/kscmirror_9.0.0-1_amd64.deb").string
      )
    )
    // The second time it needs not be named, and the bundle stays as it is.
    #expect(try await world.pack("--json", "--with-program").result["wasThere"] as? Bool == true)

    let imported = try await world.import("--json")
    #expect(imported.status == 0, "\(imported.output)")
    let program = try #require(imported.result["program"] as? [String: Any])
    #expect(program["version"] as? String == "9.1.0")
    let file = try #require(program["file"] as? String)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)).starts(with: bytes))
    #expect(file.hasPrefix(world.isolated.appending("program").string))
    #expect((program["install"] as? String)?.contains(file) == true)
    let notices = imported.json.compactMap { ($0["notice"] as? [String: Any])?["name"] as? String }
    #expect(notices.contains("newer-program") && !notices.contains("strangers"), "\(notices)")
    #expect(try await world.run("verify", "--store", world.isolated.string).status == 0)
    #expect(try await world.import().errors.contains("kscmirror 9.1.0 has come with the bundle"))
  }

  @Test func `a program that was changed on the stick is not taken, and the databases are`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    let name = "kscmirror_9.1.0-1_amd64.deb"
    try world.write("a package", to: world.folder["packages"].appending(name))
    #expect(try await world.pack("--with-program", world.folder["packages"].appending(name).string).status == 0)
    try world.write("a pacKage", to: world.bundle(1).pushing("data/program").appending(name))
    let imported = try await world.import("--json")
    #expect(imported.status == 0 && imported.output.contains("program-refused"), "\(imported.output)")
    #expect(imported.result["program"] == nil)
    let log = try await world.run("log", "--config", world.isolatedConfiguration.string)
    #expect(log.output.contains("a newer kscmirror was refused"), "\(log.output)")
    #expect(!FileManager.default.fileExists(atPath: world.isolated.pushing("program").appending(name).string))
    // Gone from the stick, it is missed by nobody.
    try FileManager.default.removeItem(atPath: world.bundle(1).pushing("data/program").string)
    #expect(try await world.import("--json").status == 0)
    // A later bundle without it is a bundle as any other.
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let next = try await world.import("--json")
    #expect(next.status == 0 && !next.output.contains("program-"), "\(next.output)")
    #expect(try world.published(world.isolated) == world.published(world.connected))
  }

  // MARK: - The command line

  @Test func `a mistyped command is answered with the right one, and help is wrapped once`() async throws {
    let world = try World(files: 12)
    let mistyped = try await world.run("snyc")
    #expect(
      mistyped.status == Exit.usage && mistyped.errors.contains("Did you mean 'kscmirror sync'?"),
      "\(mistyped.errors)"
    )
    #expect(try await world.run("license", "lst").errors.contains("'kscmirror licence list'"))
    let help = try await world.run("--help").output
    let daily = try #require(help.firstRange(of: "DAILY SUBCOMMANDS:")?.upperBound)
    let names = help[daily...].split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.prefix(7)
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(names == ["sync", "pack", "import", "collect", "site", "status", "doctor"], "\(help)")
    #expect(!help.contains(": SUBCOMMANDS:"))
  }

  @Test func `the shell is offered what the store has`() async throws {
    let world = try World(files: 12)
    #expect(try await world.sync().status == 0)
    func offered(_ command: [String], _ option: String, _ words: [String]) async throws -> [String] {
      let line = ["kscmirror"] + command + ["--store", world.connected.string] + words
      let outcome = try await world.run(
        ["---completion"] + command + ["--", option, "\(line.count - 1)", "0"] + line
      )
      return outcome.output.split(separator: "\n").map(String.init)
    }
    #expect(try await offered(["pack"], "--snapshot", ["--snapshot", ""]) == ["1"])
    #expect(try await offered(["setup", "connected"], "--component", ["--component", ""]).contains("KDB"))
    #expect(try await offered(["pack"], "--site", ["--site", ""]).isEmpty)
  }
}
