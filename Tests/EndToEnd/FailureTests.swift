import Foundation
import SystemPackage
import TestSupport
import Testing
import UpdateServerDouble

/// Each kind of bad input has its own exit status, and leaves the store and the published release as they were.
@Suite struct FailureTests {
  /// A world with one good snapshot published, and then an aged tree.
  private func prepared() async throws -> World {
    let world = try World()
    #expect(try await world.sync().status == 0)
    try world.age()
    return world
  }

  /// Syncs, and expects a failure that changes nothing.
  private func expectFailure(
    _ world: World,
    status: Int32,
    saying text: String,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try world.published(world.connected)
    let outcome = try await world.sync()
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(world.current(world.connected) == "releases/1", sourceLocation: location)
    #expect(try world.published(world.connected) == before, sourceLocation: location)
    // When the fault is gone, the next run is as good as any.
    world.server.answer { _ in .file }
  }

  private func expectRecovery(_ world: World) async throws {
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try world.published(world.connected) == world.expected())
    #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
  }

  @Test func `no server that can be reached`() async throws {
    let world = try await prepared()
    try world.configure(url: "https://localhost:1")
    try await expectFailure(world, status: Exit.noServer, saying: "localhost:1")
    // A network that drops everything is no other thing; cron has no proxy unless the configuration has.
    let silent = try Loopback.listen(backlog: 64)
    defer { close(silent.descriptor) }
    try world.configure(source: "connect_timeout = \"1s\"", url: "https://localhost:\(silent.port)")
    try await expectFailure(world, status: Exit.noServer, saying: "do not know the https_proxy of your shell")
  }

  @Test func `a server whose certificate is not trusted`() async throws {
    let world = try await prepared()
    try world.configure(trusted: false)
    try await expectFailure(world, status: Exit.notTrusted, saying: "not trusted")
  }

  @Test func `a primary index that the server does not have`() async throws {
    let world = try await prepared()
    // Nor the index that carries it.
    let missing: Set = ["index/u1901g.xml", "index/retr1901-u1313g.xml"]
    world.server.answer { missing.contains($0.path) ? .status(404) : .file }
    try await expectFailure(world, status: Exit.notOnServer, saying: "index/u1901g.xml")
    try await expectRecovery(world)
  }

  @Test func `a server that answers with errors of its own`() async throws {
    let world = try await prepared()
    world.server.answer { $0.path.hasSuffix(".dat") ? .status(503) : .file }
    try await expectFailure(world, status: Exit.serverError, saying: "503")
    try await expectRecovery(world)
  }

  @Test func `a connection that is cut again and again`() async throws {
    let world = try await prepared()
    world.server.answer { $0.path.hasSuffix(".dat") ? .cut(after: 10) : .file }
    try await expectFailure(world, status: Exit.cutShort, saying: ".dat")
    try await expectRecovery(world)
  }

  @Test func `a file that is shorter than the server says`() async throws {
    let world = try await prepared()
    world.server.answer { $0.path.hasSuffix(".dat") ? .wrongLength(by: -5) : .file }
    try await expectFailure(world, status: Exit.cutShort, saying: ".dat")
    try await expectRecovery(world)
  }

  @Test func `a file that does not have the vendor's digest, however often it is asked for`() async throws {
    let world = try await prepared()
    world.server.answer { $0.path.hasPrefix("updates/") && $0.path.hasSuffix(".dat") ? .bytes([1, 2, 3]) : .file }
    try await expectFailure(world, status: Exit.wrongContent, saying: "the vendor's digest")
    try await expectRecovery(world)
  }

  @Test func `one wrong answer among right ones is asked for again`() async throws {
    let world = try await prepared()
    world.server.answer { request in
      request.count == 1 && request.path.hasPrefix("updates/") && request.path.hasSuffix(".dat")
        ? .bytes([1]) : .file
    }
    try await expectRecovery(world)
  }

  @Test(
    arguments: [
      ("", 101, "truncated"),
      ("<Update Date=\"11112025 0026\" Format=\"3.0\"><Index Name=\"a.xml\"", 101, "truncated"),
      ("<Update Format=\"3.0\"><Index </Update>", 101, "malformed"),
      ("<Update Format=\"3.0\"><File Name=\"../../etc/passwd\"/></Update>", 86, "leave the root"),
      ("<Update Format=\"3.0\"><File SrvPath=\"/etc\" Name=\"passwd\"/></Update>", 86, "absolute"),
      ("<Update Format=\"3.0\"><Index Name=\"u1901g.xml\"/></Update>", 86, "loop"),
      (
        "<!DOCTYPE Update [<!ENTITY a \"b\">]><Update Format=\"3.0\"><File Name=\"&a;\"/></Update>", 86, "document type"
      ),
      ("<Update Format=\"3.0\"><Files Item=\"Name;DSKM2\" List=\"a|b|c\"/></Update>", 101, "cells"),
    ] as [(String, Int32, String)]
  )
  func `an index that is truncated, malformed or hostile`(_ index: String, _ status: Int32, _ text: String) async throws
  {
    let world = try await prepared()
    world.server.answer { $0.path == "index/u1901g.xml" ? .bytes(Array(index.utf8)) : .file }
    try await expectFailure(world, status: status, saying: text)
    try await expectRecovery(world)
  }

  @Test(
    arguments: [
      ("", "truncated"), ("<Update Format=\"2.0\"><Index </Update>", "malformed"),
      ("<Update Format=\"2.0\"><Files Item=\"Name;DSKM\" List=\"a|b|c\"/></Update>", "cells"),
    ]
  )
  func `an index that is truncated or malformed, and that nobody has signed`(_ index: String, _ text: String)
    async throws
  {
    let world = try await prepared()
    world.server.answer { $0.path == "index/u1313g.xml" ? .bytes(Array(index.utf8)) : .file }
    try await expectFailure(world, status: Exit.malformedIndex, saying: text)
    try await expectRecovery(world)
  }

  @Test func `indexes that change all the time, and ones that settle down`() async throws {
    let world = try await prepared()
    try world.configure(rest: "[sync]\nwalks = 2")
    // One that carries no signature that can be checked: a signed one could not be changed here.
    let primary = try String(contentsOfFile: world.folder["tree/index/u1313g.xml"].string, encoding: .isoLatin1)
    let changing: @Sendable (UpdateServer.Request) -> UpdateServer.Answer = { request in
      guard request.path == "index/u1313g.xml" else { return .file }
      return .bytes(
        [UInt8](
          primary.replacingOccurrences(
            of: "MaxConnectionCount=\"10\"",
            with: "MaxConnectionCount=\"\(request.number)\""
          ).data(using: .isoLatin1) ?? Data()
        )
      )
    }
    world.server.answer(changing)
    try await expectFailure(world, status: Exit.movingTarget, saying: "changed during each of 2 walks")
    // Changed only once while the run goes on: a second walk finds the new state.
    world.server.forgetRequests()
    world.server.answer { request in request.count == 1 ? changing(request) : .file }
    try await expectRecovery(world)
  }

  @Test func `a second run at the same time`() async throws {
    let world = try await prepared()
    world.server.answer { $0.path.hasSuffix(".dat") ? .stall(seconds: 600) : .file }
    let first = try world.start(["sync", "--config", world.configuration.string])
    let lock = world.connected.appending("lock").string
    while (try? String(contentsOfFile: lock, encoding: .utf8))?.contains("\(first.process.number)") != true {
      usleep(5000)
    }
    let second = try await world.sync()
    #expect(second.status == Exit.busy)
    #expect(second.errors.contains("\(first.process.number)"))
    #expect(try await world.run("status", "--store", world.connected.string).status == 0)
    first.process.kill(SIGTERM)
    _ = await first.process.ending()
    world.server.answer { _ in .file }
    try await expectRecovery(world)
  }

  @Test func `much missing on the server, unless that is accepted`() async throws {
    let world = try await prepared()
    for name in ["updates/kdb", "bases/kdb"] {
      try FileManager.default.removeItem(atPath: world.folder["tree/\(name)"].string)
    }
    try await expectFailure(world, status: Exit.shrunk, saying: "KDB")
    #expect(try await world.sync("--accept-shrink").status == 0)
  }

  @Test func `absent files when strict is set`() async throws {
    let world = try await prepared()
    try world.configure(source: "strict = true")
    try await expectFailure(world, status: Exit.absentFiles, saying: "bases/ah/absent.dat")
  }

  @Test func `the format moves, and that is reported once`() async throws {
    let world = try await prepared()
    let path = world.folder["tree/index/u1313g.xml"]
    let text = try String(contentsOfFile: path.string, encoding: .isoLatin1)
    let moved = text.replacingOccurrences(
      of: "MaxConnectionCount=\"10\"",
      with: "MaxConnectionCount=\"10\" Novelty=\"7\""
    )
    try #require(moved.data(using: .isoLatin1)).write(to: URL(fileURLWithPath: path.string))
    let first = try await world.sync("--quiet")
    #expect(first.status == 0)
    #expect(first.errors.contains("Novelty"))
    try world.age()
    let now = try String(contentsOfFile: path.string, encoding: .isoLatin1)
    let movedAgain = now.replacingOccurrences(
      of: "MaxConnectionCount=\"10\"",
      with: "MaxConnectionCount=\"10\" Novelty=\"7\""
    )
    try #require(movedAgain.data(using: .isoLatin1)).write(to: URL(fileURLWithPath: path.string))
    let second = try await world.sync("--quiet")
    #expect(second.status == 0 && second.errors.isEmpty, "\(second.errors)")
  }

  @Test func `a configuration with a wrong key`() async throws {
    let world = try await prepared()
    try world.configure(source: "component = [\"KDB\"]")
    try await expectFailure(world, status: Exit.configuration, saying: "components")
  }

  @Test func `a folder that is no store, and a catalogue that is none`() async throws {
    let world = try World(files: 12)
    try world.write("mine", to: world.connected.appending("thesis.txt"))
    #expect(try await world.sync().status == Exit.badStore)
    #expect(try World.files(below: world.connected) == ["thesis.txt": Data("mine".utf8)])
    let other = try World(files: 12)
    #expect(try await other.sync().status == 0)
    let before = try other.published(other.connected)
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: other.connected.string + "/catalogue.sqlite" + suffix)
    }
    try other.write(String(repeating: "no database ", count: 1000), to: other.connected.appending("catalogue.sqlite"))
    #expect(try await other.sync().status == Exit.badStore)
    #expect(try other.published(other.connected) == before)
    #expect(try await other.run("status", "--store", other.folder["nowhere"].string).status == Exit.notThere)
  }

  @Test(.enabled(if: World.canShiftClock, "faketime is not installed"))
  func `what was sealed whole is packed after a sync that failed, with a warning when that lasts`() async throws {
    let world = try await prepared()
    world.server.answer { _ in .status(500) }
    #expect(try await world.sync().status == Exit.serverError)
    let packed = try await world.pack("--quiet")
    #expect(packed.status == 0 && packed.errors.isEmpty, "\(packed.errors)")
    #expect(try await world.import().status == 0)
    let doctor = try await world.run("doctor", "--json", "--config", world.configuration.string)
    let findings = doctor.result["findings"] as? [[String: Any]] ?? []
    let last = findings.filter { $0["name"] as? String == "freshness.last-run" }
    #expect(!last.contains { $0["severity"] as? String == "error" }, "\(doctor.output)")
    let words = ["pack", "--quiet", "--config", world.configuration.string, "--output", world.stick.string]
    let late = try await world.run(words, clock: "+2d")
    #expect(late.status == 0 && late.errors.contains("the last sync failed"), "\(late.errors)")
  }

  @Test func `a snapshot that a sync with errors made is packed only if asked`() async throws {
    let world = try World()
    try world.configure(
      rest: """
        [[source]]
        name = "packages"
        kind = "files"
        ca = "\(world.authority.certificate)"
        attempts = 1
        [[source.files]]
        url = "\(world.server.url)/nothing.deb"
        path = "nothing.deb"
        size = 1
        """
    )
    #expect(try await world.sync().status == Exit.partial)
    let refused = try await world.pack()
    #expect(refused.status == Exit.lastSyncFailed, "\(refused.errors)")
    #expect(try World.files(below: world.stick).isEmpty)
    #expect(try await world.pack("--even-after-errors").status == 0)
  }
}

/// A server that takes connections and never answers.
@Suite struct HangingRunTests {
  @Test func `a sync that hangs ends itself, and does not keep the next one out`() async throws {
    let listener = try LoopbackListener()
    listener.start { descriptor, _ in
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) > 0 {}
    }
    defer { listener.stop() }
    let world = try World(files: 12)
    try world.configure(rest: "[sync]\ntime_limit = \"2s\"", url: "https://127.0.0.1:\(listener.port)")
    let hung = try await world.sync("--json", "--jitter", "1s")
    #expect(hung.status == Exit.cutShort, "\(hung.output)\(hung.errors)")
    #expect(hung.output.contains("2 seconds") && hung.output.contains("time_limit"), "\(hung.output)")
    try world.configure()
    #expect(try await world.sync().status == 0)
  }
}
