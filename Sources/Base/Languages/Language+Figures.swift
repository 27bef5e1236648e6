import MirrorTypes

extension Language {
  /// A whole number with its thousands apart, as the language has it: `75,682`, `75.682`, `75 682`.
  package func number(_ number: some BinaryInteger) -> String {
    switch self {
    case .english: Words.count(number)
    // A number of four digits is not parted in Spanish.
    case .spanish: number.magnitude < 10_000 ? String(number) : Words.count(number).replacing(",", with: ".")
    case .russian: Words.count(number).replacing(",", with: Self.hardBlank)
    }
  }

  /// A count of bytes to the last one, whose digits can be compared: `1048576 bytes`.
  package func exactBytes(_ count: some BinaryInteger) -> String {
    Counted.bytes.texts.form(self, for: count).replacing("{n}", with: String(count))
  }

  /// A count of bytes with three figures and a binary unit: `4.09 GiB`, `4,09 ГиБ`.
  package func bytes(_ count: Int64) -> String {
    let shown = Words.bytes(count)
    guard self != .english else { return shown }
    let withComma = shown.replacing(".", with: ",")
    guard self == .russian else { return withComma }
    return ["KiB": "КиБ", "MiB": "МиБ", "GiB": "ГиБ", "TiB": "ТиБ", " B": " Б"].reduce(withComma) { text, unit in
      text.replacing(unit.key, with: unit.value)
    }
  }

  /// A length of time in a word or two: `12 min`, `3 days`; what is negative is nothing.
  package func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: text(.secondsShort, number(max(0, seconds)))
    case ..<3600: text(.minutesShort, number(seconds / 60))
    case ..<172_800: text(.hoursShort, number(seconds / 3600))
    default: count(seconds / 86_400, .days)
    }
  }

  /// How long ago a point in time was: `5 minutes ago`, `hace 5 minutos`.
  package func ago(_ time: UTCTime, now: UTCTime) -> String {
    let passed = now.seconds(since: time)
    return switch passed {
    case ..<0: text(.inTheFuture)
    case ..<60: text(.justNow)
    case ..<3600: count(passed / 60, .minutesAgo)
    case ..<172_800: count(passed / 3600, .hoursAgo)
    default: count(passed / 86_400, .daysAgo)
    }
  }

  /// The day of a point in time: `2026-11-23`, `23/11/2026`, `23.11.2026`.
  package func day(_ time: UTCTime) -> String {
    let digits = time.text.prefix(10).split(separator: "-").map(String.init)
    guard digits.count == 3 else { return String(time.text.prefix(10)) }
    return switch self {
    case .english: digits.joined(separator: "-")
    case .spanish: digits.reversed().joined(separator: "/")
    case .russian: digits.reversed().joined(separator: ".")
    }
  }

  /// The minute of a point in time: `2026-11-23 21:40 UTC`.
  package func time(_ time: UTCTime) -> String { "\(day(time)) \(time.text.dropFirst(11).prefix(5)) UTC" }

  /// A point in time to the second: `2026-11-23T21:40:00Z`, `23/11/2026 21:40:00 UTC`.
  package func moment(_ time: UTCTime) -> String {
    self == .english ? time.text : "\(day(time)) \(time.text.dropFirst(11).prefix(8)) UTC"
  }

  /// A blank at which no line is broken.
  private static let hardBlank = "\u{A0}"
}
