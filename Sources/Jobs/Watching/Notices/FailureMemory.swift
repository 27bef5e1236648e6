import MirrorTypes
import StrictJSON

/// What is remembered of a command that fails: so that it is reported once, and once when it works again.
package struct FailureMemory: Sendable, Hashable {
  /// When the first of the runs ended that failed one after the other.
  package let since: UTCTime
  /// How many they are.
  package let failures: Int
  /// Whether it was reported.
  package let isReported: Bool

  /// A memory.
  package init(since: UTCTime, failures: Int, isReported: Bool) {
    self.since = since
    self.failures = failures
    self.isReported = isReported
  }

  /// How a run ended.
  package enum Ending: Sendable, Hashable {
    /// It did what it should.
    case succeeded
    /// It did not.
    case failed
    /// It says nothing about that: another run was still at work, or the command line was wrong.
    case silent
  }

  /// What is to be reported.
  package enum Report: Sendable, Hashable {
    /// It fails, with all that has failed so far.
    case failing(since: UTCTime, failures: Int)
    /// It works again.
    case recovered(since: UTCTime, failures: Int)
  }

  /// What follows from a run's end.
  ///
  /// - Parameters:
  ///   - memory: what is remembered; `nil` when all was well.
  ///   - ending: how the run ended.
  ///   - now: when.
  ///   - after: how many runs have to fail one after the other before that is reported.
  /// - Returns: what is to be reported, if anything; what is to be remembered if that was delivered, and if it was not.
  package static func following(
    _ memory: FailureMemory?,
    _ ending: Ending,
    now: UTCTime,
    after: Int
  ) -> (report: Report?, delivered: FailureMemory?, undelivered: FailureMemory?) {
    switch ending {
    case .silent: return (nil, memory, memory)
    case .succeeded:
      guard let memory, memory.isReported else { return (nil, nil, nil) }
      // What was not delivered is tried again after the next success.
      return (.recovered(since: memory.since, failures: memory.failures), nil, memory)
    case .failed:
      let since = memory?.since ?? now
      let failures = min(memory?.failures ?? 0, 1 << 30) + 1
      if memory?.isReported == true || failures < after {
        let next = FailureMemory(since: since, failures: failures, isReported: memory?.isReported ?? false)
        return (nil, next, next)
      }
      return (
        .failing(since: since, failures: failures),
        FailureMemory(since: since, failures: failures, isReported: true),
        FailureMemory(since: since, failures: failures, isReported: false)
      )
    }
  }
}

extension FailureMemory {
  /// It as it is kept.
  var object: JSONObject {
    ["since": .integer(since.seconds), "failures": .integer(Int64(failures)), "reported": .bool(isReported)]
  }

  /// Reads what ``object`` wrote; `nil` for anything else.
  init?(_ object: JSONObject) {
    guard let since = object["since"]?.integer.flatMap({ UTCTime(written: $0) }),
      let failures = object["failures"]?.integer,
      let isReported = object["reported"]?.bool, (0...(1 << 31)).contains(failures)
    else { return nil }
    self.init(since: since, failures: Int(failures), isReported: isReported)
  }
}
