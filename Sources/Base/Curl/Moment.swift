import MirrorTypes

/// A point in time on a clock that only goes forward.
package typealias Moment = ContinuousClock.Instant

extension Duration {
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  /// Milliseconds, rounded up, as C calls take them.
  package var inMilliseconds: Int {
    guard self > .zero else { return 0 }
    let attosecondsEach: Int64 = 1_000_000_000_000_000
    let whole = Int(clamping: min(components.seconds, 1 << 32)) * 1000
    return whole + Int((components.attoseconds + attosecondsEach - 1) / attosecondsEach)
  }

  /// A time in whole units, as people say it.
  package var inWords: String {
    let seconds = components.seconds
    return switch seconds {
    case ..<120: Words.count(seconds, "second")
    case ..<7200: "\(seconds / 60) minutes"
    case ..<172_800: "\(seconds / 3600) hours"
    default: "\(seconds / 86_400) days"
    }
  }
}
