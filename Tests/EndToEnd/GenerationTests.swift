import Foundation
import SystemPackage
import Testing
import UpdateServerDouble

/// What is sealed is one whole state of the server, whenever that goes on to its next one.
///
/// `KSCMIRROR_EVERY_REQUEST=1` lets it go on after each request; else after some of them.
@Suite struct GenerationTests {
  private let isThorough = ProcessInfo.processInfo.environment["KSCMIRROR_EVERY_REQUEST"] != nil

  /// A world whose server has a tree of one day and one of the next.
  private final class TwoDays {
    let world: World
    let trees: [FilePath]
    let days: [[String: Data]]

    init() throws {
      world = try World(files: 12)
      trees = [world.folder["day1"], world.folder["day2"]]
      var days: [[String: Data]] = []
      for (number, tree) in trees.enumerated() {
        if number > 0 { try world.age() }
        days.append(try world.expected())
        // With the times of the files, by which the server tells what has changed.
        try Self.copy(world.folder["tree"], to: tree)
      }
      self.days = days
    }

    /// Copies a folder as it is: times and hard links too.
    static func copy(_ from: FilePath, to: FilePath) throws {
      try? FileManager.default.removeItem(atPath: to.string)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/cp")
      process.arguments = ["-a", from.string, to.string]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }

    /// Answers with the first day's tree, and after so many requests with the second's.
    func answer(secondAfter count: Int, hasValidators: Bool) {
      world.server.forgetRequests()
      let trees = trees
      world.server.answer { .from(trees[$0.number <= count ? 0 : 1], hasValidators: hasValidators) }
    }
  }

  @Test(arguments: [(false, true), (false, false), (true, true), (true, false)])
  func `a server that goes on to the next day at any time`(_ knowsFirstDay: Bool, _ hasValidators: Bool) async throws {
    let days = try TwoDays()
    let (world, base) = (days.world, days.world.folder["base"])
    if knowsFirstDay {
      days.answer(secondAfter: .max, hasValidators: hasValidators)
      #expect(try await world.sync().status == 0)
      try TwoDays.copy(world.connected, to: base)
    }
    days.answer(secondAfter: 0, hasValidators: hasValidators)
    #expect(try await world.sync().status == 0)
    let total = world.server.requests.count
    var sealed = [0, 0]
    for count in stride(from: 0, through: total, by: isThorough ? 1 : max(1, total / 9)) {
      try FileManager.default.removeItem(atPath: world.connected.string)
      if knowsFirstDay { try TwoDays.copy(base, to: world.connected) }
      days.answer(secondAfter: count, hasValidators: hasValidators)
      let outcome = try await world.sync()
      #expect(outcome.status == 0, "after \(count) requests: \(outcome.errors)")
      let published = try world.published(world.connected)
      guard let day = days.days.firstIndex(of: published) else {
        let old = published.filter { days.days[1][$0.key] != $0.value }.keys.sorted()
        Issue.record("after \(count) of \(total) requests a mixture was sealed: not of the second day: \(old)")
        continue
      }
      sealed[day] += 1
    }
    #expect(sealed[1] > 0)
  }

  @Test func `an index that is older than its parent says is asked for again, and then is an error`() async throws {
    let days = try TwoDays()
    let world = days.world
    days.answer(secondAfter: .max, hasValidators: true)
    #expect(try await world.sync().status == 0)
    let trees = days.trees
    let candidates = ["ksn", "apu", "emu"].map { "updates/\($0)/\($0)-1901g.xml" }
    let path = try #require(
      try candidates.first { path in
        try Data(contentsOf: URL(fileURLWithPath: trees[0].appending(path).string))
          != Data(contentsOf: URL(fileURLWithPath: trees[1].appending(path).string))
      }
    )
    // The whole tree is of the second day, but for one index: it never comes, then it comes late.
    world.server.answer { .from(trees[$0.path == path ? 0 : 1]) }
    let first = try await world.sync()
    #expect(first.status == Exit.movingTarget, "\(first.errors)")
    #expect(first.errors.contains(path), "\(first.errors)")
    #expect(try world.published(world.connected) == days.days[0])
    world.server.forgetRequests()
    world.server.answer { .from(trees[$0.path == path && $0.count == 1 ? 0 : 1]) }
    let second = try await world.sync()
    #expect(second.status == 0, "\(second.errors)")
    #expect(try world.published(world.connected) == days.days[1])
  }

  @Test func `an index that the server wrongly calls unchanged`() async throws {
    let days = try TwoDays()
    let world = days.world
    days.answer(secondAfter: .max, hasValidators: true)
    #expect(try await world.sync().status == 0)
    let trees = days.trees
    world.server.answer { request in
      let isChild = request.path.hasSuffix("g.xml") && !request.path.hasPrefix("index/")
      return isChild && request.headers["if-none-match"] != nil ? .status(304) : .from(trees[1])
    }
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try world.published(world.connected) == days.days[1])
  }
}
