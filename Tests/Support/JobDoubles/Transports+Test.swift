import JobCore
import Transfer

extension Transports {
  /// No network: what would use it fails.
  package static let none = Transports(
    files: { throw NoNetwork(address: $0.servers.first?.baseURL ?? "a server") },
    requests: { throw NoNetwork(address: $0.baseURL) }
  )

  private struct NoNetwork: Error {
    let address: String
  }
}
