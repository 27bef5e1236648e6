import Curl

/// How the proxy is signed in to: by what, and whether that has worked.
///
/// Until it has worked once, one transfer goes alone: a wrong password must not be sent as often as there are files, or a
/// domain locks the account. A proxy that offers several ways may do so though not all of them work here, so that each is
/// tried, once.
struct ProxyDoor {
  /// By what the next attempt signs in.
  private(set) var schemes: ProxySchemes
  /// Whether it has let something through, or asks nobody who he is.
  private(set) var isOpen: Bool
  /// Why nothing more is tried.
  private(set) var refusal: TransferError?

  init(_ options: ConnectionOptions) {
    schemes = options.proxySchemes
    isOpen = !options.hasProxyCredentials
  }

  /// Takes what an attempt came to.
  ///
  /// - Returns: whether it is worth another attempt, by other means.
  mutating func took(_ outcome: AttemptReport.Outcome, as error: TransferError?) -> Bool {
    guard case .failed(let reason, _) = outcome else {
      isOpen = true
      return false
    }
    switch reason {
    case .proxy(.notSignedIn(let signIn)):
      guard !signIn.left.isEmpty else {
        refusal = signIn.hasCredentials ? error : nil
        return false
      }
      schemes = signIn.left
      return true
    case .proxy, .cannotResolve, .cannotConnect, .timedOut, .cancelled, .system, .sink: return false
    default:
      isOpen = true
      return false
    }
  }
}
