import Glibc
import MirrorTypes

/// What a server asks for with `Retry-After` (RFC 9110, section 10.2.3).
enum RetryAfter {
  /// How long it asks to wait, of a number of seconds or a date; `nil` for what is neither.
  static func delay(_ text: String, now: UTCTime = UTCTime(seconds: Int64(Glibc.time(nil)))) -> Duration? {
    if let seconds = Int64(text) { return seconds >= 0 ? .seconds(min(seconds, 1 << 31)) : nil }
    return HTTPDate.time(text, now: now).map { .seconds(max(0, $0.seconds(since: now))) }
  }
}
