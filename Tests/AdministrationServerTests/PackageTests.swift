import AdministrationServer
import AdministrationServerDouble
import Foundation
import TestSupport
import Testing

@Suite struct PackageTests {
  /// A tar archive of small files.
  private func archive(_ names: [String]) throws -> [UInt8] {
    let folder = TemporaryFolder()
    for name in names { try Data("\(name) for tests".utf8).write(to: URL(fileURLWithPath: folder[name].string)) }
    let file = folder["archive.tar"].string
    try Command.run("tar", ["--format=ustar", "-C", folder.path.string, "-cf", file] + names)
    return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  private func bytes(_ count: Int) -> [UInt8] {
    var random = SeededGenerator(5)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  @Test func `an archive becomes a package`() async throws {
    let world = try World()
    let server = try world.server()
    let file = try await server.upload(try archive(["setup.kpd", "setup.sh"]), isArchive: true)
    let archive = try await server.packageArchive(file, language: "en")
    #expect(archive.files == ["setup.kpd", "setup.sh"])
    #expect(archive.description == "setup.kpd for tests")
    let id = try await server.recordPackage(file, name: "Security 12")
    #expect(id == 1)
    let package = try #require(try await server.packages().first)
    #expect(package.id == 1)
    #expect(package.name == "Security 12")
    #expect(package.size == 10240)
    #expect(package.created?.text == "2026-11-25T10:00:00Z")
    #expect(world.double.rulesBroken == 0)
    #expect(world.double.openUploads == 0)
  }

  @Test func `a long file goes in parts of a mebibyte, each with its place`() async throws {
    let world = try World()
    let content = bytes(2_500_000)
    let file = try await world.server().upload(content)
    #expect(world.double.uploaded(file.id) == content)
    let parts = world.double.calls.filter { $0.method == "PUT" }
    #expect(parts.map(\.body.count) == [1 << 20, 1 << 20, 2_500_000 - 2 << 20])
    #expect(parts.first?.headers["content-range"] == "bytes 0-1048575/2500000")
    #expect(parts.allSatisfy { $0.headers["expect"] == "100-continue" && $0.headers["x-ksc-session"] != nil })
    // Leave was waited for, and not in vain: there is no second connection.
    #expect(world.double.connections == 1)
  }

  @Test func `a part that finds the server busy is sent again, and no other`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "PUT" && [2, 3].contains($0.count) ? .status(503) : nil }
    let content = bytes(3 * 1000)
    let file = try await world.server { $0.chunkSize = 1000 }.upload(content)
    #expect(world.double.uploaded(file.id) == content)
    let ranges = world.double.calls.filter { $0.method == "PUT" }.compactMap { $0.headers["content-range"] }
    let second = "bytes 1000-1999/3000"
    #expect(ranges == ["bytes 0-999/3000", second, second, second, "bytes 2000-2999/3000"])
  }

  @Test func `an upload that fails is cancelled on the server`() async throws {
    let world = try World()
    let server = try world.server { $0.chunkSize = 1000 }
    world.double.misbehave { $0.method == "PUT" && $0.count == 2 ? .status(500) : nil }
    guard case .uploadRefused(500, 1000) = try await failure({ _ = try await server.upload(bytes(3000)) }) else {
      throw TestFailure("not refused")
    }
    #expect(world.double.openUploads == 0)
    world.double.misbehave { _ in nil }
    struct Unreadable: Error {}
    let unreadable = try await failure {
      _ = try await server.upload(size: 3000) { offset, count in
        if offset > 0 { throw Unreadable() }
        return [UInt8](repeating: 0, count: count)
      }
    }
    guard case .uploadUnreadable(1000, .some(is Unreadable)) = unreadable else { throw unreadable }
    let short = try await failure { _ = try await server.upload(size: 3000) { _, _ in [1, 2, 3] } }
    guard case .uploadUnreadable(3, nil) = short else { throw short }
    #expect(world.double.openUploads == 0)
    #expect(world.double.methods.filter { $0 == "FilesAcceptor.CancelFileUpload" }.count == 3)
  }

  @Test func `an upload that is cancelled here is cancelled there`() async throws {
    let world = try World()
    let server = try world.server { $0.chunkSize = 1000 }
    let task = Task {
      try await server.upload(size: 3000) { offset, count in
        if offset == 1000 { withUnsafeCurrentTask { $0?.cancel() } }
        return [UInt8](repeating: 0, count: count)
      }
    }
    guard case .cancelled = try await failure({ _ = try await task.value }) else { throw TestFailure("not cancelled") }
    #expect(world.double.openUploads == 0)
  }

  @Test(arguments: [
    "https://elsewhere.example/x", "//elsewhere.example/x", "upload", "", "/a b", "/a\\r\\nX: y", "/a\\\\b", "/é",
  ])
  func `a file is not sent elsewhere, whatever the server names`(_ path: String) async throws {
    let transport = CannedTransport { request in
      request.path.hasSuffix("InitiateFileUpload")
        ? .json("{\"wstrFileId\":\"f\",\"wstrUploadURL\":\"\(path)\"}") : .json("{}")
    }
    let server = AdministrationServer(transport, signIn: World.password, options: .quick())
    guard case .malformed = try await failure({ _ = try await server.upload([1]) }) else { throw TestFailure(path) }
    #expect(!transport.requests.contains { $0.method == .put })
    #expect(transport.requests.last?.path.hasSuffix("CancelFileUpload") == true)
  }

  @Test func `a package is published and withdrawn`() async throws {
    let world = try World()
    let server = try world.server()
    let package = try #require(try await server.standalonePackages(of: 1).first)
    #expect(package.id == 7)
    #expect(package.isPublished == false)
    #expect(try await server.publish(standalonePackage: 7) == "http://ksc.invalid:8060/dlpkg?id=7")
    #expect(try await server.isPublished(standalonePackage: 7))
    #expect(try await server.standalonePackages().first?.address == "http://ksc.invalid:8060/dlpkg?id=7")
    #expect(try await server.publish(false, standalonePackage: 7) == "")
    #expect(try await server.isPublished(standalonePackage: 7) == false)
    #expect(try await server.standalonePackages(of: 2).isEmpty)
    #expect(try await failure { _ = try await server.publish(standalonePackage: 9) }.fault?.kind == .notFound)
  }

  @Test func `actions are asked for as often as the server wants`() async throws {
    var fixture = Fixture()
    fixture.actionPolls = 4
    fixture.nextCheckDelay = 30
    let world = try World(fixture)
    let server = try world.server()
    let begin = ContinuousClock.now
    try await server.fetchUpdates(of: ["KSN"], for: .repository)
    try await server.updateDatabasesInPackages([:])
    #expect(ContinuousClock.now - begin >= .milliseconds(240))
    #expect(world.double.rulesBroken == 0)
    #expect(world.double.methods.filter { $0 == "AsyncActionStateChecker.CheckActionState" }.count == 10)
  }

  @Test func `an action that takes too long is given up, and what can be cancelled is`() async throws {
    var fixture = Fixture()
    fixture.actionPolls = 1000
    fixture.nextCheckDelay = 3_600_000
    let world = try World(fixture)
    let server = try world.server { $0.actionPatience = .milliseconds(50) }
    let file = try await server.upload(try archive(["a"]))
    let error = try await failure { _ = try await server.recordPackage(file, name: "a") }
    guard case .actionTimedOut("PackagesApi.RecordNewPackage3Async", _) = error else { throw error }
    #expect(world.double.methods.last == "PackagesApi.CancelRecordNewPackage")
    #expect(world.double.packages.isEmpty)
  }

  @Test func `an action that fails is reported with the server's reason`() async throws {
    let states = [
      #""KLBLAG_ERROR_INFO":{"type":"params","value":{"KLBLAG_ERROR_CODE":1186,"KLBLAG_ERROR_MODULE":"KLSTD","KLBLAG_ERROR_MSG":"gone"}}"#,
      #""KLBLAG_ERROR_CODE":1186,"KLBLAG_ERROR_MODULE":"KLSTD","KLBLAG_ERROR_MSG":"gone""#,
    ]
    for state in states {
      let body = "{\"bFinalized\":true,\"bSuccededFinalized\":false,\"pStateData\":{\(state)}}"
      let server = CannedTransport.server(answering: Array(body.utf8))
      let error = try await failure { _ = try await server.waitForAction("a", name: "Update") }
      #expect(error.fault?.kind == .notFound)
      #expect("\(error)" == "Update failed on the Administration Server: gone (KLSTD 1186)")
    }
    let bare = CannedTransport.server(answering: Array(#"{"bFinalized":true,"bSuccededFinalized":false}"#.utf8))
    guard
      case .actionFailed("Update", nil) = try await failure({ _ = try await bare.waitForAction("a", name: "Update") })
    else { throw TestFailure("not told") }
  }

  @Test func `the update repository is reported file by file`() async throws {
    var fixture = Fixture()
    fixture.updates = [
      .init(
        index: "index/u1313g.xml",
        component: "KDB",
        name: "base.kdc",
        date: "2026-11-24T09:00:00Z",
        size: 5_000_000_000
      ),
      .init(index: "index/u1313g.xml", component: "KSN", name: "ksn.dat", date: "", size: 1),
    ]
    let world = try World(fixture)
    let server = try world.server()
    let files = try await server.updateFiles()
    #expect(files.map(\.fileName) == ["base.kdc", "ksn.dat"])
    #expect(files.map(\.components) == [["KDB"], ["KSN"]])
    #expect(files[0].size == 5_000_000_000)
    #expect(files[0].date?.text == "2026-11-24T09:00:00Z")
    #expect(files[0].bundleDownloaded?.text == "2026-11-25T06:00:00Z")
    #expect(files[1].date == nil)
    #expect(try await server.updateFiles(attributes: ["Component"]).map(\.fileName) == [nil, nil])
    #expect(try await server.updateComponents(language: "ru").map(\.id) == ["KDB", "KSN"])
    #expect(try await server.sharedFolder().hasSuffix("/share"))
    #expect(try await server.webServerName() == "ksc.invalid")
  }
}
