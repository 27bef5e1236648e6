import Curl

/// What sends single requests to one server, as ``WebExchange`` does.
package protocol RequestSending: Sendable {
  /// Sends a request, once, and returns its answer, of whatever status.
  func send(_ request: WebRequest) async throws(TransferError) -> WebResponse
}

extension WebExchange: RequestSending {}
