import CLibcurl
import Glibc

/// Dates and delays in headers.
enum HTTPDate {
  /// Seconds since 1970 of a date in any form that HTTP allows; `nil` if it is none.
  static func seconds(of text: String) -> Int64? {
    let seconds = curl_getdate(text, nil)
    return seconds >= 0 ? Int64(seconds) : nil
  }

  /// What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
  static func delay(of text: String) -> Duration? {
    if let seconds = Int64(text) { return seconds >= 0 ? .seconds(min(seconds, 1 << 31)) : nil }
    guard let date = seconds(of: text) else { return nil }
    return .seconds(max(0, date - Int64(time(nil))))
  }
}
