import AdministrationServer
import FileSystem
import JobCore
import MirrorConfiguration
import SystemPackage
import WebExchange

/// The Administration Server of the configuration.
package struct ServerConnection {
  /// Its address, with the port.
  package let address: String
  /// The virtual server that is worked on, if one is.
  package let virtualServer: String?
  private let server: AdministrationServer
  private let settings: AdministrationServerSettings
  private let transports: Transports

  /// Gets ready to ask the server. No connection is made yet.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` when the configuration has no server.
  package init(_ context: JobContext) throws {
    let configuration = context.configuration
    guard let settings = configuration.administrationServer else {
      throw JobError(
        .configuration,
        "\(configuration.file): there is no [administration_server]",
        remedy: "Name its address and a user there; see kscmirror.toml(5)."
      )
    }
    let password = ServerPassword(settings: settings, ask: context.prompts.serverPassword)
    let prompts = context.prompts
    let askCode: AdministrationServer.CodePrompt? = prompts.serverCode.map { ask in
      { @Sendable (user, digits) in ask(user, digits).map { Secret($0) } }
    }
    transports = context.transports
    address = Self.withPort(settings.url)
    virtualServer = settings.virtualServer
    let transport = try Self.transport(settings, address, transports)
    var options = AdministrationServerOptions()
    options.virtualServer = settings.virtualServer
    options.busyPatience = .seconds(settings.busyPatience)
    server = AdministrationServer(transport, signIn: try password.signIn(), askCode: askCode, options: options)
    self.settings = settings
  }

  /// Opens the transport that settings ask for.
  package static func transport(
    _ settings: AdministrationServerSettings,
    _ address: String,
    _ transports: Transports
  ) throws -> WebExchangeTransport {
    var options = WebExchangeOptions(baseURL: address)
    options.allowsPlainHTTP = settings.allowHTTP
    options.userAgent = "kscmirror/\(Program.version)"
    options.connectTimeout = .seconds(settings.connectTimeout)
    options.totalTimeout = .seconds(settings.callTimeout)
    options.pinnedPublicKey = settings.pin
    // The vendor's certificate is signed by itself, for a name that is seldom the one in the address.
    options.trust =
      settings.certificate.map { .certificate($0, checksHostName: false) } ?? .authorities(caFile: settings.ca)
    let chosen = options
    return WebExchangeTransport(try transports.requests(chosen))
  }

  /// The address with the Open API's port, where it has none.
  package static func withPort(_ url: String) -> String {
    guard let scheme = url.range(of: "://") else { return url }
    let host = url[scheme.upperBound...]
    // An IPv6 address has colons of its own, in brackets.
    let end = host.split(separator: "]", omittingEmptySubsequences: false).last ?? host
    return end.contains(":") || host.contains("/") ? url : "\(url):\(AdministrationServerSettings.port)"
  }

  /// Works with the server, and signs out.
  ///
  /// - Throws: an error, also for what `body` throws.
  package func use<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (AdministrationServer) async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body(server)
      // What was asked for is here: that the session ends by itself later is not a failure.
      try? await server.signOut()
      return result
    } catch let error as AdministrationServerError {
      try? await server.signOut()
      throw JobError(error, at: address)
    } catch {
      try? await server.signOut()
      throw error
    }
  }
}

extension ServerConnection {
  /// Works with further sessions of the same user, each over a connection of its own, since a connection carries one call
  /// at a time; and signs them out. They sign in one after the other, by tokens of the session that is open; where the
  /// server gives none, there are fewer, or none at all.
  ///
  /// - Parameter count: how many are wanted.
  /// - Throws: what `body` throws.
  package func withColleagues<Result>(
    _ count: Int,
    isolation: isolated (any Actor)? = #isolation,
    _ body: ([AdministrationServer]) async throws -> Result
  ) async throws -> Result {
    var colleagues: [AdministrationServer] = []
    while colleagues.count < count, let colleague = try? await colleague() { colleagues.append(colleague) }
    do {
      let result = try await body(colleagues)
      for colleague in colleagues { try? await colleague.signOut() }
      return result
    } catch {
      for colleague in colleagues { try? await colleague.signOut() }
      throw error
    }
  }

  private func colleague() async throws -> AdministrationServer {
    let colleague = server.colleague(try Self.transport(settings, address, transports))
    try await colleague.signIn()
    return colleague
  }
}

/// Sends the Open API's requests by libcurl: the joint between AdministrationServer and Transfer.
package struct WebExchangeTransport: OpenAPITransport {
  private let exchange: any RequestSending

  init(_ exchange: any RequestSending) { self.exchange = exchange }

  package func send(_ request: OpenAPIRequest) async throws -> OpenAPIResponse {
    let response = try await exchange.send(
      WebRequest(
        request.method == .put ? .put : .post,
        request.path,
        headers: request.headers.map { WebRequest.Header($0.name, $0.value) },
        body: request.body,
        maximumBytes: request.maximumBytes
      )
    )
    return OpenAPIResponse(status: response.status, headers: response.headers, body: response.body)
  }
}
