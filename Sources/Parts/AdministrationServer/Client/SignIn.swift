import Foundation

/// How a client says who it is.
package enum SignIn: Sendable {
  /// A user and a password. An `isInternal` user is one of the Administration Server's own; others are the operating
  /// system's or the domain's.
  case password(user: String, password: Secret, domain: String = "", isInternal: Bool = true)
  /// A token of `Session.CreateToken`: it is good for one sign-in, for three minutes.
  case token(Secret)
  /// A token of the web console.
  case webToken(Secret)

  /// Who it is, for messages.
  var name: String {
    switch self {
    case .password(let user, _, let domain, _): (domain.isEmpty ? "" : domain + "\\") + user
    case .token: "the holder of a token"
    case .webToken: "the holder of a web token"
    }
  }

  /// The value of the header `Authorization`.
  ///
  /// - Throws: ``ParamsError`` for what cannot be part of a header.
  func authorization() throws(ParamsError) -> String {
    switch self {
    case .password(let user, let password, let domain, let isInternal):
      // The domain is the only part that goes as it is.
      guard domain.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") }) else {
        throw ParamsError("has characters that no domain has", at: "domain")
      }
      let user = Data(user.utf8).base64EncodedString()
      let word = password.withBytes { Data($0).base64EncodedString() }
      return "KSCBasic user=\"\(user)\", pass=\"\(word)\", domain=\"\(domain)\", internal=\"\(isInternal ? 1 : 0)\""
    case .token(let token): return "KSCT " + (try Self.text(token))
    case .webToken(let token): return "KSCWT " + (try Self.text(token))
    }
  }

  private static func text(_ token: Secret) throws(ParamsError) -> String {
    guard let text = token.exposedText, !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ParamsError("is empty, or has characters that no token has", at: "token")
    }
    return text
  }
}
