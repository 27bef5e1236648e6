/// A point in time in UTC, to the second, by the Gregorian calendar.
///
/// Durations are no points in time: they are seconds, and what is computed with them stays in the range of the type,
/// whatever somebody has written into a file.
package struct UTCTime: Hashable, Comparable, Sendable {
  /// Seconds since 1970.
  package let seconds: Int64

  /// A point in time in seconds since 1970.
  package init(seconds: Int64) { self.seconds = seconds }

  /// The beginning of 1970.
  package static let epoch = UTCTime(seconds: 0)
  /// The last second of the year 9999, which is the last that ``text`` writes in its form.
  package static let last = UTCTime(seconds: 253_402_300_799)

  /// A point in time that somebody else has written as seconds since 1970; `nil` for one before 1970 or after 9999.
  package init?(written seconds: Int64) {
    guard (Self.epoch.seconds...Self.last.seconds).contains(seconds) else { return nil }
    self.seconds = seconds
  }

  /// The order of time.
  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

  /// How many seconds have passed since another point in time: less than none if that comes later.
  package func seconds(since other: UTCTime) -> Int64 {
    let (passed, overflow) = seconds.subtractingReportingOverflow(other.seconds)
    return overflow ? (seconds < other.seconds ? .min : .max) : passed
  }

  /// The point in time so many seconds later, or earlier; the farthest that there is instead of one beyond it.
  package func adding(seconds passed: Int64) -> UTCTime {
    let (sum, overflow) = seconds.addingReportingOverflow(passed)
    return UTCTime(seconds: overflow ? (passed < 0 ? .min : .max) : sum)
  }

  /// The nearest point in time from 1970 to 9999: what forms with four digits for the year have room for.
  package var writable: UTCTime { min(max(self, .epoch), .last) }

  /// A point in time by its parts; `nil` when there is no such day or time.
  package init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int = 0) {
    guard (0...9999).contains(year), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
      (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
    else { return nil }
    seconds = Int64(Self.days(year, month, day)) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }

  /// Reads `2026-11-23T21:40:00Z`; `nil` for anything else.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")]
    guard bytes.count == 20, marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }),
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]), let day = Self.number(bytes[8..<10]),
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
      let second = Self.number(bytes[17..<19])
    else { return nil }
    self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// A point in time by the calendar.
  package struct Parts: Hashable, Sendable {
    /// The year, month (from 1) and day of the month (from 1).
    package let year, month, day: Int
    /// The time of day.
    package let hour, minute, second: Int
    /// The day of the week, 0 for Sunday.
    package let weekday: Int
  }

  /// This point in time by the calendar.
  package var parts: Parts {
    // The remainder of a number below zero is below zero too.
    let (whole, over) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let day = over < 0 ? whole - 1 : whole
    let rest = Int(over < 0 ? over + 86_400 : over)
    let (year, month, dayOfMonth) = Self.date(Int(day))
    return Parts(
      year: year,
      month: month,
      day: dayOfMonth,
      hour: rest / 3600,
      minute: rest / 60 % 60,
      second: rest % 60,
      // 1 January 1970 was a Thursday.
      weekday: Int(((day + 4) % 7 + 7) % 7)
    )
  }

  /// `2026-11-23T21:40:00Z`.
  package var text: String {
    let parts = parts
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))T"
      + "\(padded(parts.hour, 2)):\(padded(parts.minute, 2)):\(padded(parts.second, 2))Z"
  }

  /// The number that decimal digits stand for; `nil` for anything else.
  package static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970; years begin in March, so that the leap day comes last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let position = (5 * dayOfYear + 2) / 153
    let month = position < 10 ? position + 3 : position - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * position + 2) / 5 + 1)
  }
}

extension UTCTime: CustomStringConvertible {
  package var description: String { text }
}

/// In JSON it is a number, of seconds since 1970.
extension UTCTime: Codable {
  package init(from decoder: any Decoder) throws { seconds = try decoder.singleValueContainer().decode(Int64.self) }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(seconds)
  }
}
