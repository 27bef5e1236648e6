extension Words {
  /// A length of time in a word or two: `42 s`, `12 min`, `5 h`, `3 days`; what is negative is nothing.
  package static func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(max(0, seconds)) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: count(seconds / 86_400, "day")
    }
  }

  /// The minute of a point in time: `2026-11-23 21:40 UTC`.
  package static func time(_ time: UTCTime) -> String {
    let text = time.text
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }
}
