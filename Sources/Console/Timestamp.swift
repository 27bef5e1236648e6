import Glibc
import MirrorTypes

/// Points in time as people read them.
package enum Timestamp {
  /// The present.
  package static var now: UTCTime { UTCTime(seconds: Int64(time(nil))) }

  /// `2026-11-23 16:38`, in local time.
  package static func local(_ time: UTCTime) -> String {
    var seconds = time_t(time.seconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "\(seconds)" }
    return String(unsafeUninitializedCapacity: 64) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, "%Y-%m-%d %H:%M", &parts) }
    }
  }
}
