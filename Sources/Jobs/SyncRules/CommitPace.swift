/// When what has come is made durable: about once a second, so that a killed run loses no more than that, and never for
/// more than a fifth of the time, however slow the disk is.
package struct CommitPace {
  private var began = ContinuousClock.now
  private var ended = ContinuousClock.now
  private var lastCost: Duration = .zero

  package init() {}

  /// The time between two commits of a fast disk.
  package static let interval: Duration = .seconds(1)
  /// So many times as long as a commit takes, none follows.
  private static let rest = 4
  /// The most files between two commits: what is under way is held in memory.
  package static let mostFiles = 2000

  /// Whether a commit is due.
  ///
  /// - Parameter count: how many files wait for it.
  package func isDue(_ count: Int) -> Bool {
    guard count > 0 else { return false }
    return count >= Self.mostFiles || ContinuousClock.now - ended >= max(Self.interval, lastCost * Self.rest)
  }

  /// A commit begins.
  package mutating func begin() { began = .now }

  /// It has ended.
  package mutating func end() {
    ended = .now
    lastCost = ended - began
  }
}
