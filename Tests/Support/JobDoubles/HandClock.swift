import JobCore
import MirrorTypes
import Synchronization

/// A clock that stands still until a test moves it on.
package final class HandClock: Sendable {
  private let time: Mutex<UTCTime>

  /// A clock that stands at a time; as a rule noon of the first of June 2026.
  package init(_ time: UTCTime = UTCTime(seconds: 1_780_315_200)) { self.time = Mutex(time) }

  /// What a job is given.
  package var clock: WallClock { WallClock { [self] in now } }

  package var now: UTCTime { time.withLock { $0 } }

  /// Moves it on, or back.
  package func move(by seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}
