import MirrorTypes

/// Points in time as other programs write them.
enum ForeignTime {
  /// Reads `2026-06-12T10:00:00Z`, `2026-06-12 10:00:00`, `2026-06-12`, `12.06.2026`, or
  /// `Fri Jun 12 00:00:00 2026 UTC`; a zone other than UTC is not known to any of them. `nil` for anything else.
  static func read(_ text: String) -> UTCTime? {
    let text = text.trimmed
    guard (8...40).contains(text.utf8.count) else { return nil }
    return UTCTime(text) ?? parts(text) ?? words(text)
  }

  /// A date in numbers, with or without a time of day.
  private static func parts(_ text: String) -> UTCTime? {
    var rest = Substring(text)
    if rest.hasSuffix("UTC") { rest = rest.dropLast(3) }
    if rest.hasSuffix("Z") { rest = rest.dropLast() }
    let words = rest.split(whereSeparator: { $0 == " " || $0 == "T" || $0 == "," })
    guard let date = words.first, words.count <= 2 else { return nil }
    let isGerman = date.contains(".")
    let numbers = date.split(separator: isGerman ? "." : "-", omittingEmptySubsequences: false)
    guard numbers.count == 3, let first = UTCTime.number(numbers[0].utf8), let month = UTCTime.number(numbers[1].utf8),
      let last = UTCTime.number(numbers[2].utf8)
    else { return nil }
    guard let time = words.count == 2 ? timeOfDay(words[1]) : (0, 0, 0) else { return nil }
    let (year, day) = isGerman ? (last, first) : (first, last)
    guard year >= 1970 else { return nil }
    return UTCTime(year: year, month: month, day: day, hour: time.0, minute: time.1, second: time.2)
  }

  /// What C's `asctime` writes.
  private static func words(_ text: String) -> UTCTime? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var words = text.split(separator: " ")
    if words.last == "UTC" || words.last == "GMT" { words.removeLast() }
    guard words.count == 5, let month = months.firstIndex(of: String(words[1])),
      let day = UTCTime.number(words[2].utf8), let time = timeOfDay(words[3]), let year = UTCTime.number(words[4].utf8),
      year >= 1970
    else { return nil }
    return UTCTime(year: year, month: month + 1, day: day, hour: time.0, minute: time.1, second: time.2)
  }

  private static func timeOfDay(_ text: Substring) -> (Int, Int, Int)? {
    // Fractions of a second are of no use here.
    let whole = text.split(separator: ".", omittingEmptySubsequences: false).first ?? text
    let numbers = whole.split(separator: ":", omittingEmptySubsequences: false).map { UTCTime.number($0.utf8) }
    guard (2...3).contains(numbers.count), let hour = numbers[0], let minute = numbers[1] else { return nil }
    guard numbers.count == 3 else { return (hour, minute, 0) }
    return numbers[2].map { (hour, minute, $0) }
  }
}

extension String {
  /// Without the blanks at both ends.
  var trimmed: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
