import Curl
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing
import WebExchange

@Suite struct WebExchangeTests {
  private func exchange(
    _ server: ScriptedServer,
    change: (inout WebExchangeOptions) -> Void = { _ in }
  ) throws -> WebExchange {
    var options = WebExchangeOptions(baseURL: server.url)
    options.allowsPlainHTTP = true
    options.proxy = .none
    change(&options)
    return try WebExchange(options)
  }

  private func failure(_ work: () async throws -> Void) async throws -> TransferError {
    do { try await work() } catch let error as TransferError { return error }
    throw TestFailure("it did not fail")
  }

  // MARK: - Requests and answers

  @Test func `a request arrives as it was made, and its answer comes back as it was given`() async throws {
    let bodies = Mutex<[[UInt8]]>([])
    let server = try ScriptedServer { request, connection in
      bodies.withLock { $0.append(request.body) }
      connection.answer("418 Teapot", ["X-Two: 2", "Content-Type: text/plain; charset=utf-8"], Array("short".utf8))
      return .keep
    }
    let exchange = try exchange(server) { $0.userAgent = "tester/1" }
    let body = noise(300_000)
    let headers = [WebRequest.Header("X-One", "1; a=\"b\""), .init("Content-Type", "application/json")]
    let answer = try await exchange.send(
      WebRequest(.post, "/api/v1.0/a.b?c=d", headers: headers, body: body, maximumBytes: 100)
    )
    #expect(answer.status == 418)
    #expect(answer.headers["x-two"] == "2")
    #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
    #expect(answer.body == Array("short".utf8))
    _ = try await exchange.send(WebRequest(.put, "/b", body: [1, 2], maximumBytes: 100))
    _ = try await exchange.send(WebRequest(.post, "/c", maximumBytes: 100))
    _ = try await exchange.send(WebRequest(.get, "/d", maximumBytes: 100))
    #expect(bodies.withLock { $0 } == [body, [1, 2], [], []])
    let requests = server.requests
    #expect(requests.map(\.method) == ["POST", "PUT", "POST", "GET"])
    #expect(requests.map(\.target) == ["/api/v1.0/a.b?c=d", "/b", "/c", "/d"])
    #expect(requests[0].headers["x-one"] == "1; a=\"b\"")
    #expect(requests[0].headers["content-type"] == "application/json")
    #expect(requests[0].headers["user-agent"] == "tester/1")
    #expect(requests[0].headers["accept-encoding"] == "gzip, deflate")
    #expect(requests.allSatisfy { $0.headers["expect"] == nil })
    #expect(requests[1].headers["x-one"] == nil)
    #expect(server.connections == 1)
  }

  @Test func `a body that waits for leave is sent when there is leave`() async throws {
    let lengths = Mutex<[Int]>([])
    let server = try ScriptedServer { request, connection in
      lengths.withLock { $0.append(request.body.count) }
      connection.answer("201 Created")
      return .keep
    }
    let exchange = try exchange(server)
    let request = WebRequest(
      .put,
      "/part",
      headers: [.init("Expect", "100-continue")],
      body: noise(1 << 20),
      maximumBytes: 100
    )
    for _ in 0..<3 { #expect(try await exchange.send(request).status == 201) }
    #expect(lengths.withLock { $0 } == [1 << 20, 1 << 20, 1 << 20])
    #expect(server.connections == 1)
  }

  @Test func `a body that gets no leave is not sent`() async throws {
    let server = try ScriptedServer(givesLeave: false) { _, connection in
      connection.answer("503 Busy", ["Connection: close"])
      return .close
    }
    let request = WebRequest(
      .put,
      "/part",
      headers: [.init("Expect", "100-continue")],
      body: noise(1 << 20),
      maximumBytes: 100
    )
    #expect(try await exchange(server).send(request).status == 503)
  }

  @Test func `a redirection is an answer like any other`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("302 Found", ["Location: https://elsewhere.example/"])
      return .keep
    }
    let answer = try await exchange(server).send(WebRequest(.post, "/a", body: [1], maximumBytes: 10))
    #expect(answer.status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func `requests of many tasks go one after the other over one connection`() async throws {
    let server = try ScriptedServer { request, connection in
      connection.answer("200 OK", [], request.body)
      return .keep
    }
    let exchange = try exchange(server)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          let body = Array("\(number)".utf8)
          let answer = try await exchange.send(WebRequest(.post, "/", body: body, maximumBytes: 10))
          #expect(answer.body == body)
        }
      }
      try await group.waitForAll()
    }
    #expect(server.connections == 1)
    #expect(server.mostRequestsAtOnce == 1)
  }

  @Test func `a connection that the server has closed meanwhile is replaced`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .close
    }
    let exchange = try exchange(server)
    for _ in 0..<3 {
      #expect(try await exchange.send(WebRequest(.post, "/", body: [1], maximumBytes: 10)).status == 200)
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(server.connections == 3)
  }

  @Test func `a request is not sent again when a kept connection breaks off without an answer`() async throws {
    let server = try ScriptedServer { request, connection in
      guard request.target == "/first" else { return .close }
      connection.answer()
      return .keep
    }
    let exchange = try exchange(server)
    _ = try await exchange.send(WebRequest(.post, "/first", body: [1], maximumBytes: 10))
    let error = try await failure {
      _ = try await exchange.send(WebRequest(.post, "/second", body: [1], maximumBytes: 10))
    }
    guard case .cutShort = error.reason else { throw error }
    #expect(server.requests.map(\.target) == ["/first", "/second"])
    #expect(try await exchange.send(WebRequest(.post, "/first", body: [1], maximumBytes: 10)).status == 200)
  }

  // MARK: - Packed answers

  private func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = TemporaryFolder()
    try Data(bytes).write(to: URL(fileURLWithPath: folder["plain"].string))
    try Command.run("sh", ["-c", "gzip -9c \"$0\" > \"$1\"", folder["plain"].string, folder["packed"].string])
    return Array(try Data(contentsOf: URL(fileURLWithPath: folder["packed"].string)))
  }

  @Test func `a packed answer is unpacked, and its bound is for what comes out`() async throws {
    let bomb = try packed([UInt8](repeating: 0, count: 50_000_000))
    let text = try packed(Array("plain text".utf8))
    let server = try ScriptedServer { request, connection in
      connection.answer("200 OK", ["Content-Encoding: gzip"], request.target == "/text" ? text : bomb)
      return .keep
    }
    #expect(bomb.count < 100_000)
    let exchange = try exchange(server)
    #expect(try await exchange.send(WebRequest(.get, "/text", maximumBytes: 10)).body == Array("plain text".utf8))
    let error = try await failure { _ = try await exchange.send(WebRequest(.get, "/bomb", maximumBytes: 1_000_000)) }
    guard case .tooLarge(limit: 1_000_000) = error.reason else { throw error }
    // The exchange goes on behind it.
    #expect(try await exchange.send(WebRequest(.get, "/text", maximumBytes: 10)).status == 200)
  }

  @Test func `what is said to be packed and is not breaks the rules`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer("200 OK", ["Content-Encoding: gzip"], Array("plain text".utf8))
      return .keep
    }
    let error = try await failure { _ = try await exchange(server).send(WebRequest(.get, "/", maximumBytes: 100)) }
    #expect(error.kind == .damaged, "\(error)")
  }

  // MARK: - What goes wrong

  @Test func `answers that are too long, cut or none are reported as that`() async throws {
    let server = try ScriptedServer { request, connection in
      switch request.target {
      case "/long": connection.answer("200 OK", [], noise(1000))
      case "/cut":
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.cut()
      case "/none": connection.send("what?\r\n\r\n")
      case "/head":
        connection.send("HTTP/1.1 200 OK\r\n")
        for number in 0..<3000 { connection.send("X-\(number): \(String(repeating: "y", count: 50))\r\n") }
        connection.send("\r\n")
      default: break
      }
      return .close
    }
    let exchange = try exchange(server)
    func reason(_ path: String) async throws -> TransferError.Reason {
      try await failure { _ = try await exchange.send(WebRequest(.post, path, body: [1], maximumBytes: 999)) }.reason
    }
    guard case .tooLarge(limit: 999) = try await reason("/long") else { throw TestFailure("long") }
    guard case .cutShort = try await reason("/cut") else { throw TestFailure("cut") }
    guard case .malformedAnswer = try await reason("/none") else { throw TestFailure("none") }
    guard case .malformedAnswer = try await reason("/head") else { throw TestFailure("head") }
    guard case .cutShort = try await reason("/silent") else { throw TestFailure("silent") }
    // Nothing was sent twice.
    #expect(server.requests.count == 5)
  }

  @Test func `an answer that takes too long is given up`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.stall()
      return .close
    }
    let begin = ContinuousClock.now
    let exchange = try exchange(server) { $0.totalTimeout = .milliseconds(200) }
    let error = try await failure { _ = try await exchange.send(WebRequest(.get, "/", maximumBytes: 10)) }
    guard case .timedOut(.total) = error.reason else { throw error }
    // Far less than the time limits that would end it else.
    #expect(ContinuousClock.now - begin < .seconds(60))
  }

  @Test func `a server that is not there is reported as that`() async throws {
    var options = WebExchangeOptions(baseURL: "http://127.0.0.1:\(try Loopback.freePort())")
    options.allowsPlainHTTP = true
    options.proxy = .none
    let exchange = try WebExchange(options)
    let error = try await failure { _ = try await exchange.send(WebRequest(.get, "/", maximumBytes: 10)) }
    #expect(error.kind == .unreachable, "\(error)")
  }

  @Test func `a cancelled request ends at once, whether it runs or waits, and the next one is sent`() async throws {
    let server = try ScriptedServer { request, connection in
      if request.target == "/slow" {
        connection.stall()
        return .close
      }
      connection.answer()
      return .keep
    }
    let exchange = try exchange(server)
    let begin = ContinuousClock.now
    let running = Task { try await exchange.send(WebRequest(.post, "/slow", body: [1], maximumBytes: 10)) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    let waiting = Task { try await exchange.send(WebRequest(.post, "/never", body: [1], maximumBytes: 10)) }
    try await Task.sleep(for: .milliseconds(50))
    waiting.cancel()
    guard case .cancelled = try await failure({ _ = try await waiting.value }).reason else { throw TestFailure("ran") }
    running.cancel()
    guard case .cancelled = try await failure({ _ = try await running.value }).reason else { throw TestFailure("ran") }
    #expect(try await exchange.send(WebRequest(.get, "/quick", maximumBytes: 10)).status == 200)
    // Far less than the time limits that would end it else.
    #expect(ContinuousClock.now - begin < .seconds(60))
    #expect(server.requests.map(\.target) == ["/slow", "/quick"])
    let never = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await exchange.send(WebRequest(.post, "/never", body: [1], maximumBytes: 10))
    }
    guard case .cancelled = try await failure({ _ = try await never.value }).reason else { throw TestFailure("ran") }
  }

  @Test func `an exchange that is shut down ends what runs, and takes nothing more`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.stall()
      return .close
    }
    let exchange = try exchange(server)
    let running = Task { try await exchange.send(WebRequest(.get, "/", maximumBytes: 10)) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    exchange.shutdown()
    exchange.shutdown()
    guard case .cancelled = try await failure({ _ = try await running.value }).reason else { throw TestFailure("ran") }
    let late = try await failure { _ = try await exchange.send(WebRequest(.get, "/", maximumBytes: 10)) }
    guard case .cancelled = late.reason else { throw late }
  }

  @Test func `what would break out of its line is not sent`() async throws {
    let server = try ScriptedServer { _, connection in
      connection.answer()
      return .keep
    }
    let exchange = try exchange(server)
    let requests = [
      WebRequest(.get, "", maximumBytes: 1), .init(.get, "a", maximumBytes: 1),
      .init(.get, "/a HTTP/1.1\r\nX: y", maximumBytes: 1), .init(.get, "@elsewhere.example/", maximumBytes: 1),
      .init(.get, "/", headers: [.init("X", "a\r\nY: b")], maximumBytes: 1),
      .init(.get, "/", headers: [.init("X\r\nY", "b")], maximumBytes: 1),
      .init(.get, "/", headers: [.init("", "b")], maximumBytes: 1),
    ]
    for request in requests {
      #expect(try await failure { _ = try await exchange.send(request) }.kind == .configuration)
    }
    #expect(server.requests.isEmpty)
  }

  @Test(arguments: [
    ("http://127.0.0.1:1", TransferError.Kind.forbidden), ("https://127.0.0.1/path", .configuration),
    ("https://127.0.0.1/?query", .configuration), ("ftp://127.0.0.1", .configuration), ("", .configuration),
  ])
  func `an address that is no server's is refused`(_ url: String, _ kind: TransferError.Kind) {
    let error = #expect(throws: TransferError.self) { _ = try WebExchange(WebExchangeOptions(baseURL: url)) }
    #expect(error?.kind == kind, "\(String(describing: error))")
  }
}
