import Curl
import Foundation
import SystemPackage
import TestSupport
import Testing
import WebExchange

@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct WebTrustTests {
  private let folder = TemporaryFolder()
  private let authority: TestAuthority

  init() throws {
    authority = try TestAuthority(in: folder.path)
    let root = URL(fileURLWithPath: folder["root"].string)
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    try Data("over TLS".utf8).write(to: root.appendingPathComponent("a"))
  }

  private func serve(_ identity: TestAuthority.Identity) throws -> NginxServer {
    try NginxServer(serving: folder["root"], identity: identity)
  }

  /// The status that a request brings, or the kind of its failure.
  private func outcome(
    _ server: NginxServer,
    _ trust: WebTrust,
    pin: String? = nil
  ) async throws -> Result<Int, TransferError> {
    var options = WebExchangeOptions(baseURL: "https://127.0.0.1:\(server.port)")
    options.proxy = .none
    options.trust = trust
    options.pinnedPublicKey = pin
    let exchange = try WebExchange(options)
    do { return .success(try await exchange.send(WebRequest(.get, "/a", maximumBytes: 100)).status) } catch {
      return .failure(error)
    }
  }

  private func isDistrusted(_ outcome: Result<Int, TransferError>) -> Bool {
    if case .failure(let error) = outcome, case .tlsNotTrusted = error.reason { true } else { false }
  }

  /// A certificate that has signed itself, as a server makes its own; with the name of some other host.
  private func selfSigned(_ name: String, authority isAuthority: Bool) throws -> TestAuthority.Identity {
    let made = TestAuthority.Identity(certificate: folder["\(name).pem"], key: folder["\(name).key"])
    try Command.run(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)"]
        + ["-addext", "basicConstraints=critical,CA:\(isAuthority ? "TRUE" : "FALSE")"]
        + ["-keyout", made.key.string, "-out", made.certificate.string]
    )
    return made
  }

  private func inDER(_ file: FilePath) throws -> FilePath {
    let made = folder["\(file.lastComponent?.string ?? "").cer"]
    try Command.run("openssl", ["x509", "-in", file.string, "-outform", "der", "-out", made.string])
    return made
  }

  @Test(arguments: [true, false])
  func `a server that signed its own certificate is trusted for that one only`(_ isAuthority: Bool) async throws {
    let identity = try selfSigned("ksc.plant.example", authority: isAuthority)
    let server = try serve(identity)
    #expect(isDistrusted(try await outcome(server, .authorities())))
    for file in [identity.certificate, try inDER(identity.certificate)] {
      #expect(try await outcome(server, .certificate(file, checksHostName: false)).get() == 200)
      #expect(isDistrusted(try await outcome(server, .certificate(file))))
    }
    let other = try selfSigned("other.example", authority: isAuthority)
    #expect(isDistrusted(try await outcome(server, .certificate(other.certificate, checksHostName: false))))
    // The same name and another key are another certificate.
    let twin = try selfSigned("ksc.plant.example", authority: isAuthority)
    #expect(isDistrusted(try await outcome(server, .certificate(twin.certificate, checksHostName: false))))
  }

  @Test func `an authority's certificate does not let its servers in where one certificate is wanted`() async throws {
    let identity = try authority.issue("localhost")
    let server = try serve(identity)
    #expect(try await outcome(server, .authorities(caFile: authority.certificate)).get() == 200)
    #expect(isDistrusted(try await outcome(server, .certificate(authority.certificate, checksHostName: false))))
    #expect(isDistrusted(try await outcome(server, .certificate(authority.certificate))))
    #expect(try await outcome(server, .certificate(identity.certificate)).get() == 200)
  }

  @Test func `a pinned key has to be the server's`() async throws {
    let server = try serve(try authority.issue("localhost"))
    let right = try TestAuthority.pin(of: folder["localhost.pem"])
    let wrong = try TestAuthority.pin(of: authority.certificate)
    let trust = WebTrust.authorities(caFile: authority.certificate)
    #expect(try await outcome(server, trust, pin: right).get() == 200)
    #expect(isDistrusted(try await outcome(server, trust, pin: wrong)))
  }

  @Test func `a file that is no certificate is refused before anything is sent`() throws {
    let files: [(String, [UInt8])] = [
      ("empty", []), ("text", Array("hello".utf8)), ("bits", [0x30, 0x82, 0xFF, 0xFF, 1]), ("deep", [0x30, 0x80]),
      ("long", [UInt8](repeating: 0x30, count: 300_000)),
      ("pem", Array("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".utf8)),
    ]
    for (name, bytes) in files {
      try Data(bytes).write(to: URL(fileURLWithPath: folder[name].string))
      var options = WebExchangeOptions(baseURL: "https://127.0.0.1")
      options.trust = .certificate(folder[name])
      let error = #expect(throws: TransferError.self) { _ = try WebExchange(options) }
      #expect(error?.kind == .configuration, "\(name)")
    }
    for trust in [WebTrust.certificate(folder["none"]), .authorities(caFile: folder["none"])] {
      var options = WebExchangeOptions(baseURL: "https://127.0.0.1")
      options.trust = trust
      let error = #expect(throws: TransferError.self) { _ = try WebExchange(options) }
      #expect(error?.kind == .configuration)
    }
  }
}
