import Glibc

/// Where a job gets the time of day from.
package struct WallClock: Sendable {
  private let read: @Sendable () -> Int64

  /// A clock that shows what `read` returns, in seconds since 1970.
  package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

  /// This host's clock.
  package static let system = WallClock { Int64(time(nil)) }

  /// Seconds since 1970.
  package var seconds: Int64 { read() }
}
