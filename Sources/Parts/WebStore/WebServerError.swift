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
