import Curl
import SystemPackage

/// Which server certificate is trusted.
package enum WebTrust: Hashable, Sendable {
  /// One that the system's authorities have signed, or those of a file (PEM) beside them, for the server's name.
  case authorities(caFile: FilePath? = nil)
  /// The one in this file (DER or PEM) and no other, whoever signed it: the key has to be the same. Since there is no
  /// doubt about the server then, its name need not be the one in the certificate.
  case certificate(FilePath, checksHostName: Bool = true)
}

/// What requests to an S3-compatible store are signed with: Amazon's Signature Version 4.
package struct WebSigning: Sendable {
  /// The name of the key, which is not a secret.
  package let accessKey: String
  /// The key.
  let secretKey: String
  /// The region that the store says it is in.
  package let region: String
  /// Which service of the provider is asked.
  package let service: String

  /// Signs with this key.
  package init(accessKey: String, secretKey: String, region: String, service: String = "s3") {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.region = region
    self.service = service
  }
}

/// How a ``WebExchange`` works. Everything has a default but the server.
package struct WebExchangeOptions: Sendable {
  /// The server's address: `https://host:port`.
  package var baseURL: String
  /// Whether `http://` is taken.
  package var allowsPlainHTTP = false
  /// Which server certificate is trusted.
  package var trust: WebTrust = .authorities()
  /// The public key that the server must have, beside that: `sha256//` and base64, several joined by `;`.
  package var pinnedPublicKey: String?
  /// Which proxy is used.
  package var proxy: TransferProxy = .environment
  /// Within what time a connection must stand, name look-up and TLS included.
  package var connectTimeout: Duration = .seconds(30)
  /// How long a request may take, with its answer.
  package var totalTimeout: Duration = .seconds(300)
  /// Within what time something must move while a file is sent.
  package var stallTimeout: Duration = .seconds(120)
  /// What requests are signed with; `nil`: they are not. All headers that a request names are signed with it; the
  /// digest of the body is the request's own `x-amz-content-sha256`.
  package var signing: WebSigning?
  /// The `User-Agent` header.
  package var userAgent = "kscmirror"

  /// The defaults, for this server.
  package init(baseURL: String) { self.baseURL = baseURL }
}

extension WebExchangeOptions {
  /// The same for libcurl's handle.
  var connection: ConnectionOptions {
    var options = ConnectionOptions()
    options.allowsPlainHTTP = allowsPlainHTTP
    options.httpVersion = .http1
    if case .authorities(let file) = trust { options.caFile = file }
    options.pinnedPublicKey = pinnedPublicKey
    options.proxy = proxy
    options.connectTimeout = connectTimeout
    options.stallTimeout = stallTimeout
    options.userAgent = userAgent
    return options
  }
}
