import MirrorTypes

/// A day of the calendar, without a time: what the Open API calls `date`.
package struct CalendarDate: Hashable, Sendable, CustomStringConvertible {
  /// The day as `2021-05-20`.
  package let text: String

  /// Reads `2021-05-20`; `nil` for anything else, and for a day that does not exist.
  package init?(_ text: String) {
    guard text.utf8.count == 10, UTCTime(text + "T00:00:00Z") != nil else { return nil }
    self.text = text
  }

  /// Its first moment in UTC.
  package var beginning: UTCTime? { UTCTime(text + "T00:00:00Z") }

  /// The day as `2021-05-20`.
  package var description: String { text }
}
