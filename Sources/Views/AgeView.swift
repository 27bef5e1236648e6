import Console
import MirrorTypes

/// How old databases are, as people read it.
package enum AgeView {
  /// The date of an index, how long ago that was, and what it is called.
  package static func text(_ date: UTCTime?, _ age: IndexAge) -> String {
    guard let date else { return age == .noIndex ? "no index" : "unknown" }
    let passed = Double(Timestamp.now.seconds(since: date))
    let ago = passed >= 60 ? " (\(Words.duration(passed)) ago)" : ""
    return "\(Timestamp.local(date))\(ago), \(age == .unknown ? "in the future" : age.rawValue)"
  }
}
