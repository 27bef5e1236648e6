import MirrorTypes

extension Words {
  /// How long ago a point in time was: `5 minutes ago`, `3 days ago`.
  static func ago(_ time: UTCTime, now: UTCTime) -> String {
    let passed = now.seconds(since: time)
    return switch passed {
    case ..<0: "in the future"
    case ..<60: "just now"
    case ..<3600: "\(count(Int(passed / 60), "minute")) ago"
    case ..<172_800: "\(count(Int(passed / 3600), "hour")) ago"
    default: "\(count(Int(passed / 86_400), "day")) ago"
    }
  }
}
