import AdministrationServer
import AdministrationServerDouble
import Foundation
import TestSupport
import Testing

@Suite struct SessionTests {
  @Test func `a client signs in once, works in the session, and ends it`() async throws {
    let world = try World()
    let server = try world.server()
    try await server.ping()
    #expect(try await server.serverInfo().fullVersion == "15.1.0.20748")
    #expect(world.double.openSessions == 1)
    try await server.signOut()
    #expect(world.double.openSessions == 0)
    try await server.signOut()
    #expect(
      world.double.methods
        == ["Session.StartSession", "Session.Ping", "HostGroup.GetStaticInfo", "Session.EndSession"]
    )
    let calls = world.double.calls
    let user = Data("admin".utf8).base64EncodedString()
    let password = Data("secret".utf8).base64EncodedString()
    #expect(
      calls[0].headers["authorization"]
        == "KSCBasic user=\"\(user)\", pass=\"\(password)\", domain=\"\", internal=\"1\""
    )
    #expect(calls[0].headers["x-ksc-session"] == nil)
    #expect(calls[0].headers["x-ksc-vserver"] == nil)
    #expect(calls.dropFirst().allSatisfy { $0.headers["authorization"] == nil && $0.headers["x-ksc-session"] != nil })
    #expect(calls.allSatisfy { $0.headers["content-type"] == "application/json" && $0.connection == 1 })
    let traces = calls[1...2].compactMap { $0.headers["x-ksc-requestid"] }
    #expect(Set(traces).count == 2)
    // The next call begins a new session.
    try await server.ping()
    #expect(world.double.openSessions == 1)
  }

  @Test func `a wrong password is reported as that, and asked for once only`() async throws {
    let world = try World()
    let server = try world.server(.password(user: "admin", password: Secret("guess"), domain: "PLANT"))
    let error = try await failure { try await server.ping() }
    guard case .signInRefused("PLANT\\admin", 403, "Authentication failure") = error else { throw error }
    #expect(world.double.methods == ["Session.StartSession"])
    #expect(!"\(error)".contains("guess"))
  }

  @Test func `tokens let in, too, and a virtual server is named`() async throws {
    var fixture = Fixture()
    fixture.tokens = ["one-time"]
    fixture.webTokens = ["web"]
    let world = try World(fixture)
    try await world.server(.webToken(Secret("web"))).ping()
    let server = try world.server(.token(Secret("one-time"))) { $0.virtualServer = "Цех 7" }
    #expect(try await server.serverInfo().isVirtual == true)
    #expect(
      world.double.calls.last { $0.method == "Session.StartSession" }?.headers["x-ksc-vserver"]
        == Data("Цех 7".utf8).base64EncodedString()
    )
    // The token is used up: a second sign-in cannot succeed with it.
    world.double.expireSessions()
    guard case .signInRefused = try await failure({ try await server.ping() }) else { throw TestFailure("let in") }
  }

  @Test(arguments: ["", "two words", "line\nbreak", "ü"])
  func `a token that cannot be one is not sent`(_ token: String) async throws {
    let world = try World()
    let server = try world.server(.webToken(Secret(token)))
    guard case .invalidArgument = try await failure({ try await server.ping() }) else { throw TestFailure("sent") }
    #expect(world.double.calls.isEmpty)
  }

  @Test func `a domain cannot break out of its header`() async throws {
    let world = try World()
    for domain in ["a\", internal=\"1", "a b", "a\r\nX: y"] {
      let server = try world.server(.password(user: "admin", password: Secret("secret"), domain: domain))
      guard case .invalidArgument = try await failure({ try await server.ping() }) else { throw TestFailure(domain) }
    }
    #expect(world.double.calls.isEmpty)
  }

  @Test func `a session that has gone is begun again, once`() async throws {
    let world = try World()
    let server = try world.server()
    try await server.ping()
    world.double.expireSessions()
    try await server.ping()
    #expect(world.double.methods.suffix(3) == ["Session.Ping", "Session.StartSession", "Session.Ping"])
  }

  @Test func `a server that closes each session is given up`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "Session.Ping" ? .status(403) : nil }
    let server = try world.server()
    guard case .sessionLost("Session.Ping", "") = try await failure({ try await server.ping() }) else {
      throw TestFailure("not given up")
    }
    #expect(
      world.double.methods == ["Session.StartSession", "Session.Ping", "Session.StartSession", "Session.Ping"]
    )
  }

  @Test func `a busy server is waited for`() async throws {
    let world = try World()
    world.double.misbehave { $0.count <= 3 ? .status(503) : nil }
    // Longer than any busy machine makes of a few short pauses.
    let server = try world.server { $0.busyPatience = .seconds(600) }
    try await server.ping()
    #expect(world.double.methods.count == 8)
    // Three times each: the sign-in and the call.
    #expect(world.double.calls.filter { $0.method == "Session.StartSession" }.count == 4)
  }

  @Test func `a server that stays busy is given up in time`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "Session.Ping" ? .status(503, headers: ["Retry-After: 7"]) : nil }
    let server = try world.server { options in
      options.busyPatience = .seconds(1)
      options.longestPause = .milliseconds(200)
    }
    guard case .busy("Session.Ping", _) = try await failure({ try await server.ping() }) else {
      throw TestFailure("not given up")
    }
    let tries = world.double.calls.filter { $0.method == "Session.Ping" }.count
    #expect((1...7).contains(tries), "\(tries)")
  }

  @Test func `other statuses are reported with what the server says`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "Session.Ping" ? .status(500, text: "out of\u{1B}[31m order") : nil }
    let error = try await failure { try await world.server().ping() }
    guard case .httpStatus("Session.Ping", 500, "out of [31m order") = error else { throw error }
  }

  @Test func `calls of many tasks come one after the other, on one connection`() async throws {
    let world = try World()
    world.double.misbehave { _ in .late(seconds: 0.002) }
    let server = try world.server()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { try await server.ping() } }
      try await group.waitForAll()
    }
    #expect(world.double.methods.filter { $0 == "Session.StartSession" }.count == 1)
    #expect(world.double.methods.count == 21)
    #expect(world.double.connections == 1)
  }

  @Test func `a cancelled call ends at once, whether it runs or waits`() async throws {
    let world = try World()
    world.double.misbehave { $0.method == "Session.Ping" ? .late(seconds: 30) : nil }
    let server = try world.server()
    let begin = ContinuousClock.now
    let tasks = (0..<3).map { _ in Task { try await server.ping() } }
    try await Task.sleep(for: .milliseconds(200))
    for task in tasks.reversed() { task.cancel() }
    for task in tasks {
      guard case .cancelled = try await failure({ try await task.value }) else { throw TestFailure("not cancelled") }
    }
    // Before the answer would have come.
    #expect(ContinuousClock.now - begin < .seconds(30))
    // The gate is open again.
    world.double.misbehave { _ in nil }
    try await server.ping()
  }

  @Test func `a session is ended also where the task is cancelled`() async throws {
    let world = try World()
    let server = try world.server()
    try await server.ping()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await server.signOut()
    }
    try await task.value
    #expect(world.double.openSessions == 0)
  }

  @Test func `a cancelled task does not wait for a busy server`() async throws {
    let world = try World()
    world.double.misbehave { _ in .status(503) }
    let server = try world.server { options in
      options.firstPause = .seconds(60)
      options.longestPause = .seconds(60)
      options.busyPatience = .seconds(600)
    }
    let task = Task { try await server.ping() }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    guard case .cancelled = try await failure({ try await task.value }) else { throw TestFailure("not cancelled") }
  }

  @Test func `what is no method is not sent`() async throws {
    let world = try World()
    let server = try world.server()
    for method in ["", "Ping", "Session.Ping?x", "Session.Ping HTTP/1.1\r\nX: y", "../login", "Séssion.Ping"] {
      guard case .invalidArgument = try await failure({ _ = try await server.call(method) }) else {
        throw TestFailure(method)
      }
    }
    #expect(world.double.calls.isEmpty)
  }

  @Test func `a token that does not fit a header is not taken`() async throws {
    for token in [#""""#, #""a b""#, #""a\r\nX: y""#, "5", "null"] {
      let transport = FixedTransport(body: #"{"PxgRetVal":\#(token)}"#)
      let server = AdministrationServer(transport, signIn: World.password)
      guard case .malformed("Session.StartSession", _) = try await failure({ try await server.ping() }) else {
        throw TestFailure(token)
      }
    }
  }

  private struct FixedTransport: OpenAPITransport {
    let body: String
    func send(_ request: OpenAPIRequest) async throws -> OpenAPIResponse { .json(body) }
  }
}
