import Glibc

/// Points in time as people and scripts read them.
enum Timestamp {
  /// `2026-11-23T16:38:25Z`.
  static func utc(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%dT%H:%M:%SZ", gmtime_r) }

  /// `2026-11-23 16:38`, in local time.
  static func local(_ seconds: Int64) -> String { format(seconds, "%Y-%m-%d %H:%M", localtime_r) }

  private static func format(
    _ seconds: Int64,
    _ pattern: String,
    _ split: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
  ) -> String {
    var time = time_t(seconds)
    var parts = tm()
    guard split(&time, &parts) != nil else { return "\(seconds)" }
    return String(unsafeUninitializedCapacity: 64) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, pattern, &parts) }
    }
  }

  /// Now, in seconds since 1970.
  static var now: Int64 { Int64(time(nil)) }
}
