import Glibc
import SystemPackage

/// Which proxy is used.
package enum TransferProxy: Hashable, Sendable {
  /// What `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` say.
  case environment
  /// None, whatever the environment says.
  case none
  /// The one at this address (`http://`, `https://` or `socks5h://`), for every server.
  case server(url: String, user: String? = nil, password: String? = nil)
}

/// How servers are spoken to, whatever is asked of them. Everything has a default.
package struct ConnectionOptions: Sendable {
  /// Which version of HTTP is spoken.
  package enum HTTPVersion: Hashable, Sendable {
    /// HTTP/2 with servers that offer it in the TLS handshake, else HTTP/1.1.
    case automatic
    /// HTTP/1.1 only.
    case http1
    /// As ``automatic``, and an unencrypted connection is upgraded if the server agrees.
    case http2
  }

  /// Whether `http://` addresses are taken.
  package var allowsPlainHTTP = false
  /// Which version of HTTP is spoken.
  package var httpVersion: HTTPVersion = .automatic
  /// A file of certificate authorities (PEM) that are trusted beside the system's.
  package var caFile: FilePath?
  /// The certificate that the client shows (PEM).
  package var clientCertificate: FilePath?
  /// Its private key (PEM).
  package var clientKey: FilePath?
  /// The pass phrase of that key.
  package var keyPassword: String?
  /// The public key that a server must have: `sha256//` and base64, several joined by `;`.
  package var pinnedPublicKey: String?
  /// Which proxy is used.
  package var proxy: TransferProxy = .environment
  /// By what a proxy may be signed in to. Negotiate is only used where it is all that is allowed: whoever has a user name
  /// and a password for the proxy has no Kerberos ticket as a rule.
  package var proxySchemes: ProxySchemes = [.basic, .digest, .ntlm]
  /// Within what time a connection must stand, name look-up and TLS included.
  package var connectTimeout: Duration = .seconds(30)
  /// After what time without progress a transfer is given up.
  package var stallTimeout: Duration = .seconds(60)
  /// The `User-Agent` header.
  package var userAgent = "kscmirror"

  /// The defaults.
  package init() {}
}

extension ConnectionOptions {
  /// The addresses of proxies that are used, with their user names and passwords.
  private var proxyAddresses: [String] {
    switch proxy {
    case .none: []
    case .server(let url, _, _): [url]
    case .environment:
      Self.proxyVariables.compactMap { name in
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
      }
    }
  }

  private static let proxyVariables: [String] = ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"]

  /// Whether servers are asked without a proxy.
  package var isDirect: Bool { proxyAddresses.isEmpty }

  /// Whether there is a user name for a proxy.
  var hasUserForProxy: Bool {
    if case .server(_, _?, _) = proxy { return true }
    return proxyAddresses.contains { $0.utf8.contains(UInt8(ascii: "@")) }
  }

  /// Whether there is anything to sign in to a proxy with.
  package var hasProxyCredentials: Bool { hasUserForProxy || !isDirect && proxySchemes == .negotiate }

  /// What was taken on trust by the memberwise setters, checked in one place.
  ///
  /// - Throws: ``TransferError/Reason/invalidOption(_:)``, ``TransferError/Reason/certificateUnusable(_:)``.
  package func check() throws(TransferError) {
    try Self.demand(connectTimeout > .zero && stallTimeout > .zero, "a time limit must be greater than zero")
    try Self.demand((clientCertificate == nil) == (clientKey == nil), "a client certificate and its key come together")
    try Self.demand(
      pinnedPublicKey.map { $0.split(separator: ";").allSatisfy { $0.hasPrefix("sha256//") } } ?? true,
      "a pinned public key begins with 'sha256//'"
    )
    for file in [caFile, clientCertificate, clientKey] {
      guard let file, access(file.string, R_OK) != 0 else { continue }
      throw TransferError(.certificateUnusable("cannot read \(file): \(Errno(rawValue: errno))"))
    }
  }

  /// - Throws: ``TransferError/Reason/invalidOption(_:)`` if the condition is not met.
  package static func demand(_ condition: Bool, _ problem: String) throws(TransferError) {
    if !condition { throw TransferError(.invalidOption(problem)) }
  }
}
