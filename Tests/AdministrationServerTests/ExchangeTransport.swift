import AdministrationServer
import WebExchange

/// Joins the client to the exchange, as a job does.
struct ExchangeTransport: OpenAPITransport {
  let exchange: WebExchange

  func send(_ request: OpenAPIRequest) async throws -> OpenAPIResponse {
    let request = WebRequest(
      request.method == .put ? .put : .post,
      request.path,
      headers: request.headers.map { WebRequest.Header($0.name, $0.value) },
      body: request.body,
      maximumBytes: request.maximumBytes
    )
    do {
      let answer = try await exchange.send(request)
      return OpenAPIResponse(status: answer.status, headers: answer.headers, body: answer.body)
    } catch {
      if case .cancelled = error.reason { throw CancellationError() }
      throw error
    }
  }
}
