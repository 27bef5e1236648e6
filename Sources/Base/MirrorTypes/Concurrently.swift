/// Does the same with many things, several at a time, and takes each outcome as it comes, in whatever order.
///
/// The things are asked for one by one, whenever there is room; where they come from a list that grows, what `take` has
/// added is done as well. The first failure, of the work or of `take`, ends it: what is under way is cancelled, and
/// awaited.
///
/// - Parameters:
///   - things: what it is done with.
///   - limit: how many at the same time, at the most; at least one.
///   - work: what is done with each, on any thread.
///   - take: takes an outcome, here, one at a time.
/// - Throws: whatever `work` or `take` throws first.
package func concurrently<Thing: Sendable, Outcome: Sendable>(
  _ things: some Sequence<Thing>,
  atMost limit: Int,
  isolation: isolated (any Actor)? = #isolation,
  _ work: @escaping @Sendable (Thing) async throws -> Outcome,
  take: (Outcome) async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Outcome.self, isolation: isolation) { group in
    // Only a closure that has the actor runs on it, and with it `take`.
    _ = isolation
    var waiting = things.makeIterator()
    var running = 0
    while true {
      while running < max(1, limit), let thing = waiting.next() {
        group.addTask { try await work(thing) }
        running += 1
      }
      guard running > 0, let outcome = try await group.next() else { return }
      running -= 1
      try await take(outcome)
    }
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
