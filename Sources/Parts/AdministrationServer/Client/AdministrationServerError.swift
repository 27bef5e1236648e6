import Failures

/// Why a call to an Administration Server failed.
package enum AdministrationServerError: Error, Sendable {
  /// The server does not let this user in. `said`: what it says of it.
  case signInRefused(user: String, status: Int, said: String)
  /// The account needs two-step verification, which nobody was there to do.
  case secondFactorNeeded(user: String, SecondFactor, said: String)
  /// The server does not accept the one-time code.
  case codeRefused(user: String, said: String)
  /// The server closed the session again right after a second sign-in.
  case sessionLost(call: String, said: String)
  /// The server was busy for as long as we were willing to wait.
  case busy(call: String, waited: Duration)
  /// The server refused the call. `request`: what it has in its trace for it (`X-KSC-RequestId`).
  case refused(call: String, OpenAPIFault, request: String)
  /// The server answered with another status than the Open API has.
  case httpStatus(call: String, status: Int, said: String)
  /// What answered is not Open API: its answer is of this type.
  case notOpenAPI(call: String, contentType: String)
  /// The answer is not what the Open API has it to be.
  case malformed(call: String, ParamsError)
  /// No answer came. The error is the transport's.
  case unreachable(call: String, any Error)
  /// An action that had been begun failed on the server.
  case actionFailed(action: String, OpenAPIFault?)
  /// An action took longer than we were willing to wait.
  case actionTimedOut(action: String, waited: Duration)
  /// The server did not take a part of a file.
  case uploadRefused(status: Int, offset: Int64)
  /// The file that was to be sent is shorter than it was said to be, or could not be read.
  case uploadUnreadable(offset: Int64, (any Error)?)
  /// What was to be sent makes no sense.
  case invalidArgument(ParamsError)
  /// The task was cancelled.
  case cancelled

  /// What the server itself says, if it was the server that refused.
  package var fault: OpenAPIFault? {
    switch self {
    case .refused(_, let fault, _): fault
    case .actionFailed(_, let fault): fault
    default: nil
    }
  }
}

extension AdministrationServerError: CustomStringConvertible {
  /// What failed, why, and what to do next.
  package var description: String {
    let advice = advice
    return problem + (advice.isEmpty ? "" : "; " + advice)
  }

  private var problem: String {
    switch self {
    case .signInRefused(let user, let status, let said):
      "the Administration Server does not let \(user.shownSafely(limit: 80)) in (HTTP status \(status))"
        + Self.quoted(said)
    case .secondFactorNeeded(let user, let wanted, let said):
      Self.lacking(user.shownSafely(limit: 80), wanted) + Self.quoted(said)
    case .codeRefused(let user, let said):
      "the Administration Server does not accept the one-time code of \(user.shownSafely(limit: 80))"
        + Self.quoted(said)
    case .sessionLost(let call, let said):
      "\(call): the Administration Server closes the session after each sign-in" + Self.quoted(said)
    case .busy(let call, let waited): "\(call): the Administration Server has been busy for \(Self.seconds(waited))"
    case .refused(let call, let fault, let request): "\(call): \(fault) [request \(request)]"
    case .httpStatus(let call, let status, let said):
      "\(call): the server answered with HTTP status \(status)" + Self.quoted(said)
    case .notOpenAPI(let call, let type): "\(call): what answered is not Open API; it sends \(type)"
    case .malformed(let call, let error): "\(call): the answer makes no sense: \(error)"
    case .unreachable(let call, let error): "\(call): \(error)"
    case .actionFailed(let action, let fault?): "\(action) failed on the Administration Server: \(fault)"
    case .actionFailed(let action, nil): "\(action) failed on the Administration Server, which does not say why"
    case .actionTimedOut(let action, let waited): "\(action) was not finished after \(Self.seconds(waited))"
    case .uploadRefused(let status, let offset):
      "the server did not take the file from byte \(offset) on (HTTP status \(status))"
    case .uploadUnreadable(let offset, let error?): "the file could not be read from byte \(offset) on: \(error)"
    case .uploadUnreadable(let offset, nil): "the file ends at byte \(offset), before the end that was announced"
    case .invalidArgument(let error): error.description
    case .cancelled: "stopped"
    }
  }

  private var advice: String {
    switch self {
    case .signInRefused(_, _, let said): Self.advice(onRefusal: said)
    case .secondFactorNeeded(_, let wanted, _): Self.advice(on: wanted)
    case .codeRefused:
      "wait for the next code, look at this host's clock and the device's, and run the command again; accounts lock after "
        + "several wrong codes"
    case .sessionLost, .busy, .actionTimedOut:
      "try again later; if this does not change, look at the server's event log"
    case .notOpenAPI, .httpStatus(_, 404, _):
      "check address and port: the Open API listens on port 13299, unless it was moved"
    case .refused(_, let fault, _):
      switch fault.kind {
      case .accessDenied: "give the user the right for it"
      case .unknownCall: "this version of Kaspersky Security Center does not have it"
      case .unavailable: "try again later"
      case .signInFailed: "check the user's name and password"
      default: ""
      }
    default: ""
    }
  }

  private static func lacking(_ user: String, _ wanted: SecondFactor) -> String {
    switch wanted {
    case .code: "the account \(user) needs two-step verification on the Administration Server, and no code was given"
    case .registration:
      "the account \(user) has to be registered for two-step verification on the Administration Server before it may sign in"
    case .other(let type):
      "the account \(user) needs a second step to sign in to the Administration Server that kscmirror does not have"
        + quoted(type)
    }
  }

  /// By what the server says of a refusal: servers have other ways than the documented one to say that a password is not
  /// what is wrong.
  private static func advice(onRefusal said: String) -> String {
    let words = said.lowercased()
    func speaks(of words: [String], in text: String) -> Bool { words.contains { text.contains($0) } }
    let second = [
      "two-step", "two step", "two-factor", "two factor", "2fa", "mfa", "totp", "one-time", "second factor",
    ]
    if speaks(of: second, in: words) { return advice(on: .other("")) }
    if speaks(of: ["locked", "blocked"], in: words) {
      return
        "unlock the account on the Administration Server, or wait until it unlocks; before the next try, see that the "
        + "password is right"
    }
    return
      "check the user's name and password, and whether it is an internal user; it was tried once, since accounts lock "
      + "after several wrong passwords"
  }

  private static func advice(on wanted: SecondFactor) -> String {
    let exempt =
      "exempt the account from two-step verification on the Administration Server (for one that is used by cron, there is "
      + "no other way), or name an account that is exempt"
    return switch wanted {
    case .code: "\(exempt), or run the command at a terminal, where it asks for the code"
    case .registration:
      "\(exempt), or sign in with it once in the console of Kaspersky Security Center, which registers it"
    case .other: exempt
    }
  }

  private static func quoted(_ said: String) -> String { said.isEmpty ? "" : ": \(said.debugDescription)" }

  static func seconds(_ duration: Duration) -> String {
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    return seconds < 10 ? "\((seconds * 10).rounded() / 10) s" : "\(Int(seconds.rounded())) s"
  }
}

extension AdministrationServerError: Failure {
  package var status: ExitStatus {
    switch self {
    case .signInRefused, .secondFactorNeeded, .codeRefused, .sessionLost: .permission
    case .refused(_, let fault, _):
      switch fault.kind {
      case .accessDenied, .notPermitted, .signInFailed: .permission
      case .notFound, .unknownCall: .notOnServer
      case .unavailable, .limited: .serverError
      default: .badAnswer
      }
    case .busy, .actionTimedOut: .serverError
    case .httpStatus(_, let status, _): status >= 500 ? .serverError : .badAnswer
    case .notOpenAPI, .malformed, .uploadRefused, .actionFailed: .badAnswer
    case .unreachable(_, let cause): (cause as? any Failure)?.status ?? .noServer
    case .uploadUnreadable: .inputOutput
    case .invalidArgument: .usage
    case .cancelled: .partial
    }
  }

  package var message: String { message(at: "the Administration Server") }

  /// The failure in words that name the server's address.
  package func message(at address: String) -> String {
    if case .unreachable(let call, let cause as any Failure) = self { return "\(address): \(call): \(cause.message)" }
    return "\(address): \(self)"
  }

  package var remedy: String? {
    if case .unreachable(_, let cause as any Failure) = self { cause.remedy } else { nil }
  }
}
