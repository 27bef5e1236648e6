import VendorChecks

/// Figures as people read them.
enum Words {
  /// A count of bytes with three figures and a binary unit: `4.09 GiB`.
  static func bytes(_ count: Int64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    guard count.magnitude >= 1024 else { return "\(count) B" }
    var value = Double(count) / 1024
    var unit = 0
    while value.magnitude >= 999.5 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(figures(value)) \(units[unit])"
  }

  /// A number with three figures, at most two of them behind the point.
  private static func figures(_ value: Double) -> String {
    let decimals = value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2
    return fixed(value, decimals: decimals)
  }

  /// A number with a fixed count of decimals.
  static func fixed(_ value: Double, decimals: Int) -> String {
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(scaled / Int64(scale)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
  }

  /// A whole number with its thousands apart: `75,682`.
  static func count(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A count with its noun: `1 file`, `2 files`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// What the vendor's signatures say, in a line.
  static func vendor(_ report: VendorReport) -> String {
    "vendor's signatures: \(count(report.indexes, "index", "indexes")) and \(count(report.files, "file")) verified, \(count(report.notVerifiable)) not verifiable"
  }

  /// A count with its noun in both forms.
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(count(number)) \(number == 1 ? one : many)"
  }

  /// A length of time: `42 s`, `3 min 20 s`, `2 h 5 min`, `3 days`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    switch whole {
    case ..<10: return "\(fixed(seconds, decimals: 1)) s"
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    case ..<172_800: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: return "\(whole / 86400) days"
    }
  }
}
