import CLibcurl
import Curl
import Synchronization

/// Sends single requests with bodies to one server, over one connection that is kept, on a thread of its own.
///
///     var options = WebExchangeOptions(baseURL: "https://ksc.example:13299")
///     options.trust = .certificate("klserver.cer", checksHostName: false)
///     let exchange = try WebExchange(options)
///     let answer = try await exchange.send(WebRequest(.post, "/api/v1.0/login", maximumBytes: 1 << 20))
///
/// Requests wait for each other: one is sent when the one before has its answer. **Nothing is sent twice** and no
/// redirection is followed: what an answer means is the caller's business. An answer may come packed (gzip, deflate);
/// its bound is for what it has become.
///
/// All members may be used from any thread.
package final class WebExchange: Sendable {
  private let setup: WebSetup
  private let loop: CurlLoop<WebWork>
  /// The number of the last request.
  private let lastID = Atomic<UInt64>(0)

  /// An exchange with its thread started. No connection is made before the first request.
  ///
  /// - Throws: ``TransferError``: an address, a setting or a certificate that cannot be used.
  package init(_ options: WebExchangeOptions) throws(TransferError) {
    let address = try WebAddress(options.baseURL)
    guard options.allowsPlainHTTP || !address.isPlain else {
      throw TransferError(.refusedPlainHTTP, url: address.redacted, server: address.origin)
    }
    // libcurl writes an empty path as a slash.
    let rest = address.redacted.dropFirst(address.scheme.count + 3).drop { !"/?#".contains($0) }
    guard rest.isEmpty || rest == "/" else {
      throw TransferError(.invalidURL("\(address.redacted) has a path, where only a server belongs"))
    }
    try options.connection.check()
    guard options.totalTimeout > .zero else {
      throw TransferError(.invalidOption("a time limit must be greater than zero"))
    }
    var certificate: PinnedCertificate?
    switch options.trust {
    case .authorities: break
    case .certificate where options.pinnedPublicKey != nil:
      throw TransferError(.invalidOption("one certificate has one public key: it is pinned already"))
    case .certificate(let file, _): certificate = try PinnedCertificate(at: file)
    }
    try Library.prepare()
    let setup = WebSetup(options: options, origin: address.origin, certificate: certificate)
    // What libcurl does not take is reported here, not at the first request.
    _ = try setup.makeHandle()
    self.setup = setup
    loop = try CurlLoop()
    try loop.start(named: "web-exchange") { multi in WebWork(setup, multi) }
  }

  deinit { loop.stop() }

  /// Sends a request and returns its answer, of whatever status.
  ///
  /// Cancelling the task ends the request, and the connection with it if the request was under way.
  ///
  /// - Throws: ``TransferError`` where no whole answer came.
  package func send(_ request: WebRequest) async throws(TransferError) -> WebResponse {
    let lines = try request.lines(signed: setup.options.signing != nil)
    let (loop, setup) = (loop, setup)
    // A number, so that it can be cancelled before it is there.
    let id = lastID.add(1, ordering: .relaxed).newValue
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let order = WebCall.Order(id: id, request: request, lines: lines, continuation: continuation)
        guard loop.put(.send(order)) else {
          return continuation.resume(returning: .failure(TransferError(.cancelled, server: setup.origin)))
        }
      }
    } onCancel: {
      loop.put(.cancel(id))
    }
    loop.put(.forget(id))
    return try result.get()
  }

  /// Ends all requests with ``TransferError/Reason/cancelled``, closes the connection and waits for the thread to end.
  /// It is called by itself when the last reference is gone; calling it again does nothing.
  package func shutdown() { loop.stop() }
}

/// What a handle is made with.
struct WebSetup: Sendable {
  let options: WebExchangeOptions
  let origin: String
  let certificate: PinnedCertificate?

  func makeHandle() throws(TransferError) -> EasyHandle {
    let handle = try EasyHandle(options.connection)
    if let certificate, case .certificate(_, let checksHostName) = options.trust {
      try certificate.trust(in: handle, checksHostName: checksHostName)
    }
    if let signing = options.signing {
      try handle.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signing.region):\(signing.service)")
      try handle.set(CURLOPT_USERNAME, signing.accessKey)
      try handle.set(CURLOPT_PASSWORD, signing.secretKey)
    }
    return handle
  }
}
