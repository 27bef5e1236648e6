import Glibc
import MirrorTypes

/// Where a job gets the time of day from.
package struct WallClock: Sendable {
  private let read: @Sendable () -> UTCTime

  /// A clock that shows what `read` returns.
  package init(_ read: @escaping @Sendable () -> UTCTime) { self.read = read }

  /// This host's clock.
  package static let system = WallClock { UTCTime(seconds: Int64(time(nil))) }

  /// The present.
  package var now: UTCTime { read() }
}
