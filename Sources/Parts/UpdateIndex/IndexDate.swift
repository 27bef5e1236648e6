import MirrorTypes

/// A date as indexes write it: `DDMMYYYY HHMM`, UTC (FORMAT.md, section 2).
package struct IndexDate: Hashable, Comparable, Sendable {
  /// The point in time.
  package let time: UTCTime

  /// Reads a date; `nil` for anything else.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 13, bytes[8] == UInt8(ascii: " "),
      let day = UTCTime.number(bytes[0..<2]), let month = UTCTime.number(bytes[2..<4]),
      let year = UTCTime.number(bytes[4..<8]), let hour = UTCTime.number(bytes[9..<11]),
      let minute = UTCTime.number(bytes[11..<13]),
      let time = UTCTime(year: year, month: month, day: day, hour: hour, minute: minute)
    else { return nil }
    self.time = time
  }

  /// The order of time.
  package static func < (left: Self, right: Self) -> Bool { left.time < right.time }
}
