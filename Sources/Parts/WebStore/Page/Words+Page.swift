import MirrorTypes

extension Words {
  /// How long ago a point in time was: `5 minutes ago`, `3 days ago`.
  static func ago(_ seconds: Int64, now: Int64) -> String {
    switch now - seconds {
    case ..<0: "in the future"
    case ..<60: "just now"
    case ..<3600: "\(count(Int((now - seconds) / 60), "minute")) ago"
    case ..<172_800: "\(count(Int((now - seconds) / 3600), "hour")) ago"
    default: "\(count(Int((now - seconds) / 86_400), "day")) ago"
    }
  }

  /// `2026-11-23 21:40 UTC`.
  static func time(_ seconds: Int64) -> String {
    let text = UTCTime(seconds: seconds).text
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }
}
