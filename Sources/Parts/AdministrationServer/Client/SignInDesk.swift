import Synchronization

/// Where all sessions of one user sign in: one after the other, and none any more once the server has refused the user.
///
/// Administration Servers lock an account after a few wrong passwords or codes. Whatever signs in goes through here, so
/// that one command is one try, however many sessions it works with.
final class SignInDesk: Sendable {
  private let gate = CallGate()
  private let refusal = Mutex<AdministrationServerError?>(nil)

  /// Waits for its turn. Whoever got in calls ``leave()`` once.
  ///
  /// - Throws: the refusal that another sign-in of this user has met; ``AdministrationServerError/cancelled``.
  func enter() async throws(AdministrationServerError) {
    guard await gate.enter() else { throw .cancelled }
    guard let refusal = refusal.withLock({ $0 }) else { return }
    gate.leave()
    throw refusal
  }

  /// Gives the turn to the next.
  func leave() { gate.leave() }

  /// Keeps a refusal; any other error says nothing of the user.
  func note(_ error: AdministrationServerError) {
    switch error {
    case .signInRefused, .secondFactorNeeded, .codeRefused: refusal.withLock { $0 = error }
    default: break
    }
  }
}
