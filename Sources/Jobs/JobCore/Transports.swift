import Transfer
import WebExchange

/// How servers are reached. Jobs make no connection but by this, so that a test can stand in the place of the network.
package struct Transports: Sendable {
  /// Gets ready to fetch files.
  package let files: @Sendable (TransferOptions) throws -> any FileFetching
  /// Gets ready to send single requests to one server.
  package let requests: @Sendable (WebExchangeOptions) throws -> any RequestSending

  package init(
    files: @escaping @Sendable (TransferOptions) throws -> any FileFetching,
    requests: @escaping @Sendable (WebExchangeOptions) throws -> any RequestSending
  ) {
    self.files = files
    self.requests = requests
  }

  /// This host's network.
  package static let network = Transports(files: { try TransferClient($0) }, requests: { try WebExchange($0) })
}
