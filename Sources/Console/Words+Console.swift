import MirrorTypes

extension Words {
  /// A length of time: `42 s`, `3 min 20 s`, `2 h 5 min`, `3 days`.
  package static func duration(_ seconds: Double) -> String {
    if seconds < 9.95 { return "\(fixed(seconds, decimals: 1)) s" }
    let whole = Int(seconds.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<172_800: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: return "\(whole / 86400) days"
    }
  }
}
