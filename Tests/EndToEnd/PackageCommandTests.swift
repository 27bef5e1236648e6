import AdministrationServerDouble
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Installers of the release become packages of an Administration Server, each once.
@Suite struct PackageCommandTests {
  private static let record = "PackagesApi.RecordNewPackage3Async"

  /// A store with installers, and an Administration Server.
  private struct Ground {
    let shelf: PackageGround
    let server: AdministrationServerDouble
    let configuration: FilePath
    var world: World { shelf.world }

    init(_ files: [String: Data] = PackageCommandTests.files) async throws {
      shelf = try PackageGround()
      try await shelf.release(files)
      var fixture = Fixture()
      fixture.standalone = []
      server = try AdministrationServerDouble(fixture, identity: try shelf.world.authority.issue("localhost"))
      configuration = shelf.world.folder["server.toml"]
      let table = try shelf.world.table(of: server)
      try shelf.world.write("store = \"\(shelf.world.connected)\"\n\(table)", to: configuration)
    }

    func package(_ words: String...) async throws -> Outcome { try await world.run(arguments(words)) }

    func arguments(_ words: [String]) -> [String] { ["package"] + words + ["--config", configuration.string] }

    /// What the server gives out, by the names of the stand-alone packages.
    var givenOut: [String] { server.fixture.standalone.filter(\.isPublished).map(\.name) }
  }

  private static let setup = Data((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) })
  private static let files = ["kes/setup.exe": setup, "agent.sh": Data("#!/bin/sh\n".utf8)]

  @Test func `installers become packages once each, and are given out`() async throws {
    let ground = try await Ground()
    let listed = try await ground.package("list", "--json")
    let rows = try #require(listed.result["packages"] as? [[String: Any]])
    #expect(rows.map { $0["path"] as? String } == ["agent.sh", "kes/setup.exe"])
    #expect(rows.allSatisfy { $0["package"] == nil && $0["isPublished"] as? Bool == false })

    let dry = try await ground.package("publish", "--all", "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("would publish kes/setup.exe, 2.38 MiB"), "\(dry)")
    let unasked = try await ground.package("publish", "--all")
    #expect(unasked.status == Exit.usage && unasked.errors.contains("--yes"), "\(unasked)")
    #expect(ground.server.packages.isEmpty && ground.server.openUploads == 0)

    let published = try await ground.package("publish", "kes/setup.exe", "--arguments", "/s", "--yes")
    #expect(published.status == 0, "\(published.errors)")
    #expect(published.output == "published kes/setup.exe at http://ksc.invalid:8060/dlpkg?id=1\n")
    let made = try #require(ground.server.packages.first)
    #expect(made.content == [UInt8](Self.setup) && made.command == ["setup.exe", "/s"])
    #expect(made.name.hasPrefix("setup.exe (kscmirror ") && ground.givenOut == [made.name])

    let all = try await ground.package("publish", "--all", "--yes")
    #expect(all.status == 0 && all.output.contains("kes/setup.exe was published already"), "\(all)")
    #expect(ground.server.packages.count == 2 && ground.givenOut.count == 2)
    let again = try await ground.package("publish", "--all", "--yes")
    #expect(again.status == 0 && ground.server.packages.count == 2, "\(again)")
    #expect(ground.server.methods.count { $0 == Self.record } == 2)
    #expect(ground.server.openSessions == 0 && ground.server.openUploads == 0 && ground.server.rulesBroken == 0)

    let journal = try await ground.world.run("log", "--config", ground.configuration.string)
    #expect(journal.output.contains("packages/kes/setup.exe is given out by "), "\(journal.output)")
    let table = try await ground.package("list", "kes/setup.exe")
    #expect(table.output.contains("http://ksc.invalid:8060/dlpkg?id=1") && !table.output.contains("agent.sh"))
  }

  @Test func `what is given out no longer stays a package, and comes back without being sent again`() async throws {
    let ground = try await Ground()
    #expect(try await ground.package("publish", "--all", "--yes").status == 0)
    let gone = try await ground.package("unpublish", "packages/agent.sh", "--yes")
    #expect(gone.status == 0 && gone.output == "unpublished agent.sh\n", "\(gone)")
    #expect(ground.givenOut.count == 1 && ground.server.packages.count == 2)
    let twice = try await ground.package("unpublish", "agent.sh", "--yes")
    #expect(twice.status == 0 && twice.output == "agent.sh was unpublished already\n", "\(twice)")
    #expect(try await ground.package("publish", "agent.sh", "--yes").status == 0)
    #expect(ground.givenOut.count == 2 && ground.server.packages.count == 2)
    let wrong = try await ground.package("unpublish", "no.exe", "--yes")
    #expect(
      wrong.status == Exit.notThere && wrong.errors.contains("packages/no.exe is not in the current release"),
      "\(wrong)"
    )
  }

  @Test func `another content of the same path is another package`() async throws {
    let ground = try await Ground(["setup.exe": Data("one".utf8)])
    #expect(try await ground.package("publish", "--all", "--yes").status == 0)
    try await ground.shelf.release(["setup.exe": Data("two".utf8)])
    #expect(try await ground.package("publish", "--all", "--yes").status == 0)
    #expect(ground.server.packages.map(\.content) == [Array("one".utf8), Array("two".utf8)])
    #expect(ground.givenOut.count == 2)
  }

  @Test func `an archive says itself what is run, or somebody else has to`() async throws {
    let folder = TemporaryFolder()
    for (name, files) in [("with.tar", ["setup", "setup.kpd"]), ("without.tar", ["install.sh"])] {
      for file in files { try ground(file, in: folder) }
      _ = try Command.run("tar", ["--format=ustar", "-cf", folder[name].string, "-C", folder.path.string] + files)
    }
    let archives = ["with.tar", "without.tar"]
    let ground = try await Ground(
      Dictionary(
        uniqueKeysWithValues: try archives.map { ($0, try Data(contentsOf: URL(fileURLWithPath: folder[$0].string))) }
      )
    )
    let refused = try await ground.package("publish", "--all", "--yes")
    #expect(refused.status == Exit.usage && refused.errors.contains("outermost in it are: install.sh"), "\(refused)")
    // What came before it stays.
    #expect(ground.givenOut.count == 1 && ground.server.openUploads == 0)
    let told = try await ground.package("publish", "without.tar", "--executable", "install.sh", "--yes")
    #expect(told.status == 0 && ground.givenOut.count == 2, "\(told)")
    #expect(ground.server.packages.map(\.command) == [[], ["install.sh"]])
  }

  private func ground(_ file: String, in folder: TemporaryFolder) throws {
    try Data(file.utf8).write(to: URL(fileURLWithPath: folder[file].string))
  }

  @Test func `what a killed run has asked for is not asked for again`() async throws {
    let ground = try await Ground(["setup.exe": Self.setup])
    ground.server.misbehave { $0.method == Self.record && $0.count == 1 ? .late(seconds: 3) : nil }
    let running = try ground.world.start(ground.arguments(["publish", "--all", "--yes"]))
    for _ in 0..<500 where !ground.server.methods.contains(Self.record) {
      try await Task.sleep(for: .milliseconds(20))
    }
    running.process.kill(SIGKILL)
    #expect(try await running.outcome().status == -SIGKILL)
    let second = try await ground.package("publish", "--all", "--yes")
    #expect(second.status == 0, "\(second.errors)")
    #expect(ground.server.packages.count == 1 && ground.givenOut.count == 1)
    #expect(ground.server.methods.count { $0 == Self.record } == 1 && ground.server.rulesBroken == 0)
  }

  @Test func `a server that fails in between leaves no half package behind`() async throws {
    for method in ["PUT", Self.record, "PackagesApi.CreateExecutablePkgAsync", "PackagesApi.PublishStandalonePackage"] {
      let ground = try await Ground(["setup.exe": Self.setup])
      ground.server.misbehave { $0.method == method && $0.count == 1 ? .status(500) : nil }
      let failed = try await ground.package("publish", "--all", "--yes")
      #expect(failed.status != 0 && failed.errors.contains(ground.server.url), "\(method): \(failed)")
      #expect(ground.givenOut.isEmpty && ground.server.openUploads == 0 && ground.server.openSessions == 0)
      let second = try await ground.package("publish", "--all", "--yes")
      #expect(second.status == 0 && ground.server.packages.count == 1, "\(method): \(second.errors)")
      #expect(ground.givenOut.count == 1 && ground.server.fixture.standalone.count == 1)
    }
  }

  @Test func `a damaged object is not sent`() async throws {
    let ground = try await Ground(["setup.exe": Self.setup])
    let published = ground.world.connected.appending("current").appending("packages").appending("setup.exe").string
    #expect(chmod(published, 0o644) == 0)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: published))
    try file.seek(toOffset: 1_000_000)
    try file.write(contentsOf: Data("x".utf8))
    try file.close()
    let refused = try await ground.package("publish", "--all", "--yes")
    #expect(
      refused.status == Exit.damagedStore && refused.errors.contains("packages/setup.exe is not what was published"),
      "\(refused)"
    )
    #expect(!ground.server.methods.contains("FilesAcceptor.InitiateFileUpload"))
  }

  @Test func `without a server or a release nothing is done`() async throws {
    let world = try World(files: 20)
    let none = try await world.run("package", "list", "--config", world.configuration.string)
    #expect(none.status == Exit.notThere && none.errors.contains("is not a kscmirror store"), "\(none)")
    try await world.sync()
    let unnamed = try await world.run("package", "list", "--config", world.configuration.string)
    #expect(unnamed.status == Exit.configuration && unnamed.errors.contains("[administration_server]"), "\(unnamed)")
  }
}
