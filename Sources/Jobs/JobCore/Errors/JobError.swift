import Failures

/// Why a job could not do its work: in words that say what failed, on what, why and what to do next; and the exit
/// status that goes with it.
package struct JobError: Failure, Hashable, Sendable, CustomStringConvertible {
  /// The exit status.
  package let status: ExitStatus
  /// The failure in words.
  package let message: String
  /// Further lines that belong to the message, as those of a fingerprint.
  package let details: [String]
  /// What to do next, where there is something to do.
  package let remedy: String?

  /// A failure.
  package init(_ status: ExitStatus, _ message: String, details: [String] = [], remedy: String? = nil) {
    self.status = status
    self.message = message
    self.details = details
    self.remedy = remedy
  }

  /// Whatever was thrown.
  package init(_ error: any Error) {
    let failure = failure(error)
    self.init(failure.status, failure.message, details: failure.details, remedy: failure.remedy)
  }

  /// A failure with the place that it is about: a file, a folder, a server.
  package init(_ error: some Failure, at place: String) {
    self.init(error.status, error.message(at: place), details: error.details, remedy: error.remedy)
  }

  /// The failure and the remedy, in one line.
  package var description: String {
    let whole = ([message] + details).joined(separator: " ")
    return remedy.map { "\(whole)\(whole.hasSuffix(".") ? "" : ".") \($0)" } ?? whole
  }
}
