import Glibc

/// Points in time as people read them.
package enum Timestamp {
  /// Seconds since 1970.
  package static var now: Int64 { Int64(time(nil)) }

  /// `2026-11-23 16:38`, in local time.
  package static func local(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil else { return "\(seconds)" }
    return String(unsafeUninitializedCapacity: 64) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%Y-%m-%d %H:%M", &parts) }
    }
  }
}
