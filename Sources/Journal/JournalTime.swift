import Glibc

/// Points in time as the journal writes them: `2026-11-23T21:40:00Z`.
enum JournalTime {
  /// The seconds since 1970 that this form has room for: to the end of the year 9999.
  static let range: ClosedRange<Int64> = 0...253_402_300_799

  /// The form; a time out of range becomes the nearest in it.
  static func text(_ seconds: Int64) -> String {
    var time = time_t(min(max(seconds, range.lowerBound), range.upperBound))
    var parts = tm()
    gmtime_r(&time, &parts)
    return String(unsafeUninitializedCapacity: 32) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%Y-%m-%dT%H:%M:%SZ", &parts) }
    }
  }

  /// The seconds since 1970; `nil` for what ``text(_:)`` would not have written.
  static func seconds(_ text: String) -> Int64? {
    let fields = text.split(omittingEmptySubsequences: false) { "-T:Z".contains($0) }.map { Int32($0) ?? -1 }
    guard fields.count == 7, fields[0] >= 1970 else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (fields[0] - 1900, fields[1] - 1, fields[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (fields[3], fields[4], fields[5])
    let seconds = Int64(timegm(&parts))
    // Tells signs, other widths and days like 30 February, which timegm takes for 2 March.
    return self.text(seconds) == text ? seconds : nil
  }
}
