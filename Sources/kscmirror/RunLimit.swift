import Console
import Dispatch
import Failures
import Glibc
import JobCore
import MirrorTypes

/// Ends this process after a time, whatever it hangs in: what runs from cron must not keep the next runs out for ever.
///
/// That is safe as a kill is, at any instruction: the next run repairs what is unfinished, and goes on with it.
enum RunLimit {
  /// Starts the clock.
  ///
  /// - Parameters:
  ///   - command: the command, for the message.
  ///   - seconds: how long it may take; 0: for ever.
  ///   - json: whether the message is JSON.
  static func start(_ command: String, seconds: Int64, json: Bool) {
    guard seconds > 0 else { return }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(clamping: seconds))) {
      let failure = JobError(
        .cutShort,
        "the run took longer than \(Words.count(Int(clamping: seconds), "second")), and was ended",
        remedy:
          "The next run continues where it stopped. Look at the network and the disk; 'time_limit' in [sync] is the time."
      )
      let status = fail(command, failure, json: json ? JSONReporter(command: command, quiet: false) : nil)
      _exit(status.rawValue)
    }
  }
}
