import Curl
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Transfer

/// Signing in to proxies.
@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct ProxyTests {
  private let folder = TemporaryFolder()
  private let authority: TestAuthority

  init() throws {
    authority = try TestAuthority(in: folder.path)
    let root = URL(fileURLWithPath: folder["root"].string)
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for name in ["a", "b", "c", "d"] { try Data("over TLS".utf8).write(to: root.appendingPathComponent(name)) }
  }

  private func serve() throws -> NginxServer {
    try NginxServer(serving: folder["root"], identity: try authority.issue("updates.example"))
  }

  /// A proxy that offers these ways to sign in, and takes one user and password by Basic.
  private func proxy(
    to server: NginxServer,
    offering schemes: [String],
    user: String = "user",
    password: String = "secret"
  ) throws -> ScriptedServer {
    let wanted = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    return try ScriptedServer { request, connection in
      guard request.headers["proxy-authorization"] == wanted else {
        let offers = schemes.map { "Proxy-Authenticate: \($0)" + ($0 == "Basic" ? " realm=\"p\"" : "") }
        connection.answer("407 Proxy Authentication Required", offers, Array("<html>407</html>".utf8))
        return .keep
      }
      connection.send("HTTP/1.1 200 OK\r\n\r\n")
      // The server lives as long as its proxy.
      connection.tunnel(to: server.port)
      return .close
    }
  }

  private func client(
    through proxy: ScriptedServer,
    user: String? = "user",
    password: String? = "secret",
    change: (inout TransferOptions) -> Void = { _ in }
  ) throws -> TransferClient {
    try .quick("https://updates.example/") {
      $0.connection.caFile = authority.certificate
      $0.connection.proxy = .server(url: proxy.url, user: user, password: password)
      change(&$0)
    }
  }

  /// The ways by which a proxy was asked to let somebody in, without what followed the name of each.
  private func tried(_ proxy: ScriptedServer) -> [String] {
    proxy.requests.compactMap { $0.headers["proxy-authorization"]?.split(separator: " ").first.map(String.init) }
  }

  @Test(arguments: [
    ["Basic"], ["Negotiate", "Basic"], ["NTLM", "Basic"], ["Negotiate", "NTLM", "Basic"], ["Kerberos", "Basic"],
  ])
  func `a proxy that offers other ways beside Basic is signed in to by Basic`(schemes: [String]) async throws {
    let proxy = try proxy(to: try serve(), offering: schemes)
    let client = try client(through: proxy)
    #expect(try await client.bytes("a") == Array("over TLS".utf8))
    #expect(!tried(proxy).contains("Negotiate"))
    #expect(tried(proxy).contains("NTLM") == schemes.contains("NTLM"))
    // What has worked is not looked for again.
    let before = tried(proxy).count { $0 != "Basic" }
    _ = try await client.bytes(["b", "c", "d"])
    #expect(tried(proxy).count { $0 != "Basic" } == before)
  }

  @Test func `by proxy_auth one way alone is tried`() async throws {
    let server = try serve()
    let both = try proxy(to: server, offering: ["NTLM", "Basic"])
    #expect(try await client(through: both) { $0.connection.proxySchemes = .basic }.bytes("a").count == 8)
    #expect(!tried(both).contains("NTLM"))
    let other = try proxy(to: server, offering: ["Basic"])
    let error = try await client(through: other) { $0.connection.proxySchemes = .ntlm }.failure(TransferRequest("a"))
    #expect(error.isNotSignedIn, "\(error)")
    #expect(
      error.description.contains("by Basic") && error.description.contains("'proxy_auth' allows NTLM"),
      "\(error)"
    )
    #expect(!tried(other).contains("Basic"))
  }

  @Test func `a proxy that takes Kerberos alone is reported so, and nothing is sent to it`() async throws {
    let proxy = try proxy(to: try serve(), offering: ["Negotiate"])
    let error = try await client(through: proxy).failure(TransferRequest("a"))
    #expect(error.description.contains("proxy_auth = \"negotiate\""), "\(error)")
    #expect(tried(proxy).isEmpty)
  }

  @Test(arguments: [
    ("CORP\\bob", "secret"), ("bob@corp.example", "p@s:s/w?#[]"), ("bob", "x%41y"), ("b%41b", "secret"),
    ("bob", "ключ & ü"), ("bob", "100% +plus+ \"q\" 'q' ~"), ("bob", "%"), ("bob", "trailing\\"), ("bob", ""),
  ])
  func `user names and passwords reach the proxy as they are`(user: String, password: String) async throws {
    let proxy = try proxy(to: try serve(), offering: ["Negotiate", "Basic"], user: user, password: password)
    #expect(try await client(through: proxy, user: user, password: password).bytes("a").count == 8)
  }

  @Test func `a wrong password is sent once, however many files there are`() async throws {
    let proxy = try proxy(to: try serve(), offering: ["Basic"])
    let client = try client(through: proxy, password: "wrong")
    let errors = await withTaskGroup(of: TransferError?.self) { group in
      for number in 0..<20 {
        group.addTask {
          do throws(TransferError) {
            _ = try await client.fetch(TransferRequest("\(number)"))
            return nil
          } catch {
            return error
          }
        }
      }
      return await group.reduce(into: [TransferError?]()) { $0.append($1) }
    }
    #expect(errors.allSatisfy { $0?.isNotSignedIn == true })
    #expect(tried(proxy) == ["Basic"])
    let text = errors.first??.description ?? ""
    #expect(text.contains("so that the account is not locked") && !text.contains("wrong"), "\(text)")
  }

  @Test func `many files at once go through a proxy that asks for a password`() async throws {
    let proxy = try proxy(to: try serve(), offering: ["Negotiate", "NTLM", "Basic"])
    let files = try await client(through: proxy).bytes(["a", "b", "c", "d"])
    #expect(files.values.allSatisfy { $0 == Array("over TLS".utf8) } && files.count == 4)
    // Each that begins before one has found the way may try another once, and none does so again.
    #expect(tried(proxy).count { $0 == "NTLM" } <= files.count)
  }
}
