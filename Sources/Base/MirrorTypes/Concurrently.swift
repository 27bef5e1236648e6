/// Does the same with many things, several at a time, and takes each outcome as it comes, in whatever order.
///
/// The things are asked for one by one, whenever there is room; where they come from a list that grows, what `take` has
/// added is done as well. The first failure, of the work or of `take`, ends it: what is under way is cancelled, and
/// awaited.
///
/// - Parameters:
///   - things: what it is done with.
///   - limit: how many at the same time, at the most; at least one.
///   - pulse: what is done here again and again meanwhile, such as to tell how far it is; `nil`: nothing.
///   - work: what is done with each, on any thread.
///   - take: takes an outcome, here, one at a time.
/// - Throws: whatever `work` or `take` throws first.
package func concurrently<Thing: Sendable, Outcome: Sendable>(
  _ things: some Sequence<Thing>,
  atMost limit: Int,
  pulse: Pulse? = nil,
  isolation: isolated (any Actor)? = #isolation,
  _ work: @escaping @Sendable (Thing) async throws -> Outcome,
  take: (Outcome) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Outcome?.self, isolation: isolation) { group in
    // Only a closure that has the actor runs on it, and with it `take`.
    _ = isolation
    // Else the last pause would be waited for.
    defer { group.cancelAll() }
    var waiting = things.makeIterator()
    var running = 0
    if let pause = pulse?.pause { group.addTask { await pause.outcome() } }
    while true {
      while running < max(1, limit), let thing = waiting.next() {
        group.addTask { try await work(thing) }
        running += 1
      }
      guard running > 0, let event = try await group.next() else { return }
      if let outcome = event {
        running -= 1
        try await take(outcome)
      } else if let pulse {
        pulse.body()
        _ = group.addTaskUnlessCancelled { [pause = pulse.pause] in await pause.outcome() }
      }
    }
  }
}

/// Something that is done again and again while other work goes on: see ``concurrently(_:atMost:pulse:isolation:_:take:)``.
package struct Pulse {
  fileprivate struct Pause {
    let length: Duration

    /// Comes to nothing, after a while.
    func outcome<Outcome>() async -> Outcome? {
      try? await Task.sleep(for: length)
      return nil
    }
  }

  fileprivate let pause: Pause
  fileprivate let body: () -> Void

  /// - Parameters:
  ///   - interval: the time from one to the next.
  ///   - body: what is done.
  package init(every interval: Duration, _ body: @escaping () -> Void) {
    pause = Pause(length: interval)
    self.body = body
  }
}

/// The same where nothing comes of it but that it is done.
package func concurrently<Thing: Sendable>(
  _ things: some Sequence<Thing>,
  atMost limit: Int,
  isolation: isolated (any Actor)? = #isolation,
  _ work: @escaping @Sendable (Thing) async throws -> Void
) async throws {
  try await concurrently(things, atMost: limit, isolation: isolation, work) { _ in }
}
