import Foundation
import SystemPackage
import TestSupport
import Testing

/// What was sealed is published, whatever ends a run between the two; and a rollback is no such end.
@Suite struct UnfinishedTests {
  private static let canInject: Bool = {
    guard Command.path(of: "strace") != nil else { return false }
    return (try? Command.run("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:delay_exit=1", "true"])) != nil
  }()

  /// A moment between sealing and the end of a run, and how it fails there.
  struct Fault: Sendable, CustomTestStringConvertible {
    /// What strace is told.
    let words: [String]
    /// Whether the run is killed when `current` has moved.
    var isAfterSwitch = false

    var testDescription: String { words.last ?? "" }
  }

  private static let faults: [Fault] = [
    Fault(words: ["-e", "inject=/^link:signal=KILL:when=1"]),
    Fault(words: ["-e", "inject=/^link:signal=KILL:when=20"]),
    Fault(words: ["-e", "inject=/^link:error=ENOSPC:when=20"]),
    Fault(words: ["-e", "inject=/^symlink:signal=KILL:when=1"]),
    Fault(words: ["-e", "inject=/^symlink:error=ENOSPC:when=2"]),
    // Each rename takes its time, so that the run is killed right behind the switch.
    Fault(words: ["-e", "inject=/^rename:delay_exit=150000"], isAfterSwitch: true),
  ]

  /// Runs the program with a fault, which must end it.
  private func run(_ world: World, _ arguments: [String], _ fault: Fault, in store: FilePath) async throws {
    let strace = try #require(Command.path(of: "strace"))
    let before = world.current(store)
    let process = try ChildProcess(
      strace,
      ["-f", "-o", "/dev/null"] + fault.words + [World.program] + arguments,
      output: world.folder["faulty.out"],
      errors: world.folder["faulty.err"]
    )
    if fault.isAfterSwitch {
      while world.current(store) == before, process.isRunning { usleep(2000) }
      // The program is what strace has started.
      let children = try String(
        contentsOfFile: "/proc/\(process.number)/task/\(process.number)/children",
        encoding: .utf8
      )
      for child in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(child, SIGKILL) }
    }
    let ending = await process.ending()
    if case .exit(0) = ending { Issue.record("the fault has not come: \(fault.testDescription)") }
  }

  private func status(_ world: World, _ store: FilePath) async throws -> [String: Any] {
    try await world.run("status", "--json", "--store", store.string).result
  }

  /// The snapshot that the served metadata is of.
  private func signed(_ store: FilePath) throws -> Int? {
    func read(_ name: String) throws -> [String: Any] {
      let file = URL(fileURLWithPath: store.appending("metadata").appending(name).string)
      let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      return object?["signed"] as? [String: Any] ?? [:]
    }
    let meta = try read("timestamp.json")["meta"] as? [String: Any]
    guard let version = (meta?["snapshot.json"] as? [String: Any])?["version"] as? Int else { return nil }
    return (try read("\(version).snapshot.json")["x-kscmirror"] as? [String: Any])?["snapshot"] as? Int
  }

  /// All of what a finished publication of a snapshot is.
  private func expectPublished(_ world: World, _ number: Int, in store: FilePath) async throws {
    #expect(world.current(store) == "releases/\(number)")
    #expect(try signed(store) == number)
    let status = try await status(world, store)
    #expect(status["unpublished"] == nil && status["heldBack"] == nil, "\(status)")
    let found = try await world.run("doctor", "--json", "--store", store.string)
    let published = (found.result["findings"] as? [[String: Any]])?.first {
      $0["name"] as? String == "freshness.published"
    }
    #expect(published?["severity"] as? String == "ok", "\(found.output)")
  }

  // MARK: - Sync

  @Test(.enabled(if: canInject, "strace is not installed, or may not trace"), arguments: faults)
  func `a sync that ends between sealing and publishing is finished by the next, without a server too`(
    _ fault: Fault
  ) async throws {
    let world = try World(files: 40, meanSize: 400)
    try await world.makeKeysAfterSync()
    try world.age()
    let sync = ["sync", "--config", world.configuration.string]
    try await run(world, sync, fault, in: world.connected)
    let between = try await status(world, world.connected)
    #expect((between["snapshots"] as? [Any])?.count == 2, "the fault came before the sealing")
    if !fault.isAfterSwitch {
      #expect(world.current(world.connected) == "releases/1" && between["unpublished"] as? Int == 2)
      let warnings = between["warnings"] as? [String] ?? []
      #expect(warnings.contains { $0.contains("snapshot 2 should be published") }, "\(warnings)")
    }
    world.server.stop()
    let next = try await world.sync()
    #expect(next.status != 0 && next.errors.contains("a run was cut short"), "\(next.errors)")
    try await expectPublished(world, 2, in: world.connected)
    #expect(try world.published(world.connected) == world.expected())
  }

  @Test(.enabled(if: canInject, "strace is not installed, or may not trace"))
  func `a sync with nothing new finishes what another has begun, and says so once`() async throws {
    let world = try World(files: 40, meanSize: 400)
    try await world.makeKeysAfterSync()
    try world.age()
    try await run(world, ["sync", "--config", world.configuration.string], Self.faults[1], in: world.connected)
    let next = try await world.sync("--json")
    #expect(next.status == 0, "\(next.errors)")
    #expect(next.result["finished"] as? Int == 2 && next.result["isNew"] as? Bool == false, "\(next.output)")
    try await expectPublished(world, 2, in: world.connected)
    let quiet = try await world.sync("--json")
    #expect(quiet.status == 0 && quiet.result["finished"] == nil && !quiet.output.contains("cut short"))
  }

  // MARK: - Rollback

  @Test(.enabled(if: canInject, "strace is not installed, or may not trace"))
  func `a rollback before and after such an end is kept, until something really new comes`() async throws {
    let world = try World(files: 40, meanSize: 400)
    try await world.makeKeysAfterSync()
    try world.age()
    try #require(try await world.sync().status == 0)
    let store = ["--store", world.connected.string]
    let sync = ["sync", "--config", world.configuration.string]
    // One that is killed on its way is brought to its end.
    try await run(world, ["rollback"] + store, Self.faults[3], in: world.connected)
    #expect(world.current(world.connected) == "releases/2")
    let nothing = try await world.sync()
    #expect(nothing.status == 0 && nothing.output.contains("a rollback of"), "\(nothing.output)")
    #expect(world.current(world.connected) == "releases/1")
    #expect(try signed(world.connected) == 1)
    let journal = try await world.run(["log"] + store)
    #expect(journal.output.contains("rolled back to snapshot 1"), "\(journal.output)")
    // Before: what is really new is published, by the run after the one that was cut short too.
    try world.age()
    try await run(world, sync, Self.faults[1], in: world.connected)
    #expect(world.current(world.connected) == "releases/1")
    #expect(try await world.sync().status == 0)
    try await expectPublished(world, 3, in: world.connected)
    // After: somebody goes back while a snapshot waits.
    try world.age()
    try await run(world, sync, Self.faults[1], in: world.connected)
    #expect(world.current(world.connected) == "releases/3")
    #expect(try await world.run(["rollback", "2"] + store).status == 0)
    for _ in 1...2 { #expect(try await world.sync().status == 0) }
    #expect(world.current(world.connected) == "releases/2")
    let held = try await status(world, world.connected)["heldBack"] as? [String: Any]
    #expect(
      held?["snapshot"] as? Int == 4 && held?["published"] as? Int == 2 && held?["cause"] as? String == "rollback"
    )
    #expect(try await world.run(["rollback", "--undo"] + store).status == 0)
    try await expectPublished(world, 4, in: world.connected)
    #expect(try await world.run(["log"] + store).output.contains("nothing is held back any more"))
    let again = try await world.run(["rollback", "--undo"] + store)
    #expect(again.status == Exit.notThere && again.errors.contains("no rollback is in force"), "\(again.errors)")
    #expect(try await world.run(["rollback", "--undo", "2"] + store).status == Exit.usage)
  }

  @Test func `a rollback shows in status and doctor, a pack warns of it, and an import does not undo it`() async throws
  {
    let world = try World(files: 40, meanSize: 400, firstDay: World.today - 2 * 86_400)
    for day in 1...2 {
      if day == 2 { try world.age() }
      try #require(try await world.sync().status == 0)
      try #require(try await world.pack().status == 0)
      try #require(try await world.import().status == 0)
    }
    for store in [world.connected, world.isolated] {
      let back = try await world.run("rollback", "--store", store.string)
      #expect(back.status == 0 && back.output.contains("--undo"), "\(back.output)")
      let text = try await world.run("status", "--store", store.string).output.replacing(/\n */, with: " ")
      #expect(text.contains("a rollback of") && text.contains("rollback --undo"), "\(text)")
      let doctor = try await world.run("doctor", "--store", store.string)
      #expect(doctor.status == Exit.doctorWarning && doctor.output.contains("rollback --undo"), "\(doctor.output)")
    }
    let packed = try await world.pack()
    #expect(packed.status == 0 && packed.errors.contains("warning: a rollback of"), "\(packed.errors)")
    let chosen = try await world.pack("--snapshot", "1")
    #expect(chosen.status == 0 && !chosen.errors.contains("warning: a rollback"), "\(chosen.errors)")
    try world.emptyStick()
    #expect(try await world.pack("--snapshot", "2").status == 0)
    let same = try await world.import("--json")
    #expect(same.status == 0 && same.result["outcome"] as? String == "held", "\(same.output)\(same.errors)")
    #expect(same.output.contains("held-back") && world.current(world.isolated) == "releases/1")
    // What is really new ends it, on both sides.
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import().status == 0)
    for store in [world.connected, world.isolated] {
      #expect(world.current(store) == "releases/3")
      #expect(try await status(world, store)["heldBack"] == nil)
    }
  }

  // MARK: - Import

  @Test(.enabled(if: canInject, "strace is not installed, or may not trace"), arguments: faults, [true, false])
  func `an import that ends between sealing and publishing is finished by the next, with its bundle and without`(
    _ fault: Fault,
    hasBundle: Bool
  ) async throws {
    let world = try World(files: 40, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try #require(try await world.import().status == 0)
    try world.age()
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    let words = ["import", "--config", world.isolatedConfiguration.string, world.stick.string]
    try await run(world, words, fault, in: world.isolated)
    #expect((try await status(world, world.isolated)["snapshots"] as? [Any])?.count == 2)
    if !fault.isAfterSwitch { #expect(world.current(world.isolated) == "releases/1") }
    if !hasBundle { try world.emptyStick() }
    let next = try await world.import()
    #expect((next.status == 0) == hasBundle && next.errors.contains("a run was cut short"), "\(next.errors)")
    try await expectPublished(world, 2, in: world.isolated)
    #expect(try world.published(world.isolated) == world.expected())
    let journal = try await world.run("log", "--store", world.isolated.string).output
    #expect(journal.contains("had been imported by a run that was cut short"), "\(journal)")
    #expect(try await world.run("verify", "--store", world.isolated.string).status == 0)
  }
}

extension World {
  /// Syncs a first time, and has what is published signed from then on.
  fileprivate func makeKeysAfterSync() async throws {
    try #require(try await sync().status == 0)
    try await makeKeys()
    try #require(try await sync().status == 0)
  }
}
