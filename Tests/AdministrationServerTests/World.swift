import AdministrationServer
import AdministrationServerDouble
import Foundation
import Synchronization
import TestSupport
import WebExchange

/// A server's double and what is needed to talk to it.
final class World: Sendable {
  let folder = TemporaryFolder()
  let authority: TestAuthority
  let double: AdministrationServerDouble

  init(_ fixture: Fixture = Fixture(), host: String = "localhost") throws {
    authority = try TestAuthority(in: folder.path)
    double = try AdministrationServerDouble(fixture, identity: try authority.issue(host))
  }

  static let password = SignIn.password(user: "admin", password: Secret("secret"))

  /// A client that trusts the authority, and does not wait for long.
  func server(
    _ signIn: SignIn = World.password,
    options: (inout AdministrationServerOptions) -> Void = { _ in },
    askCode: AdministrationServer.CodePrompt? = nil,
    trust: (inout WebExchangeOptions) -> Void = { _ in }
  ) throws -> AdministrationServer {
    AdministrationServer(try transport(trust: trust), signIn: signIn, askCode: askCode, options: .quick(options))
  }

  /// A connection of its own.
  func transport(trust: (inout WebExchangeOptions) -> Void = { _ in }) throws -> ExchangeTransport {
    var exchange = WebExchangeOptions(baseURL: "https://127.0.0.1:\(double.port)")
    exchange.trust = .authorities(caFile: authority.certificate)
    exchange.proxy = .none
    trust(&exchange)
    return ExchangeTransport(exchange: try WebExchange(exchange))
  }
}

extension AdministrationServerOptions {
  static func quick(_ change: (inout AdministrationServerOptions) -> Void = { _ in }) -> AdministrationServerOptions {
    var options = AdministrationServerOptions()
    options.firstPause = .milliseconds(2)
    options.longestPause = .milliseconds(10)
    // Many tests run at once: what takes milliseconds alone may take seconds.
    options.busyPatience = .seconds(120)
    options.shortestPoll = .milliseconds(1)
    change(&options)
    return options
  }
}

/// A transport that answers from memory.
final class CannedTransport: OpenAPITransport {
  typealias Answer = @Sendable (OpenAPIRequest) throws -> OpenAPIResponse

  private let answer: Answer
  private let log = Mutex<[OpenAPIRequest]>([])
  var requests: [OpenAPIRequest] { log.withLock { $0 } }

  init(_ answer: @escaping Answer) { self.answer = answer }

  func send(_ request: OpenAPIRequest) async throws -> OpenAPIResponse {
    log.withLock { $0.append(request) }
    if request.path.hasSuffix("Session.StartSession") { return .json(#"{"PxgRetVal":"token"}"#) }
    return try answer(request)
  }

  /// A client whose every call gets this body.
  static func server(
    answering body: [UInt8],
    type: String? = "application/json",
    options: AdministrationServerOptions = .quick()
  ) -> AdministrationServer {
    let headers = type.map { ["content-type": $0] } ?? [:]
    let transport = CannedTransport { _ in OpenAPIResponse(status: 200, headers: headers, body: body) }
    return AdministrationServer(transport, signIn: World.password, options: options)
  }
}

extension OpenAPIResponse {
  static func json(_ text: String, status: Int = 200) -> OpenAPIResponse {
    OpenAPIResponse(status: status, headers: ["content-type": "application/json"], body: Array(text.utf8))
  }
}

/// The error that something ends with.
func failure(_ work: () async throws -> Void) async throws -> AdministrationServerError {
  do {
    try await work()
  } catch let error as AdministrationServerError {
    return error
  }
  throw TestFailure("it did not fail")
}
