import MirrorTypes

/// Points in time as the journal writes them: `2026-11-23T21:40:00Z`.
enum JournalTime {
  /// The seconds since 1970 that this form has room for: to the end of the year 9999.
  static let range: ClosedRange<Int64> = 0...253_402_300_799

  /// The form; a time out of range becomes the nearest in it.
  static func text(_ seconds: Int64) -> String {
    UTCTime(seconds: min(max(seconds, range.lowerBound), range.upperBound)).text
  }

  /// The seconds since 1970; `nil` for what ``text(_:)`` would not have written.
  static func seconds(_ text: String) -> Int64? {
    guard let seconds = UTCTime(text)?.seconds, range.contains(seconds) else { return nil }
    return seconds
  }
}
