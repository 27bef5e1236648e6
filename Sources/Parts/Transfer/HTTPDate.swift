import CLibcurl
import Glibc
import MirrorTypes

/// Dates and delays in headers.
enum HTTPDate {
  /// A date in any form that HTTP allows; `nil` if it is none.
  static func time(of text: String) -> UTCTime? {
    let seconds = curl_getdate(text, nil)
    return seconds >= 0 ? UTCTime(seconds: Int64(seconds)) : nil
  }

  /// What `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3).
  static func delay(of text: String) -> Duration? {
    if let seconds = Int64(text) { return seconds >= 0 ? .seconds(min(seconds, 1 << 31)) : nil }
    guard let date = time(of: text) else { return nil }
    return .seconds(max(0, date.seconds(since: UTCTime(seconds: Int64(Glibc.time(nil))))))
  }

  /// A time in the form that HTTP prefers; `nil` for one that has none.
  static func text(of moment: UTCTime) -> String? {
    var time = time_t(moment.seconds)
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
