import MirrorTypes
import Synchronization
import Testing

@Suite struct ConcurrentlyTests {
  private struct Stop: Error {}

  /// How many works run, and how many have at the same time.
  private final class Gauge: Sendable {
    let state = Mutex((running: 0, most: 0, begun: 0))

    func within(_ body: () async throws -> Void) async throws {
      state.withLock { $0 = ($0.running + 1, max($0.most, $0.running + 1), $0.begun + 1) }
      defer { state.withLock { $0.running -= 1 } }
      try await body()
    }
  }

  @Test(arguments: [(0, 4), (1, 4), (4, 4), (50, 4), (5, 1), (3, 0), (3, -1)])
  func `everything is done once, and never more than so many at a time`(_ count: Int, _ limit: Int) async throws {
    let gauge = Gauge()
    var taken: [Int] = []
    try await concurrently(0..<count, atMost: limit) { number in
      try await gauge.within { for _ in 0..<5 { await Task.yield() } }
      return number
    } take: {
      taken.append($0)
    }
    #expect(taken.sorted() == Array(0..<count))
    #expect(gauge.state.withLock { $0.most } <= max(1, limit))
    #expect(gauge.state.withLock { $0.running } == 0)
  }

  @Test func `what an outcome adds to the list is done as well`() async throws {
    var queue = [3]
    var done: [Int] = []
    try await concurrently(AnyIterator { queue.popLast() }, atMost: 2) {
      $0
    } take: { number in
      done.append(number)
      if number > 0 { queue += [number - 1, number - 1] }
    }
    #expect(done.sorted() == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3])
  }

  @MainActor @Test func `outcomes are taken on the actor of who asks`() async throws {
    var queue = [2]
    var sum = 0
    try await concurrently(AnyIterator { queue.popLast() }, atMost: 2) {
      $0
    } take: { number in
      MainActor.assertIsolated()
      sum += number
      if number > 0 { queue += [number - 1] }
    }
    #expect(sum == 3)
  }

  @Test func `the first failure of the work ends it, and what runs is cancelled and awaited`() async {
    let gauge = Gauge()
    await #expect(throws: Stop.self) {
      try await concurrently(0..<100, atMost: 3) { number in
        try await gauge.within {
          if number == 2 { throw Stop() }
          while !Task.isCancelled { await Task.yield() }
        }
      }
    }
    #expect(gauge.state.withLock { $0.running } == 0)
    #expect(gauge.state.withLock { $0.begun } == 3)
  }

  @Test func `a failure of who takes the outcomes ends it, too`() async {
    let gauge = Gauge()
    await #expect(throws: Stop.self) {
      try await concurrently(0..<100, atMost: 2) { number in
        try await gauge.within { if number > 0 { while !Task.isCancelled { await Task.yield() } } }
      } take: { _ in
        throw Stop()
      }
    }
    #expect(gauge.state.withLock { $0.running } == 0)
    #expect(gauge.state.withLock { $0.begun } <= 2)
  }

  @MainActor @Test func `a pulse goes on, on the actor of who asks, while something is under way`() async throws {
    let beats = Atomic(0)
    let pulse = Pulse(every: .milliseconds(1)) {
      MainActor.assertIsolated()
      beats.add(1, ordering: .relaxed)
    }
    try await concurrently(0..<3, atMost: 2, pulse: pulse) { number in
      while beats.load(ordering: .relaxed) < 3 * number { try await Task.sleep(for: .milliseconds(1)) }
    } take: { _ in
    }
    #expect(beats.load(ordering: .relaxed) >= 6)
  }

  @Test(.timeLimit(.minutes(45))) func `a pulse is not waited for`() async throws {
    var taken = 0
    try await concurrently(0..<3, atMost: 2, pulse: Pulse(every: .seconds(3600)) {}) {
      $0
    } take: { _ in
      taken += 1
    }
    #expect(taken == 3)
    await #expect(throws: Stop.self) {
      try await concurrently(0..<3, atMost: 2, pulse: Pulse(every: .seconds(3600)) {}) { _ in
        throw Stop()
      } take: { _ in
      }
    }
  }
}
