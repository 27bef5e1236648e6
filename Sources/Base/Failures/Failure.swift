/// An error that knows how a command ends that it ends: adopted beside each error that may reach the user.
package protocol Failure: Error {
  /// The exit status.
  var status: ExitStatus { get }
  /// What failed, on what and why.
  var message: String { get }
  /// Further lines that belong to the message, as those of a fingerprint.
  var details: [String] { get }
  /// What to do next, where there is something to do.
  var remedy: String? { get }
  /// The message with the file, server or folder that it is about, which only who has called knows.
  func message(at place: String) -> String
}

extension Failure {
  package var message: String { "\(self)" }
  package var details: [String] { [] }
  package var remedy: String? { nil }
  package func message(at place: String) -> String { "\(place): \(message)" }
}

/// What was thrown, as a failure: itself where it is one, an interruption where a task was cancelled, and else something
/// that nobody has foreseen, which is a defect of the program.
///
/// Errors that carry another one ask here for its status, message and remedy, and pass them on.
package func failure(_ error: any Error) -> any Failure {
  switch error {
  case let error as any Failure: error
  case is CancellationError: OtherFailure(status: .partial, message: "interrupted")
  default: OtherFailure(status: .software, message: "\(error)")
  }
}

private struct OtherFailure: Failure {
  let status: ExitStatus
  let message: String
}
