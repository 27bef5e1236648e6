import JobCore
import Synchronization

/// A clock that stands still until a test moves it on.
package final class HandClock: Sendable {
  private let time: Mutex<Int64>

  /// A clock that stands at a time, in seconds since 1970; as a rule noon of the first of June 2026.
  package init(_ seconds: Int64 = 1_780_315_200) { time = Mutex(seconds) }

  /// What a job is given.
  package var clock: WallClock { WallClock { [self] in seconds } }

  package var seconds: Int64 { time.withLock { $0 } }

  /// Moves it on, or back.
  package func move(by seconds: Int64) { time.withLock { $0 += seconds } }
}
