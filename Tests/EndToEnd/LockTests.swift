import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What locks of others do to the commands, and what a run that was cut short leaves in the journal.
@Suite struct LockTests {
  /// A world with keys, a bundle on the stick, a site's receipt, and two releases on either side.
  private func prepared() async throws -> World {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"")
    for _ in 1...2 {
      try #require(try await world.sync().status == 0)
      try #require(try await world.pack("--site", "plant", "--overwrite").status == 0)
      let imported = try await world.import()
      try #require(imported.status == 0, "\(imported.errors)")
      try world.age()
    }
    return world
  }

  /// Commands that change a store, each with the statuses that it may end with.
  private func changes(_ world: World) async throws -> [(words: [String], store: FilePath)] {
    let (connected, isolated) = (["--store", world.connected.string], ["--store", world.isolated.string])
    let fingerprint = try await world.fingerprint()
    return [
      (["sync", "--config", world.configuration.string], world.connected),
      (["keys", "rotate", "snapshot"] + connected, world.connected),
      (["keys", "rotate", "volumes", "sealing"] + connected, world.connected),
      (
        ["pack", "--config", world.configuration.string, "--output", world.stick.string, "--overwrite"], world.connected
      ),
      (["rollback"] + connected, world.connected), (["rollback", "--undo"] + connected, world.connected),
      (["prune", "--keep", "1"] + connected, world.connected),
      (["import", "--config", world.isolatedConfiguration.string, world.stick.string], world.isolated),
      (["rollback"] + isolated, world.isolated),
      (["trust", "add", world.firstRoot.string, "--fingerprint", fingerprint, "--replace"] + isolated, world.isolated),
    ]
  }

  // MARK: - Other users

  @Test(.enabled(if: LockHoldings.canBeTried, "needs root, setpriv and flock to work as another user"))
  func `another user can open no lock, journal or catalogue of a new store, and stops no command`() async throws {
    let world = try await prepared()
    for store in [world.connected, world.isolated] {
      let reachable = try World.stateFiles(of: store).filter { file in
        var record = stat()
        return stat(file.string, &record) == 0 && record.st_mode & 0o077 != 0
          && !file.string.hasPrefix(store.appending("metadata").string)
          // In folders that others cannot enter.
          && !["trust", "receipts", "partial", "incoming", "outgoing"].contains {
            file.string.hasPrefix(store.appending($0).string)
          }
      }
      #expect(reachable.isEmpty, "\(reachable)")
    }
    try await expectAllToWork(world)
  }

  @Test(.enabled(if: LockHoldings.canBeTried, "needs root, setpriv and flock to work as another user"))
  func `a store of an older version, open to all, is closed by the first command that writes`() async throws {
    let world = try await prepared()
    for store in [world.connected, world.isolated] {
      for file in try World.stateFiles(of: store) { try #require(chmod(file.string, 0o644) == 0) }
      for name in ["", "trust", "receipts", "partial"] { chmod(store.appending(name).string, 0o755) }
    }
    try #require(try await world.sync().status == 0)
    try #require(try await world.import().status == 0)
    for store in [world.connected, world.isolated] {
      for file in try World.stateFiles(of: store) where file.string.hasSuffix("lock") {
        var record = stat()
        #expect(stat(file.string, &record) == 0 && record.st_mode & 0o777 == 0o600, "\(file)")
      }
    }
    try await expectAllToWork(world)
  }

  private func expectAllToWork(_ world: World) async throws {
    for (words, store) in try await changes(world) {
      let holdings = try LockHoldings(asNobody: World.stateFiles(of: store))
      let outcome = try await world.run(words)
      withExtendedLifetime(holdings) {}
      #expect(outcome.status == 0, "\(words): \(outcome.status) \(outcome.errors)")
    }
    for words in [["status"], ["log"], ["verify"]] {
      let holdings = try LockHoldings(asNobody: World.stateFiles(of: world.connected))
      #expect(try await world.run(words + ["--store", world.connected.string]).status == 0, "\(words)")
      withExtendedLifetime(holdings) {}
    }
  }

  @Test(.enabled(if: LockHoldings.canBeTried, "needs root, setpriv and flock to work as another user"))
  func `a web server of another user still reads what is served, and nothing else`() async throws {
    let world = try await prepared()
    func canRead(_ path: FilePath) throws -> Bool {
      let words = ["--reuid=65534", "--regid=65534", "--clear-groups", "cat", path.string]
      return (try? Command.run(Command.path(of: "setpriv") ?? "setpriv", words)) != nil
    }
    let name = try #require(try world.expected().keys.sorted().first)
    #expect(try canRead(world.isolated.appending("current").pushing(FilePath(name))))
    #expect(try canRead(world.isolated.appending("metadata").appending("timestamp.json")))
    for closed in ["catalogue.sqlite", "journal", "lock", "trust/root.json", "receipts/own.json", "."] {
      #expect(try !canRead(world.isolated.pushing(FilePath(closed))), "\(closed)")
    }
    let names = try? Command.run(
      Command.path(of: "setpriv") ?? "setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", "ls", world.isolated.string]
    )
    #expect(names == nil)
  }

  @Test func `what sites report is closed to others from the first receipt on`() async throws {
    // Its last command has taken a receipt in, and none has opened the store to write in it since.
    let ground = try await ExchangeGround()
    let folder = ground.world.connected.appending("receipts").string
    let permissions = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int
    #expect(permissions == 0o750)
  }

  @Test(.enabled(if: LockHoldings.canBeTried, "needs root and setpriv to work as another user"))
  func `a member of the store's group reads the catalogue, and neither keys nor journal`() async throws {
    let world = try await prepared()
    let store = world.connected
    for name in [".", "catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"] {
      try #require(chown(store.appending(name).string, uid_t.max, 65_534) == 0)
    }
    try #require(chmod(store.string, 0o2750) == 0)
    // The next command that writes gives the catalogue to the group.
    try #require(try await world.sync().status == 0)
    let setpriv = Command.path(of: "setpriv") ?? "setpriv"
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    let status = try Command.run(setpriv, nobody + [World.program, "status", "--store", store.string])
    #expect(status.contains("snapshot"), "\(status)")
    for closed in ["keys/targets.key", "journal", "lock", "metadata/lock"] {
      #expect(throws: Command.Failure.self, "\(closed)") {
        try Command.run(setpriv, nobody + ["cat", store.pushing(FilePath(closed)).string])
      }
    }
  }

  // MARK: - A journal that cannot be written

  @Test(.enabled(if: Command.path(of: "flock") != nil, "needs flock"), arguments: 0..<10)
  func `while somebody has the journal locked, nothing is changed, and the message says who it is`(_ index: Int)
    async throws
  {
    let world = try await prepared()
    if index == 5 { try #require(try await world.run("rollback", "--store", world.connected.string).status == 0) }
    let (words, store) = try await changes(world)[index]
    let before = try World.state(of: store)
    let stick = try World.files(below: world.stick)
    do {
      let holdings = try LockHoldings(store.appending("journal"))
      let outcome = try await world.run(words)
      #expect(outcome.status == Exit.busy, "\(words): \(outcome.status) \(outcome.output)\(outcome.errors)")
      #expect(outcome.errors.contains("journal is in use by another process"), "\(outcome.errors)")
      #expect(outcome.errors.contains("process \(holdings.number)"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("copy"), "\(outcome.errors)")
    }
    #expect(try World.state(of: store) == before, "\(words)")
    #expect(try World.files(below: world.stick) == stick, "\(words)")
    #expect(try await world.run(words).status == 0, "\(words)")
  }

  @Test(.enabled(if: Command.path(of: "flock") != nil, "needs flock"))
  func `a store whose lock somebody holds is in use, and the message says by whom`() async throws {
    let world = try await prepared()
    let holdings = try LockHoldings(world.connected.appending("lock"))
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.busy)
    #expect(outcome.errors.contains("in use by process \(holdings.number) ("), "\(outcome.errors)")
  }

  // MARK: - A run that is cut short

  /// Runs a command that has to wait for a lock in the middle of its change, and kills it there.
  private func killed(_ world: World, _ words: [String], waitingFor lock: FilePath, in store: FilePath) async throws {
    let holdings = try LockHoldings(lock)
    let journal = store.appending("journal")
    func beginnings() -> Int {
      ((try? String(contentsOfFile: journal.string, encoding: .utf8)) ?? "").components(
        separatedBy: "{\"event\":\"begins\""
      ).count
    }
    let before = beginnings()
    let run = try world.start(words)
    let deadline = ContinuousClock.now + .seconds(300)
    while beginnings() == before, ContinuousClock.now < deadline { usleep(5_000) }
    #expect(beginnings() > before)
    // It waits for the lock no longer than some seconds, which pass for the others only; the journal it gives back at once.
    usleep(500_000)
    run.process.kill(SIGSTOP)
    // While it is at work it is no reason for a warning.
    let shown = try await world.run("log", "--store", store.string)
    #expect(shown.output.contains("(still at work)"), "\(shown.output)")
    let status = try await world.run("status", "--json", "--store", store.string)
    #expect((status.result["unfinished"] as? [Any])?.isEmpty == true, "\(status.output)")
    run.process.kill(SIGKILL)
    _ = await run.process.ending()
    withExtendedLifetime(holdings) {}
  }

  private func expectUnfinished(_ world: World, _ store: FilePath, _ event: String) async throws {
    let log = try await world.run("log", "--json", "--store", store.string)
    #expect(log.status == 0)
    let found = try #require(log.result["unfinished"] as? [[String: Any]])
    #expect(found.compactMap { $0["event"] as? String } == [event], "\(log.output)")
    let shown = try await world.run("log", "--store", store.string)
    #expect(shown.output.contains("(no outcome: the run was cut short"), "\(shown.output)")
    let status = try await world.run("status", "--store", store.string)
    #expect(status.output.replacing(/\n */, with: " ").contains("no outcome"), "\(status.output)")
    let doctor = try await world.run("doctor", "--json", "--store", store.string)
    let findings = try #require(doctor.result["findings"] as? [[String: Any]])
    let names = findings.filter { $0["severity"] as? String == "warning" }.compactMap { $0["name"] as? String }
    #expect(names.contains("journal.unfinished"), "\(doctor.output)")
    #expect(try await world.run("verify", "--store", store.string).status == 0)
  }

  @Test(.enabled(if: Command.path(of: "flock") != nil, "needs flock"))
  func `a sync that is killed between its beginning and its outcome shows until a later one ends well`() async throws {
    let world = try await prepared()
    let sync = ["sync", "--config", world.configuration.string]
    let lock = world.connected.appending("metadata").appending("lock")
    try await killed(world, sync, waitingFor: lock, in: world.connected)
    try await expectUnfinished(world, world.connected, "sync")
    try world.age()
    #expect(try await world.sync().status == 0)
    let status = try await world.run("status", "--json", "--store", world.connected.string)
    #expect((status.result["unfinished"] as? [Any])?.isEmpty == true, "\(status.output)")
    // The journal forgets nothing.
    let log = try await world.run("log", "--json", "--store", world.connected.string)
    #expect((log.result["unfinished"] as? [Any])?.count == 1)
  }

  @Test(.enabled(if: Command.path(of: "flock") != nil, "needs flock"))
  func `a change of trust that is killed in the middle shows in log, status and doctor`() async throws {
    let world = try await prepared()
    let fingerprint = try await world.fingerprint()
    let words = [
      "trust", "add", world.firstRoot.string, "--fingerprint", fingerprint, "--replace", "--store",
      world.isolated.string,
    ]
    let lock = world.isolated.appending("receipts").appending("lock")
    try await killed(world, words, waitingFor: lock, in: world.isolated)
    try await expectUnfinished(world, world.isolated, "trust")
    #expect(try await world.run(words).status == 0)
  }

  @Test func `a change that fails has that as its outcome`() async throws {
    let world = try await prepared()
    let words = ["keys", "rotate", "root", "--store", world.connected.string, "--root-key", "/nowhere/root.key"]
    #expect(try await world.run(words).status == Exit.keyUnusable)
    let log = try await world.run("log", "--json", "--last", "1", "--store", world.connected.string)
    let last = try #require((log.result["entries"] as? [[String: Any]])?.last)
    #expect(last["event"] as? String == "keys" && last["outcome"] as? String == "failed")
    #expect((last["facts"] as? [String: Any])?["status"] as? Int == 105)
    #expect((log.result["unfinished"] as? [Any])?.isEmpty == true)
  }
}
