import Foundation
import Synchronization
import SystemPackage
import Testing

/// What a kill leaves, at whatever moment it comes, the next run repairs by itself; and readers never see anything
/// but one whole release.
///
/// `KSCMIRROR_KILLS` sets how often each job is killed.
@Suite struct KillTests {
  private let kills = ProcessInfo.processInfo.environment["KSCMIRROR_KILLS"].flatMap { Int($0) } ?? 6

  /// Starts a run, and kills it at a random moment of the time that such a run takes.
  private func kill(_ world: World, _ arguments: [String], within duration: Double) async throws {
    let run = try world.start(arguments)
    usleep(UInt32(Double.random(in: 0...1) * duration * 1e6))
    run.process.kill(SIGKILL)
    _ = await run.process.ending()
  }

  /// How long a run takes that is left in peace.
  private func time(_ body: () async throws -> Outcome) async throws -> Double {
    let start = ContinuousClock.now
    let outcome = try await body()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let passed = ContinuousClock.now - start
    return Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
  }

  @Test func `a sync that is killed at any moment`() async throws {
    let world = try World(files: 200)
    try await world.sync()
    try world.age()
    let duration = try await time { try await world.sync() }
    let reader = Reader(of: world.connected)
    for _ in 0..<kills {
      try world.age()
      try await kill(world, ["sync", "--config", world.configuration.string], within: duration)
      let next = try await world.sync()
      #expect(next.status == 0, "\(next.errors)")
      #expect(try world.published(world.connected) == world.expected())
      let verified = try await world.run("verify", "--store", world.connected.string)
      #expect(verified.status == 0, "\(verified.output)")
    }
    #expect(reader.stop() == [])
  }

  @Test func `a first sync that is killed at any moment`() async throws {
    let world = try World(files: 200)
    let duration = try await time { try await world.sync() }
    for _ in 0..<max(2, kills / 3) {
      try FileManager.default.removeItem(atPath: world.connected.string)
      try await kill(world, ["sync", "--config", world.configuration.string], within: duration)
      let next = try await world.sync()
      #expect(next.status == 0, "\(next.errors)")
      #expect(try world.published(world.connected) == world.expected())
      #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
    }
  }

  @Test func `a pack that is killed at any moment`() async throws {
    let world = try World(files: 200)
    try await world.sync()
    try await world.makeKeys()
    let pack = ["pack", "--config", world.configuration.string, "--output", world.stick.string, "--overwrite"]
    let duration = try await time { try await world.run(pack) }
    for _ in 0..<kills {
      try await kill(world, pack, within: duration)
      // What is there is either no bundle or a whole one.
      let state = try await world.run("inspect", world.stick.string)
      #expect(state.status == 0 || state.status == Exit.notABundle, "\(state.output)\(state.errors)")
      #expect(try await world.run(pack).status == 0)
      let names = try FileManager.default.contentsOfDirectory(atPath: world.stick.string)
      #expect(names.sorted() == ["LABEL.txt", "kscmirror-000001"], "\(names)")
      #expect(try await world.import("--dry-run").status == 0)
    }
  }

  @Test func `an import that is killed at any moment`() async throws {
    let world = try World(files: 200)
    try await world.sync()
    try await world.pack()
    let duration = try await time { try await world.import() }
    let reader = Reader(of: world.isolated)
    for _ in 0..<kills {
      try world.age()
      try await world.sync()
      try await world.pack()
      try await kill(
        world,
        ["import", "--config", world.isolatedConfiguration.string, world.stick.string],
        within: duration
      )
      let next = try await world.import()
      #expect(next.status == 0, "\(next.errors)")
      #expect(try world.published(world.isolated) == world.expected())
      let verified = try await world.run("verify", "--store", world.isolated.string)
      #expect(verified.status == 0, "\(verified.output)")
    }
    #expect(reader.stop() == [])
  }
}

/// Reads the published release again and again, as a web server does, and notes what is not one whole release.
private final class Reader: Sendable {
  private struct State {
    /// The first listing of each release that was read.
    var listings: [String: Set<String>] = [:]
    var problems: [String] = []
    var isStopping = false
    var hasEnded = false
  }

  private let state = Mutex(State())

  init(of store: FilePath) {
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isStopping }) {
        read(store)
        // Pauses are short against what is published meanwhile, and leave the processors to the others.
        usleep(50_000)
      }
      state.withLock { $0.hasEnded = true }
    }
  }

  /// Ends the reading; what was wrong.
  func stop() -> [String] {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.hasEnded }) { usleep(1000) }
    return state.withLock { $0.problems }
  }

  private func read(_ store: FilePath) {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: store.appending("current").string)
    else {
      return state.withLock { $0.problems.append("there is no current release") }
    }
    let root = store.pushing(FilePath(target)).string
    let paths = Set(FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
    state.withLock { state in
      if let before = state.listings[target], before != paths {
        state.problems.append("\(target) had \(before.count) names and then \(paths.count)")
      }
      if paths.isEmpty { state.problems.append("\(target) is empty") }
      state.listings[target] = paths
    }
  }
}
