import Curl
import Glibc
import Synchronization

/// Keeps all event loops of a client together below the limit that is in force.
///
/// It is a bucket that fills at the limit's rate and may go below empty: a loop charges what it has just read, and
/// while the bucket is below empty no loop reads. Nothing is read ahead of the limit, so that TCP itself slows the
/// servers down, and the sum is right however many transfers and connections share it.
final class BandwidthLimiter: Sendable {
  private struct Bucket {
    var rate: Int64?
    var level = 0.0
    var filled: Moment
    var rateChecked: Moment
  }

  private let rules: [BandwidthRule]
  private let bucket: Mutex<Bucket>

  /// `nil` when there is nothing to limit at any time.
  init?(_ rules: [BandwidthRule]) {
    guard rules.contains(where: { $0.bytesPerSecond != nil }) else { return nil }
    self.rules = rules
    let now = Moment.now
    bucket = Mutex(Bucket(rate: Self.rate(by: rules), filled: now, rateChecked: now))
  }

  /// Charges bytes that were read.
  func charge(_ bytes: Int64) {
    bucket.withLock { bucket in
      if bucket.rate != nil { bucket.level -= Double(bytes) }
    }
  }

  /// How long nothing may be read; `nil` when it may.
  func wait(now: Moment) -> Duration? {
    bucket.withLock { bucket in
      if now - bucket.rateChecked >= .seconds(5) {
        bucket.rateChecked = now
        let rate = Self.rate(by: rules)
        if rate != bucket.rate {
          bucket.rate = rate
          bucket.level = 0
        }
      }
      guard let rate = bucket.rate.map(Double.init) else { return nil }
      // A twentieth of a second may be saved up, no more: a pause must not be followed by a burst.
      bucket.level = min(bucket.level + rate * (now - bucket.filled).inSeconds, rate / 20)
      bucket.filled = now
      return bucket.level >= 0 ? nil : .seconds(-bucket.level / rate)
    }
  }

  static let mostBytesAtOnce = 512 * 1024

  /// How many bytes are to be read at once, so that one connection does not run far ahead of the limit: where there
  /// are more, libcurl reads a hundred times before it comes back to us, which is a tenth of a second's bytes.
  var bytesAtOnce: Int {
    let rate = bucket.withLock { $0.rate } ?? .max
    return Int(clamping: min(max(rate / 1000, 1024), Int64(Self.mostBytesAtOnce)))
  }

  /// How long bytes that have come may lie unread, behind all that the buffers of so many connections hold; `nil` while
  /// nothing is limited.
  func timeUnread(connections: Int) -> Duration? {
    // As much as Linux lets one socket buffer hold.
    let buffered = Double(connections * (6 << 20))
    return bucket.withLock { $0.rate }.map { .seconds(buffered / Double($0)) }
  }

  private static func rate(by rules: [BandwidthRule]) -> Int64? {
    var seconds = time(nil)
    var local = tm()
    localtime_r(&seconds, &local)
    let minute = Int(local.tm_hour) * 60 + Int(local.tm_min)
    return rules.first { $0.applies(atMinute: minute) }?.bytesPerSecond
  }
}
