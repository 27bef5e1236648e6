import Glibc
import MirrorTypes

/// Points in time as people read them.
package enum Timestamp {
  /// The present.
  package static var now: UTCTime { UTCTime(seconds: Int64(time(nil))) }

  /// `2026-11-23 16:38 CET`: local time with its zone.
  package static func local(_ time: UTCTime) -> String { written(time, "%Y-%m-%d %H:%M %Z") }

  /// `2026-11-23 16:38:09 CET`: the same to the second.
  package static func exact(_ time: UTCTime) -> String { written(time, "%Y-%m-%d %H:%M:%S %Z") }

  /// `2026-11-23`: the day, by local time.
  package static func day(_ time: UTCTime) -> String { written(time, "%Y-%m-%d") }

  private static func written(_ time: UTCTime, _ form: String) -> String {
    var seconds = time_t(time.seconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "\(seconds)" }
    return String(unsafeUninitializedCapacity: 64) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, $0.count, form, &parts) }
    }
  }
}
