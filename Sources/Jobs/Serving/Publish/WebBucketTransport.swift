import AdministrationServer
import Curl
import JobCore
import MirrorConfiguration
import ObjectBucket
import WebExchange

/// Sends a bucket's requests by libcurl, which signs them: the joint between ObjectBucket and Transfer.
struct WebBucketTransport: BucketTransport {
  private let exchange: any RequestSending
  private let base: String
  private let token: Secret?

  init(_ settings: PublishSettings, _ credentials: BucketCredentials, _ transports: Transports) throws {
    let (origin, base) = Self.place(settings)
    var options = WebExchangeOptions(baseURL: origin)
    options.allowsPlainHTTP = settings.allowHTTP
    options.userAgent = "kscmirror/\(Program.version)"
    options.trust = .authorities(caFile: settings.ca)
    options.pinnedPublicKey = settings.pin
    options.signing = WebSigning(
      accessKey: credentials.accessKey,
      secretKey: credentials.secretKey.exposedText ?? "",
      region: settings.region
    )
    let chosen = options
    exchange = try transports.requests(chosen)
    self.base = base
    token = credentials.sessionToken
  }

  /// The server, and what stands before a key in the path.
  static func place(_ settings: PublishSettings) -> (origin: String, base: String) {
    guard !settings.pathStyle, let scheme = settings.endpoint.range(of: "://") else {
      return (settings.endpoint, "/\(settings.bucket)/")
    }
    let host = settings.endpoint[scheme.upperBound...]
    return ("\(settings.endpoint[..<scheme.upperBound])\(settings.bucket).\(host)", "/")
  }

  func send(_ request: BucketRequest) async throws -> BucketResponse {
    // Without a key it is the bucket itself, which with its name in the path has no slash behind it.
    let place = request.key.isEmpty && base.count > 1 ? String(base.dropLast()) : base + request.key
    var headers = request.headers.map { WebRequest.Header($0.name, $0.value) }
    if let token { headers.append(WebRequest.Header("x-amz-security-token", token.exposedText ?? "")) }
    var web = WebRequest(
      WebRequest.Method(rawValue: request.method.rawValue) ?? .get,
      request.query.isEmpty ? place : "\(place)?\(request.query)",
      headers: headers,
      maximumBytes: request.maximumBytes
    )
    switch request.body {
    case .bytes(let bytes): web.body = bytes
    case .file(let file, let size): web.upload = WebRequest.Upload(file, size: size)
    }
    let answer = try await exchange.send(web)
    return BucketResponse(status: answer.status, headers: answer.headers, body: answer.body)
  }

  func isPassing(_ failure: any Error) -> Bool {
    switch (failure as? TransferError)?.kind {
    case .unreachable, .timedOut: true
    case .damaged: if case .cutShort = (failure as? TransferError)?.reason { true } else { false }
    default: false
    }
  }
}
