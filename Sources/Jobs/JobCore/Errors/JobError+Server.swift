import AdministrationServer
import SiteDocuments
import Transfer

extension JobError {
  /// A call to the Administration Server that failed.
  package init(server error: AdministrationServerError, at address: String) {
    if case .unreachable(let call, let cause as TransferError) = error {
      let failure = JobError(transfer: cause)
      self.init(failure.status, "\(address): \(call): \(failure.message)", remedy: failure.remedy)
    } else {
      self.init(Self.status(of: error), "\(address): \(error)")
    }
  }

  private static func status(of error: AdministrationServerError) -> ExitStatus {
    switch error {
    case .signInRefused, .sessionLost: .permission
    case .refused(_, let fault, _):
      switch fault.kind {
      case .accessDenied, .notPermitted, .signInFailed: .permission
      case .notFound, .unknownCall: .notOnServer
      case .unavailable, .limited: .serverError
      default: .badAnswer
      }
    case .busy, .actionTimedOut: .serverError
    case .status(_, let status, _): status >= 500 ? .serverError : .badAnswer
    case .notOpenAPI, .malformed, .uploadRefused, .actionFailed: .badAnswer
    case .unreachable: .noServer
    case .uploadUnreadable: .inputOutput
    case .invalidArgument: .usage
    case .cancelled: .partial
    }
  }

  /// A document or folder that cannot be read.
  init(exchange error: ExchangeError) {
    switch error {
    case .file(_, _, let reason):
      self.init(reason == .noSuchFileOrDirectory ? .notThere : .inputOutput, error.description)
    case .document: self.init(.wrongContent, error.description)
    }
  }
}
