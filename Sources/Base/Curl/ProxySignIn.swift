/// What a proxy that asks for a user name and password has offered, and what was tried.
package struct ProxySignIn: Hashable, Sendable {
  /// What the proxy offers.
  package var offered: ProxySchemes
  /// What we are ready to sign in by.
  package var allowed: ProxySchemes
  /// Whether we have a user name, or a ticket is to be used.
  package var hasCredentials: Bool

  package init(offered: ProxySchemes, allowed: ProxySchemes, hasCredentials: Bool) {
    self.offered = offered
    self.allowed = allowed
    self.hasCredentials = hasCredentials
  }

  /// What was tried: the best of what both sides are ready for.
  package var tried: ProxySchemes { hasCredentials ? offered.intersection(allowed).preferred : [] }

  /// What is left to try, which both sides are ready for; empty if there is nothing.
  package var left: ProxySchemes { hasCredentials ? offered.intersection(allowed).subtracting(tried) : [] }

  var problem: String {
    let refused = tried.isEmpty ? "" : ", and it does not take what it got by \(tried.text)"
    return "the proxy asks for a user name and password (HTTP status 407) by \(offered.text)\(refused)"
  }

  var advice: String {
    if !hasCredentials && offered != .negotiate {
      return "set the proxy's user name and password ('proxy_user', 'proxy_password_file')"
    }
    if !tried.isEmpty {
      return tried == .negotiate
        ? "look whether there is a Kerberos ticket (klist), also for the user that cron runs this as"
        : "check 'proxy_user' (DOMAIN\\user where the proxy belongs to a Windows domain) and the file with the password; nothing more was tried, so that the account is not locked"
    }
    if offered == .negotiate {
      return
        "it takes Kerberos alone: set proxy_auth = \"negotiate\" and get a ticket (kinit), or have it offer Basic or NTLM"
    }
    return "'proxy_auth' allows \(allowed.text) alone: set it to what the proxy offers"
  }
}
