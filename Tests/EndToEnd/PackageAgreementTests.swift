import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A package whose agreements are not accepted is not given out; nobody accepts one but by naming it.
@Suite struct PackageAgreementTests {
  private static let create = "PackagesApi.CreateExecutablePkgAsync"
  private static let accept = "PackagesApi.AcceptEulas"

  /// A store with the vendor's package as it comes, and an Administration Server.
  private struct Ground {
    let shelf: PackageGround
    let server: AdministrationServerDouble
    let configuration: FilePath
    var world: World { shelf.world }

    init(_ files: [String: Data]? = nil, digests: [String: String] = [:]) async throws {
      shelf = try PackageGround()
      let given = try files ?? ["kesl.tar.gz": Self.archive(), "agent.sh": Data("#!/bin/sh\n".utf8)]
      try await shelf.release(given, digests: digests)
      var fixture = Fixture()
      fixture.standalone = []
      fixture.mobileProfiles = ["phones"]
      server = try AdministrationServerDouble(fixture, identity: try shelf.world.authority.issue("localhost"))
      configuration = shelf.world.folder["server.toml"]
      try shelf.world.write(
        "store = \"\(shelf.world.connected)\"\n\(try shelf.world.table(of: server))",
        to: configuration
      )
    }

    static func archive(
      _ more: [String: String] = [:],
      license: String = "Be good.\r\nAlways.\u{1B}[2J\n"
    ) throws -> Data {
      let folder = TemporaryFolder()
      var files = ["kesl.kpd": "[Setup]\nExecutable=setup.sh\n", "setup.sh": "#!/bin/sh\n", "license-en.txt": license]
      files.merge(more) { $1 }
      for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder[name].string)) }
      let archive = folder["archive"].string
      _ = try Command.run(
        "tar",
        ["--format=ustar", "-czf", archive, "-C", folder.path.string] + files.keys.sorted()
      )
      return try Data(contentsOf: URL(fileURLWithPath: archive))
    }

    func package(_ words: String...) async throws -> Outcome { try await world.run(arguments(words)) }
    func arguments(_ words: [String]) -> [String] { ["package"] + words + ["--config", configuration.string] }
    var givenOut: [String] { server.fixture.standalone.filter(\.isPublished).map(\.name) }
  }

  @Test func `a package waits for its agreement, is accepted by name, and is sent once`() async throws {
    let ground = try await Ground()
    // The agreement of a package that is not made yet has no name yet: a dry run cannot know that it is wrong.
    let early = try await ground.package("publish", "--all", "--dry-run", "--accept-agreement", "KES-12.1.0.0-eula-en")
    #expect(early.status == 0 && early.output.contains("would publish kesl.tar.gz"), "\(early)")
    let refused = try await ground.package("publish", "--all", "--yes")
    #expect(refused.status == Exit.agreementNotAccepted, "\(refused)")
    #expect(refused.errors.contains("packages/kesl.tar.gz; it waits for KES-12.1.0.0-eula-en (number 41, SHA-256 "))
    let paste = "kscmirror package publish --config \(ground.configuration) kesl.tar.gz"
    #expect(refused.errors.contains("\(paste) --accept-agreement KES-12.1.0.0-eula-en --yes"), "\(refused.errors)")
    // What waits for nothing is given out all the same; nothing was accepted, and the server was not even asked for it.
    #expect(ground.givenOut.count == 1 && ground.server.packages.count == 2)
    #expect(!ground.server.methods.contains(Self.accept) && ground.server.methods.count { $0 == Self.create } == 1)

    let shown = try await ground.package("agreements", "--text", "41")
    #expect(shown.status == 0 && shown.output == "Be good.\nAlways.\\u{1b}[2J\n", "\(shown)")
    let file = ground.world.folder["eula.txt"].string
    #expect(try await ground.package("agreements", "--text", "kes-12.1.0.0-eula-en", "--output", file).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "Be good.\r\nAlways.\u{1B}[2J\n")

    let dry = try await ground.package("publish", "--all", "--dry-run", "--json")
    #expect(dry.status == 0 && dry.result["waiting"] as? [Int] == [41], "\(dry)")
    #expect(dry.result["due"] as? [String] == ["kesl.tar.gz"])

    let wrong = try await ground.package("publish", "kesl.tar.gz", "--accept-agreement", "KES-12.1.0.0-eula-e", "--yes")
    #expect(wrong.status == Exit.usage && wrong.errors.contains("did you mean 'KES-12.1.0.0-eula-en'?"), "\(wrong)")
    #expect(!ground.server.methods.contains(Self.accept))
    let done = try await ground.package(
      "publish",
      "kesl.tar.gz",
      "--accept-agreement",
      "KES-12.1.0.0-eula-en",
      "--yes"
    )
    #expect(done.status == 0 && done.output.contains("accepted KES-12.1.0.0-eula-en (number 41"), "\(done)")
    #expect(ground.givenOut.count == 2 && ground.server.packages.count == 2)
    #expect(ground.server.methods.count { $0 == "FilesAcceptor.InitiateFileUpload" } == 2)

    let digest = try #require(
      ((try await ground.package("agreements", "--json")).result["agreements"] as? [[String: Any]])?.first
    )
    #expect(digest["isAccepted"] as? Bool == true && digest["packages"] as? [Int] == [2])
    let journal = try await ground.world.run("log", "--json", "--config", ground.configuration.string)
    let sha256 = try #require(digest["sha256"] as? String)
    #expect(journal.output.contains(sha256) && journal.output.contains("as user admin"), "\(journal.output)")
    #expect(ground.server.openSessions == 0 && ground.server.openUploads == 0)
  }

  @Test func `a statement of KSN is accepted by nobody who does not name it, and keeps nothing back`() async throws {
    let more = ["ksn-en.txt": "Share.", "privacy-en.txt": "Data."]
    let ground = try await Ground(["kesl.tgz": try Ground.archive(more)])
    let eula = ["publish", "--all", "--yes", "--accept-agreement", "KES-12.1.0.0-eula-en"]
    let half = try await ground.world.run(ground.arguments(eula))
    #expect(half.status == Exit.agreementNotAccepted && half.errors.contains("KES-12.1.0.0-data-en"), "\(half)")
    #expect(!half.errors.contains("ksn") && ground.givenOut.isEmpty)
    let whole = try await ground.package("publish", "--all", "--yes", "--accept-agreement", "KES-12.1.0.0-data-en")
    #expect(whole.status == 0 && ground.givenOut.count == 1, "\(whole)")
    #expect(ground.server.fixture.agreements.filter(\.isAccepted).map(\.type).sorted() == [0, 2])
  }

  @Test func `a name that several agreements have accepts none of them`() async throws {
    let ground = try await Ground([
      "one.tgz": try Ground.archive(license: "One."), "two.tgz": try Ground.archive(license: "Two."),
    ])
    let name = "KES-12.1.0.0-eula-en"
    let both = try await ground.package("publish", "--all", "--yes", "--accept-agreement", name)
    #expect(both.status == Exit.usage && both.errors.contains("several agreements: 41, 42"), "\(both)")
    #expect(ground.givenOut.isEmpty && !ground.server.methods.contains(Self.accept))
    let one = try await ground.package("publish", "--all", "--yes", "--accept-agreement", "42")
    #expect(one.status == Exit.agreementNotAccepted && ground.givenOut.count == 1, "\(one)")
    #expect(one.errors.contains("one.tgz --accept-agreement 41 --yes"), "\(one.errors)")
  }

  @Test(.enabled(if: Command.path(of: "script") != nil, "needs script (Debian: bsdutils)"))
  func `somebody at a terminal reads it and accepts it by typing its name`() async throws {
    let script = try #require(Command.path(of: "script"))
    let ground = try await Ground(["kesl.tgz": try Ground.archive()])
    func type(_ typed: String) throws -> String {
      let words = ([World.program] + ground.arguments(["publish", "--all"])).map { "'\($0)'" }.joined(separator: " ")
      return try Command.run("sh", ["-c", "printf '\(typed)' | '\(script)' -qc \"\(words)\" /dev/null"])
    }
    let left = try type("y\\nyes\\n\\n")
    #expect(left.contains("That is neither.") && left.contains("not given out"), "\(left)")
    #expect(!ground.server.methods.contains(Self.accept))
    let accepted = try type("y\\ntext\\nKES-12.1.0.0-eula-en\\n")
    #expect(accepted.contains("Be good.") && accepted.contains("published kesl.tgz"), "\(accepted)")
    #expect(ground.givenOut.count == 1)
  }

  @Test func `a text that changes under the reader's hands is not accepted`() async throws {
    let ground = try await Ground(["kesl.tgz": try Ground.archive()])
    let server = ground.server
    ground.server.misbehave { call in
      call.method == "PackagesApi.GetEulaText" && call.count == 2
        ? .body(Array(#"{"wstrEulaText":"Be bad."}"#.utf8)) : nil
    }
    let refused = try await ground.package("publish", "--all", "--yes", "--accept-agreement", "41")
    #expect(refused.status == Exit.wrongContent && refused.errors.contains("Nothing was accepted"), "\(refused)")
    #expect(!server.methods.contains(Self.accept) && ground.givenOut.isEmpty)
    // A server that only says that it has done it is not believed either.
    ground.server.misbehave { $0.method == Self.accept ? .body(Array("{}".utf8)) : nil }
    let lied = try await ground.package("publish", "--all", "--yes", "--accept-agreement", "41")
    #expect(lied.status == Exit.badAnswer && lied.errors.contains("says that it was not"), "\(lied)")
    #expect(ground.givenOut.isEmpty)
  }

  @Test func `a server that tells nothing of agreements refuses by itself`() async throws {
    let ground = try await Ground(["kesl.tgz": try Ground.archive()])
    ground.server.change { $0.unknownCalls = ["PackagesApi.GetUserAgreements"] }
    let refused = try await ground.package("publish", "--all", "--yes")
    #expect(refused.status == Exit.permission && refused.errors.contains("agreement is not accepted"), "\(refused)")
    #expect(ground.givenOut.isEmpty)
  }

  @Test func `a name that is not in the release brings the nearest one`() async throws {
    let ground = try await Ground()
    let wrong = try await ground.package("publish", "kesl.tar.gx", "--yes")
    #expect(wrong.status == Exit.notThere && wrong.errors.contains("did you mean 'kesl.tar.gz'?"), "\(wrong)")
  }

  @Test func `installers are taken by their bytes, and their digests and signatures are reported`() async throws {
    let archive = try Ground.archive()
    let setup = Data("MZ setup".utf8)
    let told = try Command.run("sh", ["-c", "printf 'MZ setup' | sha256sum"])
    let digest = String(told.prefix(64))
    let ground = try await Ground(
      [
        "setup.exe": setup, "setup.exe.sha256": Data(told.utf8), "setup.exe.asc": Data("sig".utf8),
        "other.exe": setup, "other.exe.sha256": Data((String(repeating: "0", count: 64) + "  other.exe\n").utf8),
        "archive.bin": archive, "packed.tar.xz": Data([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0]),
      ],
      digests: ["setup.exe": digest]
    )
    let listed = try await ground.package("list", "--json")
    let rows = try #require(listed.result["packages"] as? [[String: Any]])
    #expect(rows.map { $0["path"] as? String } == ["archive.bin", "other.exe", "packed.tar.xz", "setup.exe"])
    #expect(rows.map { $0["kind"] as? String } == ["tar.gz", "exe", "xz", "exe"])
    #expect(rows[0]["descriptionFile"] as? String == "kesl.kpd")
    #expect(rows[1]["notVerified"] as? [String] == ["other-digest-file"])
    #expect(rows[3]["verified"] as? [String] == ["digest-file"], "\(rows[3])")
    #expect(rows[3]["notVerified"] as? [String] == ["detached-signature"])
    let source =
      "[[source]]\nname = \"packages\"\nkind = \"files\"\n[[source.files]]\n"
      + "url = \"https://a.invalid/s\"\npath = \"setup.exe\"\nsha256 = \"\(digest)\"\n"
    let before = try String(contentsOfFile: ground.configuration.string, encoding: .utf8)
    try ground.world.write(before + "\n" + source, to: ground.configuration)
    let configured = try await ground.package("list", "setup.exe", "--json")
    let row = try #require((configured.result["packages"] as? [[String: Any]])?.first, "\(configured)")
    #expect(row["verified"] as? [String] == ["configured-digest", "digest-file"])
    let share = try await ground.package("list")
    #expect(share.output.contains("its shared folder /var/opt/kaspersky"), "\(share.output)")

    let other = try await ground.package("publish", "other.exe", "--yes")
    #expect(other.status == Exit.wrongContent && other.errors.contains("in packages/other.exe.sha256"), "\(other)")
    let foreign = try await ground.package("publish", "packed.tar.xz", "--yes")
    #expect(foreign.status == Exit.usage && foreign.errors.contains("does not unpack xz"), "\(foreign)")
    #expect(!ground.server.methods.contains("FilesAcceptor.InitiateFileUpload"))
    let named = try await ground.package("publish", "archive.bin", "setup.exe", "--yes", "--accept-agreement", "41")
    #expect(named.status == 0 && ground.givenOut.count == 2, "\(named)")
    #expect(ground.server.packages.map(\.command) == [[], ["setup.exe"]])
  }

  @Test func `a management plug-in is fetched from the server itself, and from nowhere else`() async throws {
    let ground = try await Ground([
      "kesl.tgz": try Ground.archive(["plugin.zip": "a plug-in"]), "agent.sh": Data("#!/bin/sh\n".utf8),
    ])
    let file = ground.world.folder["plugin.zip"].string
    let none = try await ground.package("plugin", "kesl.tgz")
    #expect(none.status == Exit.notOnServer && none.errors.contains("package publish"), "\(none)")
    #expect(
      try await ground.package("publish", "--all", "--yes", "--accept-agreement", "41").status != Exit.configuration
    )
    #expect(ground.givenOut.count == 2)
    let bare = try await ground.package("plugin", "agent.sh")
    #expect(bare.status == 0 && bare.output == "agent.sh brings no management plug-in\n", "\(bare)")
    let fetched = try await ground.package("plugin", "kesl.tgz", "--output", file)
    #expect(fetched.status == 0, "\(fetched)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "a plug-in")
    ground.server.change { $0.pluginAddress = "https://elsewhere.invalid" }
    let elsewhere = try await ground.package("plugin", "kesl.tgz", "--output", file + "2")
    #expect(elsewhere.status == Exit.permission && elsewhere.errors.contains("another host"), "\(elsewhere)")
    ground.server.change { $0.pluginAddress = "http://localhost:1" }
    let plain = try await ground.package("plugin", "kesl.tgz", "--output", file + "2")
    #expect(plain.status == Exit.permission && plain.errors.contains("without encryption"), "\(plain)")
    #expect(!FileManager.default.fileExists(atPath: file + "2"))
  }

  @Test func `the package of a mobile profile is given out, and no longer`() async throws {
    let ground = try await Ground()
    let data = ground.world.folder["profile.json"]
    try ground.world.write("{\"name\": \"Phones\"}", to: data)
    let unasked = try await ground.package("mobile", "publish", "phones")
    #expect(unasked.status == Exit.usage && ground.server.fixture.publishedProfiles.isEmpty, "\(unasked)")
    let dry = try await ground.package("mobile", "publish", "phones", "--dry-run")
    #expect(dry.status == 0 && dry.output == "would publish profile phones\n" && ground.server.calls.isEmpty, "\(dry)")
    let done = try await ground.package("mobile", "publish", "phones", "--data", data.string, "--yes")
    #expect(done.status == 0 && done.output.contains("at http://ksc.invalid:8060/mobile?profile=phones"), "\(done)")
    #expect(ground.server.fixture.publishedProfiles == ["phones"])
    let wrong = try await ground.package("mobile", "publish", "tablets", "--yes")
    #expect(wrong.status == Exit.notOnServer, "\(wrong)")
    try ground.world.write("[1]", to: data)
    let bad = try await ground.package("mobile", "publish", "phones", "--data", data.string, "--yes")
    #expect(bad.status == Exit.usage && bad.errors.contains("profile.json"), "\(bad)")
    #expect(try await ground.package("mobile", "unpublish", "phones", "--yes").status == 0)
    #expect(ground.server.fixture.publishedProfiles.isEmpty)
  }
}
