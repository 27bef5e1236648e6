import Failures

/// Why a server cannot be started, or goes on with less than it should.
package enum WebServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An address cannot be listened on, with the reason.
  case listen(String, String)
  /// A certificate or its key cannot be used, with the reason.
  case certificate(String, String)
  /// The access log cannot be written, with the reason.
  case accessLog(String)

  /// The failure in words.
  package var description: String {
    switch self {
    case .listen(let address, let reason): "cannot listen on \(address): \(reason)"
    case .certificate(let what, let reason): "cannot use \(what): \(reason)"
    case .accessLog(let reason): "access log: \(reason)"
    }
  }
}

extension WebServerError: Failure {
  package var status: ExitStatus {
    switch self {
    case .listen: .cannotListen
    case .certificate: .badCertificate
    case .accessLog: .cannotCreate
    }
  }

  package var remedy: String? {
    switch self {
    case .listen:
      "Choose another address or port in [serve], or end what listens there; ports below 1024 need a privilege."
    case .certificate: "Name a PEM certificate chain and the key that belongs to it."
    case .accessLog: nil
    }
  }
}
