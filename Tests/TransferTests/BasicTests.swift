import Curl
import Glibc
import TestSupport
import Testing
import Transfer

@Suite struct BasicTests {
  @Test func `a whole file arrives with its bytes and what the server says of it`() async throws {
    let body = noise(1_000_000)
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["ETag: \"a1\"", "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT"], body)
      return .keep
    }
    let client = try TransferClient.quick(server.url) { $0.connection.userAgent = "tester/1" }
    let sink = MemorySink(limit: 2_000_000)
    let response = try await client.fetch(TransferRequest("index/a.xml", into: sink, expected: 1_000_000))
    #expect(sink.bytes == body)
    #expect(response.outcome == .complete)
    #expect(response.byteCount == 1_000_000)
    #expect(response.bytesReceived == 1_000_000)
    #expect(response.validators == Validators(etag: "\"a1\"", lastModified: "Tue, 15 Nov 1994 12:45:26 GMT"))
    #expect(response.lastModified == 784_903_526)
    #expect(response.url == server.url + "index/a.xml")
    #expect(response.server == server.url)
    #expect(response.retries == 0)
    let request = try #require(server.requests.first)
    #expect(request.method == "GET")
    #expect(request.target == "/index/a.xml")
    #expect(request.headers["accept-encoding"] == "identity")
    #expect(request.headers["user-agent"] == "tester/1")
    #expect(request.headers["range"] == nil)
    #expect(request.headers["if-none-match"] == nil)
    #expect(client.statistics.bytesReceived == 1_000_000)
    #expect(client.statistics.servers[server.url]?.requests == 1)
  }

  @Test func `an empty file arrives`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let response = try await client.fetch(TransferRequest("empty", expected: 0))
    #expect(response.outcome == .complete)
    #expect(response.byteCount == 0)
    #expect(server.requests.count == 1)
  }

  @Test func `bodies of no told length arrive, in pieces or up to the connection's end`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.target == "/pieces" {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4\r\nmore\r\n0\r\n\r\n")
        return .keep
      }
      connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the end")
      return .close
    }
    let client = try TransferClient.quick(server.url)
    #expect(try await client.bytes("pieces") == Array("onemore".utf8))
    #expect(try await client.bytes("end") == Array("up to the end".utf8))
  }

  @Test func `what a server says before its answer is ignored`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.send("HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\nContent-Length: 9\r\n\r\n")
      connection.answer("200 OK", ["ETag: \"late\""], Array("body".utf8))
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 100)
    let response = try await client.fetch(TransferRequest("hints", into: sink))
    #expect(sink.bytes == Array("body".utf8))
    #expect(response.validators.etag == "\"late\"")
    #expect(server.requests.count == 1)
  }

  @Test(arguments: ["gzip", "br", "\u{2}odd"])
  func `what is packed on the way, though nobody asked for it, is refused, and another server gives the file`(
    coding: String
  ) async throws {
    let packing = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["Content-Encoding: \(coding)"], [0x1F, 0x8B] + noise(100))
      return .keep
    }
    let plain = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["Content-Encoding: identity"], Array("as it is".utf8))
      return .keep
    }
    let error = try await TransferClient.quick(packing.url).failure(TransferRequest("a.dat"))
    guard case .packed = error.reason else { throw error }
    #expect(error.kind == .damaged)
    #expect(error.description.contains("Content-Encoding") && error.description.contains("proxy or gateway"))
    #expect(packing.requests.count == 1)
    #expect(try await TransferClient.quick(packing.url, plain.url).bytes("a.dat") == Array("as it is".utf8))
  }

  @Test(arguments: [("a.tar.gz", "gzip"), ("a.tgz", "x-gzip"), ("a.xz", "xz")])
  func `a file whose own form a server calls an encoding is taken as it is`(name: String, coding: String) async throws {
    let body = noise(100)
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["Content-Encoding: \(coding)"], body)
      return .keep
    }
    #expect(try await TransferClient.quick(server.url).bytes(name) == body)
  }

  @Test func `odd paths are percent-encoded`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let client = try TransferClient.quick(server.url + "base")
    let paths = ["a b/~c.txt", "100%/#1?x=y&z", "/%41", "ü;+:@\"\\"]
    for path in paths { _ = try await client.bytes(path) }
    #expect(
      server.requests.map(\.target) == [
        "/base/a%20b/~c.txt", "/base/100%25/%231%3Fx%3Dy%26z", "/base/%2541", "/base/%C3%BC%3B%2B%3A%40%22%5C",
      ]
    )
  }

  @Test(arguments: ["..", "a/../b", "./a", "a/.", "/../a"])
  func `a path that leaves its folder is refused before anybody is asked`(path: String) async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    #expect(try await client.failure(TransferRequest(path)).kind == .configuration)
    #expect(server.requests.isEmpty)
  }

  @Test func `credentials in a server's address are used and not told`() async throws {
    let server = try ScriptedServer { request, connection in
      connection.answer(request.target == "/there" ? "200 OK" : "404 Not Found")
      return .keep
    }
    let client = try TransferClient.quick("http://user:secret@127.0.0.1:\(server.port)/")
    let response = try await client.fetch(TransferRequest("there"))
    #expect(server.requests.first?.headers["authorization"] == "Basic dXNlcjpzZWNyZXQ=")
    let error = try await client.failure(TransferRequest("absent"))
    for text in [response.url, response.server, error.url, error.server, error.description] {
      #expect(!text.contains("secret"))
      #expect(text.contains("127.0.0.1"))
    }
    #expect(client.statistics.servers.keys.sorted() == [server.url])
  }

  @Test func `one connection serves one file after the other`() async throws {
    let server = try ScriptedServer { request, connection in
      // An error's body is no reason to give the connection up.
      if request.number % 3 == 2 {
        connection.answer("404 Not Found", [], noise(500))
      } else {
        connection.answer("200 OK", [], noise(1000))
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url) { $0.eventLoops = 1 }
    for number in 0..<12 { _ = try? await client.bytes("\(number)") }
    #expect(server.requests.count == 12)
    #expect(server.connections == 1)
    #expect(client.statistics.connectionsOpened == 1)
    #expect(client.statistics.requests == 12)
  }

  @Test func `a server gets no more connections than allowed, and every file arrives`() async throws {
    let server = try ScriptedServer { request, connection in
      usleep(10_000)
      connection.answer("200 OK", [], Array(request.target.utf8))
      return .keep
    }
    let client = try TransferClient.quick(server.url) {
      $0.connectionsPerServer = 4
      $0.concurrentTransfers = 16
    }
    let files = try await client.bytes((0..<60).map(String.init))
    #expect(files.count == 60)
    #expect(files.allSatisfy { $0.value == Array("/\($0.key)".utf8) })
    #expect(server.requests.count == 60)
    #expect((2...4).contains(server.mostConnectionsAtOnce))
    #expect(client.statistics.running == 0)
    #expect(client.statistics.waiting == 0)
  }

  @Test func `files of a server without TLS do not wait for one another`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.stall()
      return .close
    }
    let client = try TransferClient.quick(server.url) { $0.eventLoops = 1 }
    let tasks = (0..<4).map { number in Task { try await client.bytes("\(number)") } }
    #expect(try await eventually { server.requests.count == 4 })
    for task in tasks { task.cancel() }
  }

  @Test func `no more transfers run at once than allowed, over all servers`() async throws {
    let script: ScriptedServer.Script = { _, connection in
      usleep(10_000)
      connection.answer()
      return .keep
    }
    let (one, other) = (try ScriptedServer(script), try ScriptedServer(script))
    let client = try TransferClient.quick { $0.concurrentTransfers = 2 }
    try await withThrowingTaskGroup { group in
      for number in 0..<20 {
        let url = [one.url, other.url][number % 2] + "\(number)"
        group.addTask {
          _ = try await client.fetch(TransferRequest(.url(url), into: MemorySink(limit: 0), maximumBytes: 0))
        }
      }
      try await group.waitForAll()
    }
    #expect(one.requests.count + other.requests.count == 20)
    #expect(one.mostRequestsAtOnce <= 2)
    #expect(other.mostRequestsAtOnce <= 2)
    #expect(one.mostConnectionsAtOnce <= 2)
  }

  @Test func `a whole address is asked as it stands`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", [], Array("outside".utf8))
      return .keep
    }
    let client = try TransferClient.quick()
    let sink = MemorySink(limit: 100)
    let url = server.url + "a%20b?c=d%2F"
    let response = try await client.fetch(TransferRequest(.url(url), into: sink, maximumBytes: 100))
    #expect(sink.bytes == Array("outside".utf8))
    #expect(response.url == url)
    #expect(server.requests.map(\.target) == ["/a%20b?c=d%2F"])
  }

  @Test(arguments: ["ftp://127.0.0.1/a", "file:///etc/passwd", "http://", "no address", "http://a\r\nb/", ""])
  func `what is no address of the web is refused`(text: String) async throws {
    let client = try TransferClient.quick()
    let error = try await client.failure(TransferRequest(.url(text), into: MemorySink(limit: 0), maximumBytes: 0))
    #expect(error.kind == .configuration)
  }

  @Test func `plain HTTP is refused unless it is allowed`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let error = #expect(throws: TransferError.self) {
      _ = try TransferClient.quick(server.url) { $0.connection.allowsPlainHTTP = false }
    }
    #expect(error?.told == "refusedPlainHTTP")
    let client = try TransferClient.quick("https://127.0.0.1:1/") { $0.connection.allowsPlainHTTP = false }
    let request = TransferRequest(.url(server.url), into: MemorySink(limit: 0), maximumBytes: 0)
    #expect(try await client.failure(request).told == "refusedPlainHTTP")
    #expect(server.connections == 0)
  }

  @Test func `options that make no sense are refused when the client is made`() {
    let changes: [(inout TransferOptions) -> Void] = [
      { $0.concurrentTransfers = 0 },
      { $0.connectionsPerServer = 0 },
      { $0.eventLoops = 0 },
      { $0.retries.attempts = 0 },
      { $0.retries.firstPause = .seconds(-1) },
      { $0.connection.stallTimeout = .zero },
      { $0.totalTimeout = .zero },
      { $0.bandwidth = [BandwidthRule(bytesPerSecond: 0)] },
      { $0.bandwidth = [BandwidthRule(bytesPerSecond: 1, fromMinute: 1440)] },
      { $0.connection.clientCertificate = "/dev/null" },
      { $0.connection.caFile = "/nonexistent/ca.pem" },
      { $0.connection.pinnedPublicKey = "sha1//AAAA" },
      { $0.servers = [TransferServer(baseURL: "http://127.0.0.1", weight: 0)] },
      { $0.servers = [TransferServer(baseURL: "gopher://127.0.0.1")] },
    ]
    for (number, change) in changes.enumerated() {
      let error = #expect(throws: TransferError.self, "change \(number)") {
        _ = try TransferClient.quick("http://127.0.0.1:1/", change: change)
      }
      #expect(error?.kind == .configuration, "change \(number)")
    }
  }
}
