import Glibc
import TestSupport
import Testing
import Transfer

@Suite struct ServerTests {
  private static let full: ScriptedServer.Script = { request, connection in
    connection.answer("200 OK", [], Array("from the other".utf8))
    return .keep
  }

  private static func saying(_ status: String, _ headers: String...) throws -> ScriptedServer {
    try ScriptedServer { _, connection in
      connection.answer(status, headers, noise(100))
      return .keep
    }
  }

  @Test(arguments: ["404 Not Found", "410 Gone"])
  func `a file that the only server does not have is asked for once`(status: String) async throws {
    let server = try Self.saying(status)
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    let error = try await client.failure(TransferRequest("absent", into: sink))
    #expect(error.told == "notFound(status: \(status.prefix(3)))")
    #expect(error.url == server.url + "absent")
    #expect(error.server == server.url)
    #expect(sink.bytes.isEmpty)
    #expect(server.requests.count == 1)
  }

  @Test func `two servers, and no more, are asked before a file is absent`() async throws {
    let servers = try (0..<3).map { _ in try Self.saying("404 Not Found") }
    let client = try TransferClient.quick(servers[0].url, servers[1].url, servers[2].url)
    #expect(try await client.failure(TransferRequest("absent")).kind == .notFound)
    #expect(servers.map(\.requests.count) == [1, 1, 0])
  }

  @Test(arguments: ["404 Not Found", "403 Forbidden", "501 Not Implemented"])
  func `a file that one server does not give comes from the other`(status: String) async throws {
    let (first, second) = (try Self.saying(status), try ScriptedServer(Self.full))
    let client = try TransferClient.quick(first.url, second.url)
    let sink = MemorySink(limit: 1000)
    let response = try await client.fetch(TransferRequest("a", into: sink))
    #expect(sink.bytes == Array("from the other".utf8))
    #expect(response.server == second.url)
    #expect(response.retries == 1)
    #expect(first.requests.count == 1)
  }

  @Test func `a fault of the server is reported after all attempts`() async throws {
    let server = try Self.saying("500 Internal Server Error")
    let client = try TransferClient.quick(server.url) { $0.retries.attempts = 4 }
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.told == "httpStatus(500)")
    #expect(error.kind == .refused)
    #expect(server.requests.count == 4)
    #expect(client.statistics.retries == 3)
    #expect(client.statistics.servers[server.url]?.failures == 4)
  }

  @Test(arguments: ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "429 Too Many Requests"])
  func `a fault that passes is got over`(status: String) async throws {
    let server = try ScriptedServer { request, connection in
      if request.number < 2 { connection.answer(status) } else { connection.answer("200 OK", [], noise(1000)) }
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    let sink = MemorySink(limit: 1000)
    let response = try await client.fetch(TransferRequest("a", into: sink))
    #expect(sink.bytes == noise(1000))
    #expect(response.retries == 2)
    #expect(server.requests.count == 3)
  }

  @Test func `a refusal is not asked for again`() async throws {
    let server = try Self.saying("403 Forbidden")
    let client = try TransferClient.quick(server.url)
    #expect(try await client.failure(TransferRequest("a")).told == "httpStatus(403)")
    #expect(server.requests.count == 1)
  }

  @Test func `a server that asks for a pause gets it`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.number == 0 {
        connection.answer("503 Service Unavailable", ["Retry-After: 1"])
      } else {
        connection.answer("200 OK", [], Array("now".utf8))
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url) { $0.retries.longestPause = .seconds(20) }
    #expect(try await client.bytes("a") == Array("now".utf8))
    let moments = server.requests.map(\.moment)
    #expect(moments.count == 2)
    #expect(moments[1] - moments[0] >= .milliseconds(950))
  }

  @Test func `a server that asks for a pause holds back other files too`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.number == 0 {
        connection.answer("429 Too Many Requests", ["Retry-After: 1"])
      } else {
        connection.answer()
      }
      return .keep
    }
    let client = try TransferClient.quick(server.url) { $0.retries.longestPause = .seconds(20) }
    async let first = client.bytes("first")
    #expect(try await eventually { client.statistics.retries == 1 })
    _ = try await client.bytes("second")
    _ = try await first
    let moments = server.requests.map(\.moment)
    #expect(moments.count == 3)
    #expect(moments[1] - moments[0] >= .milliseconds(950))
  }

  @Test(arguments: ["100000", "Fri, 31 Dec 2100 23:59:59 GMT", "-1", "soon"])
  func `a pause asked for is no longer than the longest`(asked: String) async throws {
    let server = try ScriptedServer { request, connection in
      connection.answer(request.number == 0 ? "503 Service Unavailable" : "200 OK", ["Retry-After: \(asked)"])
      return .keep
    }
    let client = try TransferClient.quick(server.url)
    _ = try await client.bytes("a")
    #expect(server.requests.count == 2)
  }

  @Test func `servers take over from one that is down, which is unchanged for a while`() async throws {
    let down = "http://127.0.0.1:\(try Loopback.freePort())/"
    let second = try ScriptedServer(Self.full)
    let client = try TransferClient.quick(down, second.url) {
      $0.retries.firstPause = .seconds(3600)
      $0.retries.longestPause = .seconds(3600)
    }
    for number in 0..<10 {
      let response = try await client.fetch(TransferRequest("\(number)"))
      #expect(response.server == second.url)
      #expect(response.retries == (number == 0 ? 1 : 0))
    }
    #expect(second.requests.count == 10)
    #expect(client.statistics.servers[down]?.requests == 1)
  }

  @Test func `a server that is well again is asked again`() async throws {
    let first = try ScriptedServer { request, connection in
      if request.number == 0 { connection.answer("503 Service Unavailable") } else { connection.answer() }
      return .keep
    }
    let second = try ScriptedServer(Self.full)
    let client = try TransferClient.quick(first.url, second.url)
    var servers: [String] = []
    for _ in 0..<1000 where servers.last != first.url {
      servers.append(try await client.fetch(TransferRequest("a")).server)
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(servers.first == second.url)
    #expect(servers.last == first.url)
  }

  @Test func `faults with one file do not hold up the others`() async throws {
    let first = try ScriptedServer { request, connection in
      connection.answer(request.target == "/bad" ? "500 Internal Server Error" : "200 OK")
      return .keep
    }
    let second = try ScriptedServer(Self.full)
    let client = try TransferClient.quick(first.url, second.url) { $0.retries.firstPause = .seconds(60) }
    #expect(try await client.fetch(TransferRequest("bad")).server == second.url)
    #expect(try await client.fetch(TransferRequest("good")).server == first.url)
  }

  @Test func `a file that one server breaks off is continued by the other`() async throws {
    let body = noise(100_000)
    let first = try ScriptedServer { _, connection in
      connection.begin(["ETag: \"v1\""], length: body.count, body[..<30_000])
      return .close
    }
    let second = try ScriptedServer { request, connection in
      connection.serve(body, etag: "\"v1\"", for: request)
      return .keep
    }
    let client = try TransferClient.quick(first.url, second.url)
    let sink = MemorySink(limit: 1 << 20)
    let response = try await client.fetch(TransferRequest("a", into: sink))
    #expect(sink.bytes == body)
    #expect(response.bytesReceived == 100_000)
    #expect(second.requests.first?.headers["range"] == "bytes=30000-")
    #expect(client.statistics.servers[first.url]?.bytesReceived == 30_000)
  }

  @Test func `a server that falls silent is left for the other`() async throws {
    let first = try ScriptedServer { _, connection in
      connection.begin(length: 1000, noise(10))
      connection.stall()
      return .close
    }
    let second = try ScriptedServer(Self.full)
    let client = try TransferClient.quick(first.url, second.url) { $0.connection.stallTimeout = .seconds(1) }
    #expect(try await client.bytes("a") == Array("from the other".utf8))
    #expect(first.requests.count == 1)
  }

  @Test func `when every server fails, each is reported with its reason`() async throws {
    let down = "http://127.0.0.1:\(try Loopback.freePort())/"
    let server = try Self.saying("502 Bad Gateway")
    let client = try TransferClient.quick(down, server.url) { $0.retries.attempts = 4 }
    let error = try await client.failure(TransferRequest("a"))
    guard case .noServerLeft(let failures) = error.reason else { throw error }
    #expect(Set(failures.map(\.server)) == [down, server.url])
    #expect(Set(failures.map(\.kind)) == [.unreachable, .refused])
    #expect(error.description.contains("HTTP status 502"))
    #expect(server.requests.count == 2)
  }

  @Test func `a name that nobody knows is reported as that`() async throws {
    let client = try TransferClient.quick("http://nobody.invalid/") { $0.retries.attempts = 1 }
    let error = try await client.failure(TransferRequest("a"))
    #expect(error.told == "cannotResolve")
    #expect(error.kind == .unreachable)
  }
}
