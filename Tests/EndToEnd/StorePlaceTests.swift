import Foundation
import SystemPackage
import TestSupport
import Testing

/// Stores on disks that are full, on file systems that are read-only, and whose releases others have mounted. Needs root.
@Suite(.enabled(if: Mount.isPossible, Comment(rawValue: Mount.absence))) struct StorePlaceTests {
  private static let besideCatalogue = ["catalogue.sqlite-wal", "catalogue.sqlite-shm"]

  private func remove(_ names: [String], from store: FilePath) {
    for name in names { try? FileManager.default.removeItem(atPath: store.appending(name).string) }
  }

  /// Nothing of the catalogue is said to be wrong.
  private func expectNoBlame(_ outcome: Outcome) {
    #expect(!outcome.errors.contains("from a copy") && !outcome.errors.contains("fill a new one"), "\(outcome.errors)")
  }

  @Test(.timeLimit(.minutes(45)))
  func `a full disk ends no run by a signal, and prune makes room on it, whatever SQLite has left`() async throws {
    let world = try World(files: 60)
    let disk = try Mount.disk(megabytes: 24, image: world.folder["image"], at: world.folder["disk"])
    defer { disk.unmount() }
    let store = disk.path.appending("store")
    let words = ["--config", world.configuration.string, "--store", store.string]
    func run(_ command: String...) async throws -> Outcome { try await world.run(command + words) }
    #expect(try await run("sync").status == 0)
    for gone in [[], Self.besideCatalogue, ["catalogue.sqlite-shm"]] {
      try world.age()
      #expect(try await run("sync").status == 0)
      // Rooms in which SQLite makes its memory longer, and has no block for all of a page.
      for room in [40, 9, 0] {
        remove(gone, from: store)
        try disk.fill(leaving: room)
        let synced = try await run("sync", "--recheck")
        #expect([0, Exit.noSpace].contains(synced.status), "\(room): \(synced)")
        expectNoBlame(synced)
        let status = try await run("status")
        #expect([0, Exit.noSpace].contains(status.status), "\(room): \(status)")
        expectNoBlame(status)
        try disk.empty()
      }
      remove(gone, from: store)
      try disk.fill(leaving: 0)
      let pruned = try await run("prune", "--keep", "1", "--json")
      #expect(pruned.status == 0, "\(pruned)")
      #expect(pruned.result["snapshots"] as? [Int] != [], "\(pruned)")
      let verified = try await run("verify")
      #expect(verified.status == 0, "\(verified)")
      try disk.empty()
    }
    // With room again, the next command that writes makes the reserve again.
    #expect(try await run("sync").status == 0)
    #expect(FileManager.default.fileExists(atPath: store.appending("reserve").string))
  }

  @Test func `memory that a disk takes away ends a run with a sentence`() async throws {
    let world = try World(files: 20)
    #expect(try await world.sync().status == 0)
    let port = try Loopback.freePort()
    let server = try world.start(["serve", "--store", world.connected.string, "--http", "127.0.0.1:\(port)"])
    while server.process.isRunning, !Loopback.answers(port) { try await Task.sleep(for: .milliseconds(20)) }
    server.process.kill(SIGBUS)
    let ended = try await server.outcome()
    #expect(ended.status == Exit.inputOutput && ended.errors.contains("its disk fails, or is full"), "\(ended)")
  }

  @Test func `where prune has no room, its advice is not to prune`() async throws {
    let world = try World(files: 20)
    let disk = try Mount.disk(megabytes: 24, image: world.folder["image"], at: world.folder["disk"])
    defer { disk.unmount() }
    let store = disk.path.appending("store")
    let words = ["--config", world.configuration.string, "--store", store.string]
    for _ in 0..<2 {
      #expect(try await world.run(["sync"] + words).status == 0)
      try world.age()
    }
    remove(Self.besideCatalogue + ["reserve"], from: store)
    try disk.fill(leaving: 0)
    let pruned = try await world.run(["prune", "--keep", "1"] + words)
    #expect(pruned.status == Exit.noSpace && pruned.errors.contains("enlarge it"), "\(pruned)")
    #expect(!pruned.errors.contains("'kscmirror prune'"), "\(pruned.errors)")
    expectNoBlame(pruned)
  }

  @Test func `a store that was copied to what is mounted read-only is read, as long as its log is empty`() async throws
  {
    let world = try World(files: 20)
    #expect(try await world.sync().status == 0)
    remove(Self.besideCatalogue, from: world.connected)
    let bound = try Mount.bind(world.connected, at: world.folder["bound"], readOnly: true)
    defer { bound.unmount() }
    let store = ["--store", bound.path.string]
    for command in ["status", "verify", "log"] {
      let outcome = try await world.run([command] + store)
      #expect(outcome.status == 0, "\(command): \(outcome)")
    }
    let doctor = try await world.run(["doctor", "--json"] + store)
    let findings = doctor.result["findings"] as? [[String: Any]] ?? []
    #expect(findings.first { $0["name"] as? String == "store.catalogue" }?["severity"] as? String == "ok")
    let port = try Loopback.freePort()
    let server = try world.start(["serve", "--http", "127.0.0.1:\(port)"] + store)
    while server.process.isRunning, !Loopback.answers(port) { try await Task.sleep(for: .milliseconds(20)) }
    server.process.kill(SIGTERM)
    let served = try await server.outcome()
    #expect(served.status == 0 && served.errors.contains("serving release 1"), "\(served)")

    // A log that nobody has taken in may hold the newest snapshot.
    try world.write("log", to: world.connected.appending("catalogue.sqlite-wal"))
    let refused = try await world.run(["status"] + store)
    #expect(refused.status == Exit.permission && refused.errors.contains("catalogue.sqlite-wal"), "\(refused)")
    expectNoBlame(refused)
    let written = try await world.run(["prune"] + store)
    #expect(written.status == Exit.cannotCreate && written.errors.contains("Read-only file system"), "\(written)")
  }

  @Test func `a release that somebody has mounted stays until he has not, and is reported`() async throws {
    let world = try World(files: 20)
    #expect(try await world.sync().status == 0)
    let volume = try Mount.bind(world.connected.appending("current/updates"), at: world.folder["volume"])
    defer { volume.unmount() }
    let doctor = try await world.run("doctor", "--json", "--config", world.configuration.string)
    let findings = doctor.result["findings"] as? [[String: Any]] ?? []
    let finding = findings.first { $0["name"] as? String == "store.holders" }
    #expect(finding?["severity"] as? String == "warning", "\(doctor)")
    #expect((finding?["text"] as? String)?.contains("is mounted at \(volume.path)") == true, "\(doctor)")
    try world.age()
    #expect(try await world.sync().status == 0)
    let words = ["prune", "--keep", "1", "--json", "--config", world.configuration.string]
    for more in [["--dry-run"], []] {
      let kept = try await world.run(words + more)
      #expect(kept.status == 0 && kept.result["snapshots"] as? [Int] == [], "\(kept)")
      let holders = kept.result["keptForHolders"] as? [[String: Any]] ?? []
      #expect(holders.map { $0["snapshot"] as? Int } == [1], "\(kept)")
      #expect(holders.first?["holders"] as? [String] == ["is mounted at \(volume.path)"], "\(kept)")
    }
    #expect(FileManager.default.fileExists(atPath: volume.path.appending("index/u1901g.xml").string))
    volume.unmount()
    #expect(try await world.run(words).result["snapshots"] as? [Int] == [1])
  }
}
