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

  /// A time in the form that HTTP prefers; `nil` for one that has none.
  static func text(of seconds: Int64) -> String? {
    var time = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&time, &parts) != nil, (0..<8100).contains(parts.tm_year), (0..<7).contains(parts.tm_wday),
      (0..<12).contains(parts.tm_mon)
    else { return nil }
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
    return "\(days[Int(parts.tm_wday)]), \(date) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }
}
