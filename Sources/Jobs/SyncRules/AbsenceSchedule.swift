import Catalogue
import JobCore
import MirrorTypes

/// When a name that was absent is asked for again: after an hour, then after twice as long each time, up to four days.
///
/// A change to the index that names it is a reason of its own, and so is `--recheck`.
package enum AbsenceSchedule {
  /// The first pause, in seconds.
  static let first: Int64 = 3600
  /// The longest pause, in seconds.
  static let longest: Int64 = 4 * 86_400

  /// How many seconds pass after so many asks in vain.
  package static func pause(after asks: Int) -> Int64 {
    // Seven doublings are more than the longest pause.
    min(longest, first << Int64(min(max(asks - 1, 0), 7)))
  }

  /// Whether it is time to ask again. What nobody asked for yet is due, and a clock that was set back is no reason to
  /// wait for it.
  ///
  /// - Parameters:
  ///   - asks: how often in a row it was asked for in vain.
  ///   - last: when it was asked for last.
  ///   - now: the time.
  package static func isDue(asks: Int, last: UTCTime, now: UTCTime) -> Bool {
    guard asks > 0, now >= last else { return true }
    return now.seconds(since: last) >= pause(after: asks)
  }
}

extension KnownFile {
  /// A file that the servers do not have, though an index names it.
  ///
  /// - Parameters:
  ///   - fingerprint: what the index says of it.
  ///   - before: what was known of its absence.
  ///   - refusal: the HTTP status with which it was refused.
  ///   - time: when that was.
  package static func absent(fingerprint: UInt64, after before: Absence?, refusal: Int?, at time: UTCTime) -> KnownFile
  {
    KnownFile(
      object: nil,
      size: 0,
      fingerprint: fingerprint,
      isAbsent: true,
      absence: Absence(after: before, refusal: refusal),
      fetched: time
    )
  }

  /// Whether it was absent, and it is time to ask for it again.
  package func isDue(at now: UTCTime) -> Bool {
    isAbsent && AbsenceSchedule.isDue(asks: absence?.asks ?? 0, last: absence == nil ? .epoch : fetched, now: now)
  }
}

extension Absence {
  /// One more ask in vain.
  package init(after before: Absence?, refusal: Int?) {
    self.init(
      asks: min((before?.asks ?? 0) + 1, 1000),
      refusal: refusal,
      isReported: before?.isReported ?? false
    )
  }
}
