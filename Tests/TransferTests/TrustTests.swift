import Curl
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Transfer

@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct TrustTests {
  private let folder = TemporaryFolder()
  private let authority: TestAuthority

  init() throws {
    authority = try TestAuthority(in: folder.path)
    let root = URL(fileURLWithPath: folder["root"].string)
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    try Data("over TLS".utf8).write(to: root.appendingPathComponent("a"))
  }

  private func serve(
    _ host: String = "localhost",
    http2: Bool = true,
    settings: String = ""
  ) throws -> NginxServer {
    try NginxServer(
      serving: folder["root"],
      identity: try authority.issue(host),
      http2: http2,
      settings: settings
    )
  }

  /// A client that trusts the authority and nothing without TLS.
  private func client(
    _ server: NginxServer,
    change: (inout TransferOptions) -> Void = { _ in }
  ) throws -> TransferClient {
    try .quick("https://127.0.0.1:\(server.port)/") {
      $0.connection.allowsPlainHTTP = false
      $0.connection.caFile = authority.certificate
      change(&$0)
    }
  }

  @Test func `a server is trusted for its authority, and not without`() async throws {
    let server = try serve()
    #expect(try await client(server).bytes("a") == Array("over TLS".utf8))
    let stranger = try client(server) { $0.connection.caFile = nil }
    let error = try await stranger.failure(TransferRequest("a"))
    #expect(error.isTLSNotTrusted, "\(error)")
    #expect(error.kind == .trust)
    #expect(stranger.statistics.retries == 0)
    let other = try TestAuthority(in: folder.path, name: "Other Authority")
    let wrong = try await client(server) { $0.connection.caFile = other.certificate }.failure(TransferRequest("a"))
    #expect(wrong.isTLSNotTrusted, "\(wrong)")
  }

  @Test func `authorities are taken as administrators have them: in DER, or in a folder`() async throws {
    let server = try serve()
    let der = folder["own.cer"]
    try Command.run("openssl", ["x509", "-in", authority.certificate.string, "-outform", "der", "-out", der.string])
    let several = try folder.subfolder("authorities")
    let other = try TestAuthority(in: folder.path, name: "Other Authority")
    for (name, file) in [("1.crt", other.certificate), ("2.CER", der)] {
      try FileManager.default.copyItem(atPath: file.string, toPath: several.appending(name).string)
    }
    for place in [der, several] {
      #expect(try await client(server) { $0.connection.caFile = place }.bytes("a") == Array("over TLS".utf8))
    }
    for place in [try folder.subfolder("empty"), folder["root/a"]] {
      let error = try #require(throws: TransferError.self) { try client(server) { $0.connection.caFile = place } }
      #expect(error.kind == .configuration && error.description.contains(place.string), "\(error)")
    }
  }

  @Test func `a certificate for another host is not trusted`() async throws {
    let server = try serve("updates.example")
    let error = try await client(server).failure(TransferRequest("a"))
    #expect(error.isTLSNotTrusted, "\(error)")
  }

  @Test func `a server without TLS is reported as that`() async throws {
    let server = try NginxServer(serving: folder["root"], identity: nil)
    let error = try await client(server).failure(TransferRequest("a"))
    guard case .tlsFailed = error.reason else { throw error }
    #expect(error.kind == .trust)
  }

  @Test func `a pinned key has to be the server's, whatever certificate it has`() async throws {
    let server = try serve()
    let right = try TestAuthority.pin(of: folder["localhost.pem"])
    let wrong = try TestAuthority.pin(of: authority.certificate)
    #expect(try await client(server) { $0.connection.pinnedPublicKey = right }.bytes("a") == Array("over TLS".utf8))
    #expect(try await client(server) { $0.connection.pinnedPublicKey = "\(wrong);\(right)" }.bytes("a").count == 8)
    let error = try await client(server) { $0.connection.pinnedPublicKey = wrong }.failure(TransferRequest("a"))
    #expect(error.isTLSNotTrusted, "\(error)")
    let unknown = try client(server) {
      $0.connection.pinnedPublicKey = right
      $0.connection.caFile = nil
    }
    #expect(try await unknown.failure(TransferRequest("a")).isTLSNotTrusted)
  }

  @Test func `a client shows its certificate where it is asked for one`() async throws {
    let server = try serve(
      settings: "ssl_client_certificate \"\(authority.certificate)\"; ssl_verify_client on;"
    )
    let own = try authority.issue("client", password: "open sesame")
    let with = try client(server) {
      ($0.connection.clientCertificate, $0.connection.clientKey, $0.connection.keyPassword) = (
        own.certificate, own.key, "open sesame"
      )
    }
    #expect(try await with.bytes("a") == Array("over TLS".utf8))
    #expect(try await client(server).failure(TransferRequest("a")).told == "httpStatus(400)")
    let locked = try client(server) {
      ($0.connection.clientCertificate, $0.connection.clientKey, $0.connection.keyPassword) = (
        own.certificate, own.key, "wrong"
      )
    }
    let error = try await locked.failure(TransferRequest("a"))
    #expect(error.kind == .configuration, "\(error)")
    #expect(!error.description.contains("wrong"))
  }

  @Test func `with a certificate of its own a client is not sent on to another host`() async throws {
    let server = try serve(
      settings: """
        absolute_redirect off;
        location = /here { return 302 /a; }
        location = /there { return 302 https://localhost:$server_port/a; }
        """
    )
    let own = try authority.issue("client")
    let with = try client(server) {
      ($0.connection.clientCertificate, $0.connection.clientKey) = (own.certificate, own.key)
    }
    #expect(try await with.bytes("here") == Array("over TLS".utf8))
    #expect(
      try await with.failure(TransferRequest("there")).told
        == "refusedRedirect(to: \"https://localhost:\(server.port)/a\")"
    )
    #expect(try await client(server).bytes("there") == Array("over TLS".utf8))
  }

  @Test func `nobody is sent from TLS to plain HTTP, allowed or not`() async throws {
    let plain = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], Array("in the open".utf8))
      return .keep
    }
    let server = try serve(settings: "location / { return 301 \(plain.url); }")
    for allows in [false, true] {
      let error = try await client(server) { $0.connection.allowsPlainHTTP = allows }.failure(TransferRequest("a"))
      #expect(error.told == "refusedRedirect(to: \"\(plain.url)\")")
      #expect(error.kind == .forbidden)
    }
    #expect(plain.connections == 0)
  }

  @Test func `many files come at once over few connections of HTTP 2`() async throws {
    let bodies = (0..<80).map { noise($0 * $0 * 50, seed: UInt64($0 + 1)) }
    for (number, body) in bodies.enumerated() {
      try Data(body).write(to: URL(fileURLWithPath: folder["root"].appending("\(number)").string))
    }
    let server = try serve()
    let client = try client(server) { $0.connectionsPerServer = 4 }
    let files = try await client.bytes(bodies.indices.map(String.init))
    for (number, body) in bodies.enumerated() { #expect(files["\(number)"] == body, "file \(number)") }
    let statistics = client.statistics
    #expect(statistics.multiplexedAnswers == 80)
    #expect((1...4).contains(statistics.connectionsOpened))
    #expect(statistics.retries == 0)
    #expect(statistics.bytesReceived == Int64(bodies.map(\.count).reduce(0, +)))
  }

  @Test func `without HTTP 2 files come over HTTP 1, by choice or by need`() async throws {
    for (http2, version) in [(false, ConnectionOptions.HTTPVersion.automatic), (true, .http1)] {
      let server = try serve(http2: http2)
      let client = try client(server) { $0.connection.httpVersion = version }
      for _ in 0..<3 { #expect(try await client.bytes("a") == Array("over TLS".utf8)) }
      #expect(client.statistics.multiplexedAnswers == 0)
      #expect(client.statistics.connectionsOpened <= 2)
    }
  }

  @Test func `where HTTP 2 does not pass, HTTP 1 is spoken from then on`() async throws {
    // Whatever comes by HTTP/2 gets no answer.
    let server = try serve(settings: "if ($server_protocol = HTTP/2.0) { return 444; }")
    let told = Mutex<[TransferEvent]>([])
    let client = try client(server) { $0.onEvent = { event in told.withLock { $0.append(event) } } }
    for _ in 0..<3 { #expect(try await client.bytes("a") == Array("over TLS".utf8)) }
    let address = "https://127.0.0.1:\(server.port)/"
    #expect(told.withLock { $0 } == [.leftHTTP2(server: address)])
    #expect(client.statistics.multiplexedAnswers == 0)
    #expect(client.statistics.servers[address]?.failures == 1)
    // Who has chosen HTTP/1.1 never tries the other.
    let plain = try self.client(server) { $0.connection.httpVersion = .http1 }
    #expect(try await plain.bytes("a").count == 8)
    #expect(plain.statistics.retries == 0)
  }

  @Test(arguments: [("20400101000000Z", "20410101000000Z", true), ("20150101000000Z", "20160101000000Z", false)])
  func `a certificate whose dates do not fit leads to the clock`(from: String, to: String, isEarly: Bool) async throws {
    let dated = try authority.issue("localhost", from: from, to: to)
    let server = try NginxServer(serving: folder["root"], identity: dated)
    let error = try await client(server).failure(TransferRequest("a"))
    guard case .certificateDates(let dates, _) = error.reason else { throw error }
    #expect(dates == (isEarly ? .notYetValid : .expired))
    #expect(error.kind == .trust)
    #expect(error.description.contains("clock of this machine says") && error.description.contains("timedatectl"))
  }

  @Test func `a file is continued over HTTP 2, with what nginx says of it`() async throws {
    let server = try serve()
    let client = try client(server)
    let first = try await client.fetch(TransferRequest("a"))
    let sink = MemorySink(holding: Array("over".utf8))
    let response = try await client.fetch(TransferRequest("a", into: sink, resume: first.validators))
    #expect(sink.bytes == Array("over TLS".utf8))
    #expect(response.bytesReceived == 4)
    #expect(response.byteCount == 8)
    var request = TransferRequest("a", into: sink)
    request.validators = first.validators
    #expect(try await client.fetch(request).outcome == .notModified)
  }

  // MARK: - Proxies

  /// A proxy that leads to a server, whatever host is named.
  private func proxy(to server: NginxServer, authorization: String? = nil) throws -> ScriptedServer {
    let port = server.port
    return try ScriptedServer { request, connection in
      guard request.headers["proxy-authorization"] == authorization else {
        connection.answer("407 Proxy Authentication Required", ["Proxy-Authenticate: Basic realm=\"p\""])
        return .keep
      }
      connection.send("HTTP/1.1 200 OK\r\n\r\n")
      connection.tunnel(to: port)
      return .close
    }
  }

  private func client(through url: String, user: String? = nil, password: String? = nil) throws -> TransferClient {
    try .quick("https://updates.example/") {
      $0.connection.caFile = authority.certificate
      $0.connection.proxy = .server(url: url, user: user, password: password)
      $0.retries.attempts = 2
    }
  }

  @Test func `a proxy leads to servers that only it can name`() async throws {
    let server = try serve("updates.example")
    let proxy = try proxy(to: server)
    let client = try client(through: proxy.url)
    #expect(try await client.bytes("a") == Array("over TLS".utf8))
    #expect(proxy.requests.map(\.method) == ["CONNECT"])
    #expect(proxy.requests.map(\.target) == ["updates.example:443"])
  }

  @Test func `a proxy that asks for a password gets it, and the server does not`() async throws {
    let server = try serve(
      "updates.example",
      settings: "location = /told { return 200 \"$http_proxy_authorization\"; }"
    )
    let proxy = try proxy(to: server, authorization: "Basic dXNlcjpzZWNyZXQ=")
    let client = try client(through: proxy.url, user: "user", password: "secret")
    #expect(try await client.bytes("a") == Array("over TLS".utf8))
    #expect(try await client.bytes("told").isEmpty)
  }

  @Test func `a proxy that refuses is reported with its status`() async throws {
    let server = try serve("updates.example")
    let proxy = try proxy(to: server, authorization: "Basic dXNlcjpzZWNyZXQ=")
    let without = try await client(through: proxy.url).failure(TransferRequest("a"))
    #expect(without.isNotSignedIn, "\(without)")
    #expect(without.description.contains("set the proxy's user name and password"))
    let wrong = try await client(through: proxy.url, user: "user", password: "guess").failure(TransferRequest("a"))
    #expect(wrong.isNotSignedIn && wrong.description.contains("proxy_user"), "\(wrong)")
    #expect(!wrong.description.contains("guess"))
  }

  @Test func `a proxy that is down is reported as that`() async throws {
    let client = try client(through: "http://127.0.0.1:\(try Loopback.freePort())")
    let error = try await client.failure(TransferRequest("a"))
    guard case .proxy(.cannotConnect) = error.reason else { throw error }
    #expect(error.kind == .unreachable)
    #expect(client.statistics.retries == 1)
  }
}
