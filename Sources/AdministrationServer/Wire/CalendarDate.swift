import MirrorTypes

/// A day of the calendar, without a time: what the Open API calls `date`.
public struct CalendarDate: Hashable, Sendable, CustomStringConvertible {
  /// The day as `2021-05-20`.
  public let text: String

  /// Reads `2021-05-20`; `nil` for anything else, and for a day that does not exist.
  public init?(_ text: String) {
    guard text.utf8.count == 10, UTCTime(text + "T00:00:00Z") != nil else { return nil }
    self.text = text
  }

  /// Its first moment in UTC.
  public var beginning: UTCTime? { UTCTime(text + "T00:00:00Z") }

  /// The day as `2021-05-20`.
  public var description: String { text }
}
