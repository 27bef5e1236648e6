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

    init(takesUser: Bool = true) { self.takesUser = takesUser }

    var calls: [String] { asked.withLock { $0 } }

    func note(_ text: String) { asked.withLock { $0.append(text) } }

    func send(_ request: WebRequest) async throws(TransferError) -> WebResponse {
      let isSignIn = request.path.hasSuffix("Session.StartSession")
      let who = request.headers.first { $0.name == (isSignIn ? "Authorization" : "X-KSC-Session") }?.value ?? "nobody"
      note("\(request.path.split(separator: "/").last ?? "") by \(who)")
      return WebResponse(
        status: isSignIn && !takesUser ? 401 : 200,
        headers: ["content-type": "application/json"],
        body: Array((isSignIn ? #"{"PxgRetVal":"session-1"}"# : "{}").utf8)
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

  @Test func `further connections are further sessions of the same user`() async throws {
    let server = Server()
    let first = try ServerConnection(context(server))
    let all = [first] + (try first.more(1))
    try await ServerConnection.use(all) { servers in for server in servers { try await server.ping() } }
    #expect(server.calls.count { $0 == signIn } == 2)
    #expect(server.calls.count { $0.hasPrefix("https://ksc.example:13299") } == 2)
    #expect(server.calls.count { $0.hasPrefix("Session.EndSession") } == 2)
  }
}
