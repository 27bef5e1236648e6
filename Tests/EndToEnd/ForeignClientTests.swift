import Foundation
import SystemPackage
import TestSupport
import Testing

/// Programs of others that take their updates from `kscmirror serve`, across releases.
struct ForeignClientTests {
  // MARK: - ClamAV

  /// ClamAV's own signed test databases: the folder `unit_tests/input/freshclam_testfiles` of its repository.
  private static let clamav = ProcessInfo.processInfo.environment["KSCMIRROR_FRESHCLAM_FILES"].flatMap { folder in
    FileManager.default.fileExists(atPath: folder + "/test-6.cdiff") ? FilePath(folder) : nil
  }

  /// What a server of version `version` has: the whole database, the steps to it, and the signatures beside them.
  private func database(_ version: Int) throws -> [String: Data] {
    let folder = try #require(Self.clamav)
    func file(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) }
    var files = ["clamav/test.cvd": try file("test-\(version).cvd")]
    files["clamav/test-\(version).cvd.sign"] = try file("test-\(version).cvd.sign")
    for step in 2..<max(version + 1, 2) {
      for name in ["test-\(step).cdiff", "test-\(step).cdiff.sign"] { files["clamav/\(name)"] = try file(name) }
    }
    return files
  }

  /// Runs freshclam once with a folder of databases.
  private func freshclam(_ database: FilePath, _ mirror: String, _ ground: PackageGround) async throws -> ForeignRun {
    try FileManager.default.createDirectory(atPath: database.string, withIntermediateDirectories: true)
    let configuration = ground.world.folder["freshclam.conf"]
    let user = try Command.run("id", ["-un"]).trimmingCharacters(in: .whitespacesAndNewlines)
    try ground.world.write(
      """
      \(mirror)
      DNSDatabaseInfo no
      DatabaseDirectory \(database)
      DatabaseOwner \(user)
      PidFile \(ground.world.folder["freshclam.pid"])
      LogVerbose yes
      MaxAttempts 1
      Bytecode no

      """,
      to: configuration
    )
    return try await ForeignRun.run(
      "freshclam",
      ["--no-dns", "--config-file=\(configuration)", "--update-db=test"],
      in: ground.world.folder.path,
      environment: ["CURL_CA_BUNDLE": ground.authority]
    )
  }

  @Test(
    .enabled(if: Command.path(of: "freshclam") != nil, "needs freshclam (apt install clamav-freshclam)"),
    .enabled(if: clamav != nil, "KSCMIRROR_FRESHCLAM_FILES names no folder with ClamAV's freshclam_testfiles")
  )
  func `ClamAV's freshclam updates from packages, whole and by differences`() async throws {
    let ground = try PackageGround()
    let folder = ground.world.folder
    try await ground.release(database(1))
    let server = try ground.serve()
    let mirror = "PrivateMirror \(server.url)/packages/clamav"
    let first = try await freshclam(folder["whole"], mirror, ground)
    #expect(first.status == 0 && first.said.contains("test.cvd updated (version: 1,"), "\(first.said)")
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: folder["whole/test.cvd"].string)) == database(1)["clamav/test.cvd"]
    )
    let again = try await freshclam(folder["whole"], mirror, ground)
    #expect(again.status == 0 && again.said.contains("test.cvd database is up-to-date (version: 1,"), "\(again.said)")

    try await ground.release(database(2))
    try await ground.waitUntilServed(by: server)
    let second = try await freshclam(folder["whole"], mirror, ground)
    #expect(second.status == 0 && second.said.contains("test.cvd updated (version: 2,"), "\(second.said)")

    try await ground.release(database(5))
    try await ground.waitUntilServed(by: server)
    let steps = try await freshclam(folder["whole"], "DatabaseMirror \(server.url)/packages/clamav", ground)
    #expect(steps.status == 0 && steps.said.contains("test.cld updated (version: 5,"), "\(steps.said)")

    if NginxServer.isInstalled {
      let nginx = try WebStoreGround.nginx(ground.world.connected, try ground.world.authority.issue("localhost"))
      let peer = "PrivateMirror https://localhost:\(nginx.port)/packages/clamav"
      let theirs = try await freshclam(folder["from-nginx"], peer, ground)
      #expect(theirs.status == 0 && theirs.said.contains("test.cvd updated (version: 5,"), "\(theirs.said)")
    }
    let answers = try await ground.stop(server).filter { $0.path.hasSuffix(".cvd") || $0.path.hasSuffix(".cdiff") }
    let expected =
      [
        (206, "test.cvd"), (200, "test.cvd"), (206, "test.cvd"), (206, "test.cvd"), (200, "test.cvd"),
        (206, "test.cvd"),
      ]
      + (3...5).map { (200, "test-\($0).cdiff") }
    #expect(
      answers.map { "\($0.status) \($0.path)" } == expected.map { "\($0.0) /packages/clamav/\($0.1)" },
      "\(answers)"
    )
    // It asks for the head of a database, and for more only if that is newer.
    #expect(answers.allSatisfy { $0.status != 206 || $0.bytes == 512 }, "\(answers)")
  }

  // MARK: - apt

  private static let canBuildPackages = ["apt-get", "apt-ftparchive", "dpkg-deb", "gpg", "gpg-agent"]
    .allSatisfy { Command.path(of: $0) != nil }

  /// A client that keeps all that it has in a folder of its own.
  private struct Apt {
    let folder: FilePath
    let configuration: FilePath

    init(_ ground: PackageGround, _ url: String, key: FilePath) throws {
      folder = try ground.world.folder.subfolder("apt")
      configuration = folder.appending("apt.conf")
      for name in ["state/lists/partial", "cache/archives/partial", "etc/trusted.gpg.d", "log", "got"] {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      try ground.world.write("", to: folder.appending("state/status"))
      try ground.world.write("deb [signed-by=\(key)] \(url) stable main\n", to: folder.appending("etc/sources.list"))
      try ground.world.write(
        """
        Dir::State "\(folder)/state"; Dir::State::status "\(folder)/state/status";
        Dir::Cache "\(folder)/cache"; Dir::Log "\(folder)/log";
        Dir::Etc "\(folder)/etc"; Dir::Etc::sourcelist "\(folder)/etc/sources.list"; Dir::Etc::sourceparts "-";
        Dir::Etc::main "-"; Dir::Etc::parts "-";
        Acquire::https::CaInfo "\(ground.authority)"; Acquire::https::Proxy "DIRECT"; Acquire::Languages "none";
        Acquire::Retries "0"; APT::Sandbox::User ""; Debug::NoLocking "1"; APT::Get::List-Cleanup "1";

        """,
        to: configuration
      )
    }

    func run(_ arguments: String...) async throws -> String {
      let run = try await ForeignRun.run(
        "apt-get",
        ["-q"] + arguments,
        in: folder.appending("got"),
        environment: ["APT_CONFIG": configuration.string]
      )
      guard run.status == 0 else { throw TestFailure("apt-get \(arguments): \(run.said)") }
      return run.said
    }

    func got(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/got/\(name)")) }
  }

  @Test(.enabled(if: canBuildPackages, "needs apt, apt-utils, dpkg, gpg and gpg-agent"))
  func `apt updates from a signed repository in packages, and goes on with a download that ended`() async throws {
    let ground = try PackageGround()
    let (made, keys) = (ground.world.folder["repository"], ground.world.folder["gpg"])
    let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .pushing("Interoperability/debian-repository.sh").string
    func package(_ name: String, _ version: Int) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(made)/pool/kscmirror-\(name)_\(version)_all.deb"))
    }
    try Command.run(script, [made.string, keys.string, "1"])
    try await ground.release(folder: made, as: "debian")
    let server = try ground.serve()
    let apt = try Apt(ground, "\(server.url)/packages/debian", key: keys.appending("key.asc"))
    _ = try await apt.run("update")
    _ = try await apt.run("download", "kscmirror-small")
    #expect(try apt.got("kscmirror-small_1_all.deb") == package("small", 1))
    let idle = try await apt.run("update")
    #expect(idle.contains("Hit:1") && !idle.contains("Get:"), "\(idle)")

    // The next release: other packages, other indexes, and the old indexes still there by their hashes.
    try Command.run(script, [made.string, keys.string, "2"])
    try await ground.release(folder: made, as: "debian")
    try await ground.waitUntilServed(by: server)
    // What is not in the new release is still answered: the client has not updated yet.
    _ = try await apt.run("download", "kscmirror-large")
    _ = try await apt.run("update")
    let large = try package("large", 2)
    // A download for an installation that was killed: apt keeps the part with the date of the whole, to ask with If-Range.
    let partial = "\(apt.folder)/cache/archives/partial/kscmirror-large_2_all.deb"
    try large.prefix(1_500_000).write(to: URL(fileURLWithPath: partial))
    let path = "/packages/debian/pool/kscmirror-large_2_all.deb"
    let date = try Command.run(
      "curl",
      ["-sfI", "--cacert", ground.authority, "-o", "/dev/null", "-w", "%header{last-modified}", "\(server.url)\(path)"]
    )
    try Command.run("touch", ["-d", date, partial])
    _ = try await apt.run("install", "--download-only", "kscmirror-large")
    #expect(try apt.got("../cache/archives/kscmirror-large_2_all.deb") == large)

    let answers = try await ground.stop(server)
    #expect(answers.contains(.init(path: path, status: 206, bytes: large.count - 1_500_000)), "\(answers)")
    #expect(answers.contains { $0.path.contains("/by-hash/SHA512/") && $0.status == 200 }, "\(answers)")
    #expect(answers.contains { $0.path.hasSuffix("/stable/InRelease") && $0.status == 304 }, "\(answers)")
  }

  // MARK: - curl

  /// Files of which each third is larger than what is on its way at once, so that its end may come apart from its bytes.
  private func manyFiles() -> [String: Data] {
    Dictionary(
      uniqueKeysWithValues: (0..<900).map { number in
        let size = number.isMultiple(of: 3) ? 140_000 + 37 * number : number.isMultiple(of: 50) ? 0 : 100 + number
        return ("many/\(number).bin", Data(repeating: UInt8(truncatingIfNeeded: number), count: size))
      }
    )
  }

  @Test func `curl takes a large tree over one connection, round after round on a busy machine, and loses nothing`()
    async throws
  {
    let ground = try PackageGround()
    try await ground.release(folder: try written(manyFiles(), ground), as: "packages")
    let server = try ground.serve()
    let published = try ground.world.published(ground.world.connected)
    let burner = try ChildProcess("/bin/sh", ["-c", "while :; do :; done"], output: ground.world.folder["burner"])
    defer { burner.kill(SIGKILL) }
    for (round, kind) in ["", "", "", "--head\n"].enumerated() {
      let place = ground.world.folder["curl-\(round)"]
      let lines = published.keys.sorted().map { path in
        let address = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return "url = \"\(server.url)/\(address)\"\noutput = \"\(place)/\(path)\"\n"
      }
      let list = ground.world.folder["curl-\(round).conf"]
      try ground.world.write(kind + lines.joined(), to: list)
      let run = try await ForeignRun.run(
        "curl",
        [
          "-sS", "--no-progress-meter", "--fail", "--http2", "--cacert", ground.authority, "--create-dirs",
          "--parallel",
          "--parallel-max", "16", "--config", list.string,
        ],
        in: ground.world.folder.path
      )
      #expect(run.status == 0, "round \(round): \(run.said)")
      let got = try World.files(below: place)
      if kind.isEmpty { #expect(got == published, "round \(round)") } else { #expect(got.count == published.count) }
    }
    // Nobody was sent away: a round needs one connection, and a few while the first is being made.
    let figures = try Command.run("curl", ["-sf", "--cacert", ground.authority, "\(server.url)/metrics"])
    let taken = figures.split(separator: "\n").first { $0.hasPrefix("kscmirror_http_connections_total ") }
    let count = try #require(taken?.split(separator: " ").last.flatMap { Int($0) })
    #expect(count < 4 * 16, "\(count)")
    #expect(try await server.stop() == 0)
  }

  /// Writes files below a folder of their own.
  private func written(_ files: [String: Data], _ ground: PackageGround) throws -> FilePath {
    let folder = ground.world.folder["many-files"]
    for (path, bytes) in files {
      let place = folder.pushing(FilePath(path))
      try FileManager.default.createDirectory(
        atPath: place.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try bytes.write(to: URL(fileURLWithPath: place.string))
    }
    return folder
  }

  // MARK: - wget2

  @Test(.enabled(if: Command.path(of: "wget2") != nil, "needs wget2 (apt install wget2)"))
  func `wget2 takes the whole tree by a list, and follows the status page to the packages`() async throws {
    let ground = try PackageGround()
    let packages = ["a.bin": Data(repeating: 1, count: 70_000), "deep/er/with space & more.txt": Data("text\n".utf8)]
    try await ground.release(packages)
    let server = try ground.serve()
    let folder = ground.world.folder
    let published = try ground.world.published(ground.world.connected)
    let list = published.keys.sorted().map { path in
      "\(server.url)/" + (path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path)
    }
    try ground.world.write(list.joined(separator: "\n") + "\n", to: folder["list"])
    let options = ["-q", "-x", "-nH", "--ca-certificate", ground.authority]
    try Command.run("wget2", options + ["-P", folder["tree-of-wget2"].string, "-i", folder["list"].string])
    #expect(try World.files(below: folder["tree-of-wget2"]) == published)

    try Command.run("wget2", options + ["-r", "-l", "1", "-P", folder["followed"].string, "\(server.url)/"])
    let followed = try World.files(below: folder["followed"]).filter { $0.key.hasPrefix("packages/") }
    #expect(followed == published.filter { $0.key.hasPrefix("packages/") })
    #expect(followed.count == packages.count)
    #expect(try await server.stop() == 0)
  }

  // MARK: - TUF

  @Test(.enabled(if: Python.path != nil, Comment(rawValue: Python.absence)))
  func `python-tuf and our own client take every target, before and after a new release`() async throws {
    let ground = try PackageGround()
    let world = ground.world
    try await ground.release(["a.bin": Data(repeating: 1, count: 70_000)])
    let server = try ground.serve()
    let port = try Loopback.freePort()
    // The small client takes no certificate authority of its own: plain HTTP, which TUF does not depend on.
    let plain = try WebStoreGround(world, world.connected, nil, "--http", "127.0.0.1:\(port)")
    let trusted = world.folder["trusted"].string
    try Command.run(World.built("tuf-client"), ["--metadata-dir", trusted, "init", world.firstRoot.string])
    for round in 1...2 {
      let published = try world.published(world.connected)
      let paths = published.keys.sorted()
      let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .pushing("Interoperability/ngclient.py").string
      let (theirs, ours) = (world.folder["theirs-\(round)"], try world.folder.subfolder("ours-\(round)"))
      try Command.run(
        try #require(Python.path),
        [script, "--ca", ground.authority, "--metadata-dir", world.folder["python"].string]
          + ["\(server.url)/metadata/", "\(server.url)/targets/", world.firstRoot.string, theirs.string] + paths
      )
      #expect(try World.files(below: theirs) == published)
      try Command.run(
        World.built("tuf-client"),
        ["--metadata-dir", trusted, "--metadata-url", "\(plain.url)/metadata"]
          + paths.flatMap { ["--target-name", $0] }
          + ["--target-base-url", "\(plain.url)/targets", "--target-dir", ours.string, "download"]
      )
      let got = try World.files(below: ours)
      let names = Dictionary(uniqueKeysWithValues: got.map { ($0.key.removingPercentEncoding ?? $0.key, $0.value) })
      #expect(names == published)
      try world.age()
      try await ground.release(["a.bin": Data(repeating: 2, count: 70_000), "b.bin": Data(repeating: 3, count: 9)])
    }
    #expect(try await plain.stop() == 0)
    #expect(try await server.stop() == 0)
  }

  // MARK: - The release before

  @Test func `what only the release before had is answered for the time of grace, also by a new server`() async throws {
    let ground = try PackageGround()
    let world = ground.world
    func status(_ server: WebStoreGround) throws -> String {
      try Command.run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.url)/packages/old.bin"])
    }
    /// The answer of a server that is started now.
    func statusOfNew(grace: String) async throws -> String {
      try world.configureIsolated("[serve]\ngrace = \"\(grace)\"")
      let server = try WebStoreGround(world, world.connected, nil)
      let answer = try status(server)
      #expect(try await server.stop() == 0)
      return answer
    }
    try await ground.release(["old.bin": Data("old".utf8)])
    try world.configureIsolated("[serve]\ngrace = \"1s\"")
    let hasty = try WebStoreGround(world, world.connected, nil)
    try await ground.release(["new.bin": Data("new".utf8)])

    // It ends for a server that saw the switch.
    var answer = try status(hasty)
    for _ in 0..<600 where answer != "404" {
      try await Task.sleep(for: .milliseconds(100))
      answer = try status(hasty)
    }
    #expect(answer == "404")
    #expect(try await hasty.stop() == 0)

    // A new one goes by the time of the switch.
    #expect(try await statusOfNew(grace: "1h") == "200")
    #expect(try await statusOfNew(grace: "0s") == "404")
    try Command.run("touch", ["-h", "-d", "2 hours ago", world.connected.appending("current").string])
    #expect(try await statusOfNew(grace: "1h") == "404")
    #expect(try await statusOfNew(grace: "3h") == "200")

    // After a rollback the newer release is the one before; a pruned one is gone.
    #expect(try await world.run("rollback", "--store", world.connected.string).status == 0)
    try world.configureIsolated("[serve]\ngrace = \"1h\"")
    let back = try WebStoreGround(world, world.connected, nil)
    #expect(try Command.run("curl", ["-sf", "\(back.url)/packages/new.bin"]) == "new")
    #expect(try Command.run("curl", ["-sf", "\(back.url)/packages/old.bin"]) == "old")
    #expect(try await back.stop() == 0)
  }
}
