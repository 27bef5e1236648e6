import SystemPackage

/// How a server serves.
package struct WebServerOptions: Sendable {
  /// Where connections come from.
  package enum Listener: Hashable, Sendable {
    /// An address and a port. An empty host means all addresses.
    case address(host: String, port: Int, secure: Bool)
    /// A socket that somebody else has opened.
    case inherited(ServiceManager.Socket, secure: Bool)

    /// Whether TLS is spoken there.
    package var isSecure: Bool {
      switch self {
      case .address(_, _, let secure), .inherited(_, let secure): secure
      }
    }
  }

  /// The certificate that is shown.
  package enum Certificate: Hashable, Sendable {
    /// PEM files, read again when they change.
    case files(certificate: FilePath, key: FilePath)
    /// One that is made for this run, good for these host names and for the loopback addresses.
    case selfSigned(names: [String])
  }

  /// Where answers are logged.
  package enum Log: Hashable, Sendable {
    case none
    case standardOutput
    case file(FilePath)
  }

  /// Where connections come from.
  package var listeners: [Listener]
  /// The certificate, for listeners that are secure.
  package var certificate: Certificate?
  /// Who may connect; empty: everybody.
  package var allowed: [AddressRange] = []
  /// How many connections there may be at once.
  package var maximumConnections = 2048
  /// How many of them may come from one IPv4 address, or one IPv6 network of 64 bits.
  package var maximumConnectionsPerAddress = 256
  /// How many requests a second each of those may make; `nil`: as many as it likes.
  package var requestsPerSecond: Double?
  /// Where answers are logged.
  package var log = Log.none
  /// Seconds in which a connection has to be secured, and a request has to have come whole once it has begun.
  package var headTimeout: Double = 20
  /// Seconds that a connection may be idle.
  package var idleTimeout: Double = 75
  /// Seconds in which a client has to take another piece of an answer.
  package var stallTimeout: Double = 60
  /// Seconds that answers under way get to end when the server ends.
  package var shutdownTimeout: Double = 30
  /// How many threads serve; `nil`: one for each processor.
  package var threads: Int?

  /// The defaults.
  package init(listeners: [Listener] = [], certificate: Certificate? = nil) {
    self.listeners = listeners
    self.certificate = certificate
  }
}
