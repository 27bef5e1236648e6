import Curl
import Failures
import JobCore
import JobDoubles
import Synchronization
import Testing
import WebExchange

@testable import MirrorConfiguration
@testable import ServerJobs

/// How a job comes to its Administration Server.
@Suite struct ServerConnectionTests {
  /// Answers as a server that has one user, and remembers what it was asked.
  private final class Server: RequestSending {
    private let asked = Mutex<[String]>([])
    private let takesUser: Bool
    private let givesTokens: Bool

    init(takesUser: Bool = true, givesTokens: Bool = true) {
      (self.takesUser, self.givesTokens) = (takesUser, givesTokens)
    }

    var calls: [String] { asked.withLock { $0 } }

    func note(_ text: String) { asked.withLock { $0.append(text) } }

    func send(_ request: WebRequest) async throws(TransferError) -> WebResponse {
      let isSignIn = request.path.hasSuffix("Session.StartSession")
      let isToken = givesTokens && request.path.hasSuffix("Session.CreateToken")
      let who = request.headers.first { $0.name == (isSignIn ? "Authorization" : "X-KSC-Session") }?.value ?? "nobody"
      note("\(request.path.split(separator: "/").last ?? "") by \(who)")
      return WebResponse(
        status: isSignIn && !takesUser ? 401 : 200,
        headers: ["content-type": "application/json"],
        body: Array((isSignIn || isToken ? #"{"PxgRetVal":"session-1"}"# : "{}").utf8)
      )
    }
  }

  private func context(_ server: Server) -> JobContext {
    let transports = Transports(
      files: Transports.none.files,
      requests: { options in
        server.note("\(options.baseURL) within \(options.connectTimeout), \(options.totalTimeout)")
        return server
      }
    )
    let prompts = SecretPrompts(serverPassword: { "of \($0)" })
    return .test("/nowhere", transports: transports, prompts: prompts) {
      $0.administrationServer = AdministrationServerSettings(
        url: "https://ksc.example",
        user: "reader",
        connectTimeout: 7,
        callTimeout: 11
      )
    }
  }

  /// "reader", and "of reader".
  private let signIn =
    #"Session.StartSession by KSCBasic user="cmVhZGVy", pass="b2YgcmVhZGVy", domain="", internal="1""#

  @Test func `it signs in with the password that is asked for, and signs out`() async throws {
    let server = Server()
    try await ServerConnection(context(server)).use { try await $0.ping() }
    #expect(
      server.calls == [
        "https://ksc.example:13299 within 7.0 seconds, 11.0 seconds", signIn, "Session.Ping by session-1",
        "Session.EndSession by session-1",
      ]
    )
  }

  @Test func `who is not let in asks for nothing, and is named with the server`() async throws {
    let server = Server(takesUser: false)
    let error = await #expect(throws: JobError.self) {
      try await ServerConnection(context(server)).use { try await $0.ping() }
    }
    #expect(server.calls.count == 2 && server.calls.last == signIn)
    #expect(error?.status == .permission)
    #expect(error?.message.contains("ksc.example:13299") == true && error?.message.contains("reader") == true)
  }

  @Test func `further sessions are of the same user, by tokens, and end with the work`() async throws {
    let server = Server()
    let connection = try ServerConnection(context(server))
    try await connection.use { first in
      try await first.ping()
      try await connection.withColleagues(2) { others in
        #expect(others.count == 2)
        for other in others { try await other.ping() }
      }
    }
    // The password is sent once, and connections carry a session each.
    #expect(server.calls.count { $0 == signIn } == 1)
    #expect(server.calls.count { $0 == "Session.StartSession by KSCT session-1" } == 2)
    #expect(server.calls.count { $0.hasPrefix("https://ksc.example:13299") } == 3)
    #expect(server.calls.count { $0.hasPrefix("Session.EndSession") } == 3)
  }

  @Test func `a server that gives no tokens is worked with in one session`() async throws {
    let server = Server(givesTokens: false)
    let connection = try ServerConnection(context(server))
    try await connection.use { first in
      try await connection.withColleagues(3) { others in
        #expect(others.isEmpty)
        try await first.ping()
      }
    }
    #expect(server.calls.count { $0.hasPrefix("Session.StartSession") } == 1)
    #expect(server.calls.count { $0.hasPrefix("Session.CreateToken") } == 1)
  }
}
