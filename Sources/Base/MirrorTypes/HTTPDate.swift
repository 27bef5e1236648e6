/// Dates as HTTP writes them (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The preferred form of a point in time.
  package static func text(_ time: UTCTime) -> String {
    let parts = parts(time)
    return written(parts, weekday: weekdays[parts.weekday], between: " ", before: " ", zone: " GMT")
  }

  /// The form that access logs have: `10/Oct/2000:13:55:36 +0000`.
  package static func logText(_ time: UTCTime) -> String {
    written(parts(time), between: "/", before: ":", zone: " +0000")
  }

  /// From 1970 to 9999, so that the year has four digits.
  private static func parts(_ time: UTCTime) -> UTCTime.Parts {
    time.writable.parts
  }

  /// Writes a date byte by byte: each answer has two or three, and putting them together from texts costs more.
  ///
  /// - Parameters:
  ///   - weekday: comes first, if there is one.
  ///   - mark: stands between day, month and year.
  ///   - opening: stands before the time of day.
  ///   - zone: comes last.
  private static func written(
    _ parts: UTCTime.Parts,
    weekday: String? = nil,
    between mark: String,
    before opening: String,
    zone: String
  ) -> String {
    String(unsafeUninitializedCapacity: 32) { bytes in
      var count = 0
      func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
      }
      func put(_ text: String) { for byte in text.utf8 { put(byte) } }
      // The last two digits of a number.
      func put(_ number: Int) {
        put(UInt8(ascii: "0") + UInt8(number / 10 % 10))
        put(UInt8(ascii: "0") + UInt8(number % 10))
      }
      if let weekday {
        put(weekday)
        put(", ")
      }
      put(parts.day)
      put(mark)
      put(months[parts.month - 1])
      put(mark)
      put(parts.year / 100)
      put(parts.year)
      put(opening)
      put(parts.hour)
      put(":")
      put(parts.minute)
      put(":")
      put(parts.second)
      put(zone)
      return count
    }
  }

  /// Reads any of the three forms that HTTP knows; `nil` for anything else.
  ///
  /// - Parameter now: tells which century a year of two digits is of; `nil`: 70 to 99 are of the last one, as POSIX has it.
  package static func time(_ text: String, now: UTCTime? = nil) -> UTCTime? {
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    switch words.count {
    case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
      guard weekdays.contains(String(words[0].dropLast())), words[1].utf8.count == 2, words[3].utf8.count == 4,
        let year = number(words[3])
      else { return nil }
      return time(year, words[2], words[1], words[4])
    case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
      let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
      guard date.count == 3, date[2].utf8.count == 2, let year = number(date[2]) else { return nil }
      return time(fullYear(year, now: now), date[1], date[0], words[2])
    case 5:
      guard weekdays.contains(String(words[0])), words[4].utf8.count == 4, let year = number(words[4])
      else { return nil }
      return time(year, words[1], words[2], words[3])
    default: return nil
    }
  }

  private static func time(_ year: Int, _ month: Substring, _ day: Substring, _ timeOfDay: Substring) -> UTCTime? {
    let clock = timeOfDay.split(separator: ":", omittingEmptySubsequences: false)
    guard let position = months.firstIndex(of: String(month)), let day = number(day), clock.count == 3,
      clock.allSatisfy({ $0.utf8.count == 2 }), let hour = number(clock[0]), let minute = number(clock[1]),
      let second = number(clock[2])
    else { return nil }
    // A leap second counts as the one before it.
    return UTCTime(year: year, month: position + 1, day: day, hour: hour, minute: minute, second: min(second, 59))
  }

  /// A year of two digits that seems more than 50 years ahead is the last one in the past with these digits.
  private static func fullYear(_ year: Int, now: UTCTime?) -> Int {
    guard let present = now?.parts.year else { return year < 70 ? 2000 + year : 1900 + year }
    let candidate = present / 100 * 100 + year
    return candidate > present + 50 ? candidate - 100 : candidate
  }

  private static func number(_ text: some StringProtocol) -> Int? { UTCTime.number(Array(text.utf8)) }
}
