/// Reads the quantities that people write in a configuration or after a flag.
package enum Quantity {
  /// Reads a count of bytes: a number and, if wanted, a unit (`k`, `M`, `G`, `T` of 1000; `KiB`, `MiB`, `GiB`, `TiB` of 1024).
  ///
  /// - Returns: `nil` for what is no such text, is negative, or does not fit.
  package static func bytes(_ text: String) -> Int64? {
    guard let (number, unit) = split(text) else { return nil }
    let factors: [String: Double] = [
      "": 1, "b": 1,
      "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
      "ki": 0x1p10, "kib": 0x1p10, "mi": 0x1p20, "mib": 0x1p20, "gi": 0x1p30, "gib": 0x1p30, "ti": 0x1p40,
      "tib": 0x1p40,
    ]
    guard let factor = factors[unit.lowercased()] else { return nil }
    return Int64(exactly: (number * factor).rounded(.down))
  }

  /// Reads a rate in bytes a second: a count of bytes, with `/s` behind it if wanted.
  package static func rate(_ text: String) -> Int64? {
    bytes(text.hasSuffix("/s") ? String(text.dropLast(2)) : text)
  }

  /// Reads a length of time in seconds: a number and, if wanted, `s`, `m`, `h` or `d`.
  package static func seconds(_ text: String) -> Double? {
    guard let (number, unit) = split(text) else { return nil }
    let factors: [String: Double] = ["": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400]
    return factors[unit].map { number * $0 }
  }

  /// Reads a time of day, `HH:MM`, as minutes since midnight; `24:00` is the end of the day.
  package static func minuteOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0)
    else { return nil }
    return hour * 60 + minute
  }

  private static func split(_ text: String) -> (Double, String)? {
    let trimmed = text.filter { $0 != " " }
    let digits = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(String(digits)), number.isFinite, number >= 0 else { return nil }
    return (number, String(trimmed.dropFirst(digits.count)))
  }
}
