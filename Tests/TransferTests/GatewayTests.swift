import Curl
import Glibc
import TestSupport
import Testing
import Transfer

/// What stands between a client and its servers, and answers in their place.
@Suite struct GatewayTests {
  private static func saying(_ body: [UInt8], _ headers: [String] = []) throws -> ScriptedServer {
    try ScriptedServer { _, connection in
      connection.answer("200 OK", headers, body)
      return .keep
    }
  }

  private static let blocked =
    "<html><head><title>Blocked by\n policy</title></head><body>This file was blocked.</body></html>"

  /// Bodies that are web pages, with what the answer calls them.
  static let pages: [(body: [UInt8], type: String)] = [
    (Array(blocked.utf8), "text/html; charset=utf-8"),
    (Array(blocked.utf8), "application/octet-stream"),
    (Array("\r\n \t<!-- made by\n a portal -->\n<!DOCTYPE HTML PUBLIC \"-//W3C//DTD\">\n<p>Sign in".utf8), ""),
    ([0xEF, 0xBB, 0xBF] + Array("<HTML lang=ru>".utf8), "application/octet-stream"),
    ([0xFF, 0xFE] + "<html>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, ""),
    (Array("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML\">\n<html/>".utf8), "text/xml"),
    (Array("<script>location = '/login'</script>".utf8), "application/octet-stream"),
    (Array("<meta http-equiv=refresh content='0; url=/login'>".utf8), ""),
    // No markup, but called a page.
    (Array("Access denied by your administrator.".utf8), "Text/HTML"),
    (Array("<h1>Denied</h1>".utf8), "application/xhtml+xml"),
  ]

  @Test(arguments: pages.indices)
  func `a web page in place of a file is refused as that, and another server gives the file`(number: Int) async throws {
    let page = Self.pages[number]
    let gateway = try Self.saying(page.body, page.type.isEmpty ? [] : ["Content-Type: \(page.type)"])
    let server = try Self.saying(Array("the file".utf8))
    let sink = MemorySink(limit: 1 << 16)
    let error = try await TransferClient.quick(gateway.url).failure(TransferRequest("bases/a.dat", into: sink))
    #expect(error.isPage, "\(error)")
    #expect(error.kind == .damaged)
    #expect(error.description.contains("a web page came in place of the file"))
    #expect(error.description.contains("gateway") && error.description.contains("in a browser"))
    #expect(gateway.requests.count == 1)
    #expect(
      try await TransferClient.quick(gateway.url, server.url).bytes("bases/a.dat") == Array("the file".utf8)
    )
    // All servers lie behind the same gateway: the message says the same.
    let second = try Self.saying(page.body, page.type.isEmpty ? [] : ["Content-Type: \(page.type)"])
    let all = try await TransferClient.quick(gateway.url, second.url).failure(TransferRequest("bases/a.dat"))
    #expect(all.isPage && all.kind == .damaged && all.description.contains("in a browser"), "\(all)")
  }

  @Test func `the title of a page is in the message, on one line`() async throws {
    let gateway = try Self.saying(Array(Self.blocked.utf8))
    let error = try await TransferClient.quick(gateway.url).failure(TransferRequest("a.dat"))
    #expect(error.description.contains("\"Blocked by policy\""), "\(error)")
  }

  /// Bodies that are files, with the name that they are asked for by and what the answer calls them.
  static let files: [(name: String, body: [UInt8], type: String)] = [
    // A server that calls all that it does not know a page.
    ("a.dat", noise(3000), "text/html"),
    (
      "index/u1313g.xml", Array("<?xml version=\"1.0\"?>\n<!-- html --><Update Date=\"11112025 0000\">".utf8),
      "text/html"
    ),
    ("a.xml", Array("<?xml version=\"1.0\"?><head><title>no page</title></head>".utf8), "text/xml"),
    ("a.dat", Array("<heading>".utf8), ""),
    ("a.dat", Array("<htmlish/>".utf8), ""),
    ("a.txt", Array("of <html> and others".utf8), "text/plain"),
    ("eula.html", Array(blocked.utf8), "text/html"),
    ("help.HTM", Array(blocked.utf8), ""),
    ("empty.dat", [], "text/html"),
  ]

  @Test(arguments: files.indices)
  func `what is no page is taken, whatever a server calls it, and what is named as one is too`(
    number: Int
  ) async throws {
    let file = Self.files[number]
    let server = try Self.saying(file.body, file.type.isEmpty ? [] : ["Content-Type: \(file.type)"])
    #expect(try await TransferClient.quick(server.url).bytes(file.name) == file.body)
  }

  @Test func `a page is recognised however its bytes are cut into pieces`() async throws {
    let gateway = try ScriptedServer { _, connection in
      connection.begin(length: Self.blocked.utf8.count, [UInt8]())
      for byte in Self.blocked.utf8 { connection.send([byte]) }
      return .keep
    }
    #expect(try await TransferClient.quick(gateway.url).failure(TransferRequest("a.dat")).isPage)
  }

  @Test func `a file that a digest proves may be a page`() async throws {
    let server = try Self.saying(Array(Self.blocked.utf8), ["Content-Type: text/html"])
    var request = TransferRequest("a.dat")
    request.takesPages = true
    #expect(try await TransferClient.quick(server.url).fetch(request).outcome == .complete)
  }

  @Test func `a sign-in page that a network sends one on to is named as what it may be`() async throws {
    let portal = try ScriptedServer { _, connection in
      connection.answer("302 Found", ["Location: /login?again"])
      return .keep
    }
    let error = try await TransferClient.quick(portal.url).failure(TransferRequest("a.dat"))
    #expect(error.description.contains("sign-in page"), "\(error)")
    let network = try ScriptedServer { _, connection in
      connection.answer("511 Network Authentication Required")
      return .keep
    }
    let asked = try await TransferClient.quick(network.url) { $0.retries.attempts = 1 }.failure(
      TransferRequest("a.dat")
    )
    #expect(asked.description.contains("sign in with a browser"), "\(asked)")
  }

  @Test(arguments: ["403 Forbidden", "451 Unavailable For Legal Reasons"])
  func `servers that refuse everything are named as a block by address that it may be`(status: String) async throws {
    let servers = try (0..<3).map { _ in
      try ScriptedServer { _, connection in
        connection.answer(status)
        return .keep
      }
    }
    let all = try TransferClient.quick(servers[0].url, servers[1].url, servers[2].url)
    for client in [all, try TransferClient.quick(servers[0].url)] {
      let error = try await client.failure(TransferRequest("index/u1901g.xml"))
      #expect(error.kind == .refused)
      #expect(error.description.contains("block whole countries"), "\(error)")
    }
    // What all have in common is said once.
    let text = try await all.failure(TransferRequest("index/u1901g.xml")).description
    #expect(text.split(separator: "HTTP status \(status.prefix(3))").count == 2, "\(text)")
    #expect(servers.map(\.requests.count) == [3, 2, 2])
  }

  @Test func `a network that swallows everything is no server, and without a proxy its setting is asked for`()
    async throws
  {
    // Nobody answers the handshake.
    let silent = try (0..<2).map { _ in try Loopback.listen(backlog: 64) }
    defer { for listener in silent { close(listener.descriptor) } }
    let client = try TransferClient.quick(
      "https://127.0.0.1:\(silent[0].port)/",
      "https://127.0.0.1:\(silent[1].port)/"
    ) {
      $0.connection.connectTimeout = .milliseconds(200)
      $0.connection.proxy = .none
    }
    let error = try await client.failure(TransferRequest("index/u1901g.xml"))
    #expect(error.kind == .unreachable, "\(error)")
    #expect(error.description.contains("no proxy is set") && error.description.contains("https_proxy"), "\(error)")
    #expect(client.statistics.requests <= 3)
    let behind = try TransferClient.quick("https://127.0.0.1:\(silent[0].port)/") {
      $0.connection.proxy = .server(url: "http://127.0.0.1:\(silent[1].port)")
      $0.connection.connectTimeout = .milliseconds(200)
    }
    #expect(try await !behind.failure(TransferRequest("a")).description.contains("no proxy is set"))
  }
}
