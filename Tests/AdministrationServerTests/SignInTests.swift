import AdministrationServer
import AdministrationServerDouble
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AdministrationServer

/// How a client signs in to Administration Servers of today: two-step verification, accounts that lock, several sessions.
@Suite struct SignInTests {
  private func fixture(code: String? = nil, mustRegister: Bool? = nil) -> Fixture {
    var fixture = Fixture()
    fixture.users = [Fixture.User(name: "admin", password: "secret", code: code, mustRegister: mustRegister)]
    return fixture
  }

  // MARK: - Two-step verification

  @Test func `an account with two-step verification is told to be exempted, and what was begun is ended`() async throws
  {
    let world = try World(fixture(code: "276069"))
    let error = try await failure { try await world.server().ping() }
    guard case .secondFactorNeeded("admin", .code(digits: 6), "Authentication not finished") = error else {
      throw error
    }
    #expect(error.description.contains("two-step verification") && error.description.contains("exempt"))
    #expect(error.status == .permission)
    #expect(world.double.methods == ["Session.StartSession", "Session.EndSession"])
    #expect(world.double.openSessions == 0)
  }

  @Test func `an account that has to register first is reported so`() async throws {
    let world = try World(fixture(mustRegister: true))
    let error = try await failure { try await world.server(askCode: { _, _ in Secret("1") }).ping() }
    guard case .secondFactorNeeded("admin", .registration, _) = error else { throw error }
    #expect(error.description.contains("registered") && error.description.contains("exempt"))
    #expect(world.double.openSessions == 0)
  }

  @Test func `a code that somebody types lets in, and the session is like any other`() async throws {
    let world = try World(fixture(code: "276069"))
    let asked = Mutex<[String]>([])
    let server = try world.server(askCode: { user, digits in
      asked.withLock { $0.append("\(user) \(digits ?? 0)") }
      return Secret("276069")
    })
    try await server.ping()
    try await server.ping()
    #expect(asked.withLock { $0 } == ["admin 6"])
    let calls = world.double.calls
    #expect(calls[1].headers["authorization"] == "KSCMFA totp=\"276069\"")
    #expect(calls[1].headers["x-ksc-session"] != nil && calls[1].method == "Session.StartSession")
    // The password is sent once.
    #expect(calls.count { $0.headers["authorization"]?.hasPrefix("KSCBasic") == true } == 1)
    try await server.signOut()
    #expect(world.double.openSessions == 0)
  }

  @Test(arguments: ["000000", "", "12 34", "a\r\nX: y", "\u{661}\u{662}"])
  func `a wrong code is tried once at the most`(_ code: String) async throws {
    let world = try World(fixture(code: "276069"))
    let asked = Mutex(0)
    let server = try world.server(askCode: { _, _ in
      asked.withLock { $0 += 1 }
      return Secret(code)
    })
    for _ in 0..<3 {
      switch try await failure({ try await server.ping() }) {
      case .codeRefused("admin", let said): #expect(code == "000000" && said.contains("The code is wrong"))
      case .secondFactorNeeded: #expect(code != "000000")
      case let other: throw other
      }
    }
    #expect(world.double.wrongTries <= 1 && asked.withLock { $0 } == 1)
    #expect(world.double.openSessions == 0)
  }

  // MARK: - What is refused

  @Test func `a password that was refused is not sent again, whatever calls and sessions follow`() async throws {
    let world = try World()
    let server = try world.server(.password(user: "admin", password: Secret("guess")))
    let colleague = server.colleague(try world.transport())
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<12 { group.addTask { try? await (number % 2 == 0 ? server : colleague).ping() } }
    }
    #expect(world.double.wrongTries == 1)
    #expect(world.double.methods == ["Session.StartSession"])
  }

  @Test(arguments: [
    (401, "X-KSC-ErrorMsg: Two-step verification is required", "", "Two-step verification is required"),
    (403, "X-KSC-ErrorMsg: The account is locked", "Forbidden", "The account is locked; Forbidden"),
    (401, "X-KSC-ErrorMsg: out of\u{1B}[31m order", "", "out of [31m order"),
    (401, "X-KSC-ErrorMsg: Denied", "Denied", "Denied"),
    (403, "X-Other: 1", "<html>Sign in</html>", ""),
  ])
  func `what the server says of a refusal is shown`(_ refusal: (Int, String, String, String)) async throws {
    let world = try World()
    let (status, header, body, shown) = refusal
    world.double.misbehave { _ in .status(status, headers: [header], text: body) }
    let error = try await failure { try await world.server().ping() }
    guard case .signInRefused("admin", status, shown) = error else { throw error }
    // What is to be done depends on what the server says.
    let advice =
      shown.contains("Two-step") ? "exempt the account" : shown.contains("locked") ? "unlock the account" : "tried once"
    #expect(error.description.contains(advice), "\(error)")
  }

  @Test func `what the server says with other statuses is shown, too`() async throws {
    let world = try World()
    world.double.misbehave {
      $0.method == "Session.Ping" ? .status(500, headers: ["X-KSC-ErrorMsg: The database is away"]) : nil
    }
    let error = try await failure { try await world.server().ping() }
    guard case .httpStatus("Session.Ping", 500, "The database is away") = error else { throw error }
  }

  // MARK: - Several sessions

  @Test func `further sessions sign in by tokens, one after the other, and send no password`() async throws {
    let world = try World(fixture(code: "276069"))
    world.double.misbehave { $0.method == "Session.StartSession" ? .late(seconds: 0.01) : nil }
    let server = try world.server(askCode: { _, _ in Secret("276069") })
    let all = [server] + (try (0..<3).map { _ in server.colleague(try world.transport()) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      for server in all { for _ in 0..<4 { group.addTask { try await server.ping() } } }
      try await group.waitForAll()
    }
    #expect(world.double.openSessions == 4 && world.double.connections == 4)
    #expect(world.double.mostSignInsAtOnce == 1)
    #expect(world.double.rulesBroken == 0)
    #expect(world.double.calls.count { $0.headers["authorization"]?.hasPrefix("KSCBasic") == true } == 1)
    for server in all { try await server.signOut() }
    #expect(world.double.openSessions == 0)
  }

  @Test func `a session that has gone is begun again by a further session, too`() async throws {
    let world = try World()
    let server = try world.server()
    let colleague = server.colleague(try world.transport())
    try await colleague.ping()
    world.double.expireSessions()
    try await colleague.ping()
    try await server.ping()
    #expect(world.double.openSessions == 2)
  }

  // MARK: - WWW-Authenticate

  @Test(
    arguments: [
      (#"KSCMFA type="totp", lengthHint="6""#, ["type": "totp", "lengthhint": "6"]),
      (#"kscmfa type=totp"#, ["type": "totp"]),
      (#"Negotiate, KSCMFA type="totpreg""#, ["type": "totpreg"]),
      (#"KSCBasic realm="a, KSCMFA type=\"x\"", KSCMFA type="totp", NTLM"#, ["type": "totp"]),
      (#"KSCMFA"#, [:]),
      (#"KSCMFA type="to\"tp""#, ["type": #"to"tp"#]),
      (#"Basic realm="KSCMFA""#, nil),
      ("", nil), (",,,", nil), (#"KSCMFAX type="totp""#, nil),
    ] as [(String, [String: String]?)]
  )
  func `a way to sign in is found among others`(_ value: String, _ parameters: [String: String]?) {
    #expect(UnfinishedSignIn.parameters(of: "kscmfa", in: value) == parameters)
  }

  @Test(arguments: [
    (["x-ksc-session": "abc=="], SecondFactor.other("")),
    (["www-authenticate": #"KSCMFA type="sms""#], .other("sms")),
    (["www-authenticate": #"KSCMFA type="totp", lengthHint="999""#, "x-ksc-session": "a b"], .code(digits: nil)),
  ])
  func `a second step that is not known is reported as that`(_ headers: [String: String], _ wanted: SecondFactor) throws
  {
    let found = try #require(UnfinishedSignIn(OpenAPIResponse(status: 401, headers: headers)))
    #expect(found.wanted == wanted)
    // What cannot be a token is not sent back.
    #expect((found.session == nil) == (headers["x-ksc-session"] != "abc=="))
  }
}
