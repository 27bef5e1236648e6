import MirrorTypes

/// Figures as people read them.
enum Words {
  /// A count of bytes with three figures and a binary unit: `4.09 GiB`.
  static func bytes(_ count: Int64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    let units = ["KiB", "MiB", "GiB", "TiB"]
    var unit = 0
    // In hundredths, so that no rounding is hidden in a format.
    var hundredths = (Double(count) / 1024 * 100).rounded()
    while hundredths >= 99_950 && unit < units.count - 1 {
      hundredths = (hundredths / 1024).rounded()
      unit += 1
    }
    let value = Int(hundredths)
    if value >= 10_000 { return "\((value + 50) / 100) \(units[unit])" }
    if value >= 1_000 {
      let tenths = (value + 5) / 10
      return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
    return "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100) \(units[unit])"
  }

  /// A whole number with its thousands apart, and its noun: `75,682 files`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A whole number with its thousands apart.
  static func count(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

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
