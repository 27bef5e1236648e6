import Foundation
import Synchronization

/// A client of the Open API of a Kaspersky Security Center Administration Server.
///
///     let server = AdministrationServer(transport, signIn: .password(user: "export", password: password))
///     for key in try await server.licences() { print(key.serial) }
///     try await server.signOut()
///
/// It signs in by itself before the first call (`Session.StartSession`), and once more where the server has closed the
/// session (status 403). It waits for a busy server (503), as long as its options say. Calls from several tasks wait
/// for each other, since the server takes one at a time on a connection. Nothing is sent twice that the server may have
/// done once: a call that got no answer fails.
///
/// A password that was refused is not sent again, and no two sessions sign in at once (``SignInDesk``). Further sessions of
/// the same user (``colleague(_:)``) sign in by tokens that this one asks for.
///
/// All members may be used from any thread. Every call throws ``AdministrationServerError``.
package final class AdministrationServer: Sendable {
  /// How it works.
  package let options: AdministrationServerOptions
  private let transport: any OpenAPITransport
  private let credentials: Credentials
  private let desk: SignInDesk
  private let askCode: CodePrompt?
  private let gate = CallGate()
  private let session = Mutex<Secret?>(nil)

  /// Asks a person for the one-time code of an account with two-step verification; `nil`: there is none.
  ///
  /// - Parameter digits: how many characters it has, where the server says so.
  package typealias CodePrompt = @Sendable (_ user: String, _ digits: Int?) async -> Secret?

  /// By what a session begins.
  private enum Credentials: Sendable {
    case own(SignIn)
    /// By one-time tokens that another session asks for.
    case tokens(of: AdministrationServer)
  }

  /// A client. Nothing is sent before the first call.
  ///
  /// - Parameter askCode: who is asked for a one-time code; `nil`: nobody is there.
  package convenience init(
    _ transport: any OpenAPITransport,
    signIn: SignIn,
    askCode: CodePrompt? = nil,
    options: AdministrationServerOptions = AdministrationServerOptions()
  ) {
    self.init(transport, .own(signIn), SignInDesk(), askCode, options.sane)
  }

  private init(
    _ transport: any OpenAPITransport,
    _ credentials: Credentials,
    _ desk: SignInDesk,
    _ askCode: CodePrompt?,
    _ options: AdministrationServerOptions
  ) {
    self.transport = transport
    self.credentials = credentials
    self.desk = desk
    self.askCode = askCode
    self.options = options
  }

  /// A further session of the same user, over a connection of its own. It signs in by a one-time token that this session
  /// asks for (`Session.CreateToken`): the password is not sent again, and nobody is asked for a code again.
  package func colleague(_ transport: any OpenAPITransport) -> AdministrationServer {
    AdministrationServer(transport, .tokens(of: self), desk, nil, options)
  }

  /// Signs in, if that has not been done.
  package func signIn() async throws(AdministrationServerError) {
    guard await gate.enter() else { throw .cancelled }
    defer { gate.leave() }
    var pauses = BusyPauses(options, patience: options.busyPatience)
    _ = try await sessionToken(&pauses)
  }

  /// Makes any call of the Open API.
  ///
  /// - Parameters:
  ///   - method: `Class.Method`, or `Instance.Class.Method`.
  ///   - arguments: its arguments by name.
  package func call(
    _ method: String,
    _ arguments: Params = Params()
  ) async throws(AdministrationServerError) -> OpenAPIAnswer {
    try await call(method, arguments, patience: options.busyPatience)
  }

  /// Signs in, if that has not been done, and sees whether the session is good.
  package func ping() async throws(AdministrationServerError) { _ = try await call("Session.Ping") }

  /// Ends the session, also where the task is cancelled. Without one it does nothing; the next call signs in again.
  package func signOut() async throws(AdministrationServerError) {
    // A new task is not cancelled with ours; it is waited for all the same.
    let ending = Task { () async -> Result<Void, AdministrationServerError> in
      do throws(AdministrationServerError) { return .success(try await self.endSession()) } catch {
        return .failure(error)
      }
    }
    try await ending.value.get()
  }

  private func endSession() async throws(AdministrationServerError) {
    guard await gate.enter() else { throw .cancelled }
    defer { gate.leave() }
    guard let token = session.withLock({ $0.take() }) else { return }
    let method = "Session.EndSession"
    let response = try await send(try request(method, Params(), [Self.sessionHeader(token)]), call: method)
    // A session that the server does not know any more is as good as ended.
    if response.status != 200 && response.status != 403 { throw Self.unexpected(response, method) }
  }
}

// MARK: - Calls

extension AdministrationServer {
  /// Makes a call that sets things right behind another: also where the task is cancelled, without waiting for a busy
  /// server, and whatever comes of it. What belonged to a session is gone with it.
  func tidyUp(_ method: String, _ arguments: Params) async {
    guard session.withLock({ $0 != nil }) else { return }
    // A new task is not cancelled with ours; it is waited for all the same.
    await Task { _ = try? await self.call(method, arguments, patience: .zero) }.value
  }

  private func call(
    _ method: String,
    _ arguments: Params,
    patience: Duration
  ) async throws(AdministrationServerError) -> OpenAPIAnswer {
    let traceID = UUID().uuidString.lowercased()
    let request = try request(method, arguments, [OpenAPIRequest.Header("X-KSC-RequestId", traceID)])
    let response = try await exchange(request, call: method, patience: patience)
    switch try read(response, method) {
    case .answer(let answer): return answer
    case .fault(let fault): throw .refused(call: method, fault, request: traceID)
    }
  }

  /// Sends a request within the session when its turn has come, and again where the server asks for that.
  ///
  /// - Returns: an answer of any status but 403 and 503.
  func exchange(
    _ request: OpenAPIRequest,
    call: String,
    patience: Duration
  ) async throws(AdministrationServerError) -> OpenAPIResponse {
    guard await gate.enter() else { throw .cancelled }
    defer { gate.leave() }
    var pauses = BusyPauses(options, patience: patience)
    var signedInAgain = false
    while true {
      let token = try await sessionToken(&pauses)
      var request = request
      request.headers.append(Self.sessionHeader(token))
      let response = try await send(request, call: call)
      switch response.status {
      case 403 where signedInAgain:
        session.withLock { $0 = nil }
        throw .sessionLost(call: call, said: Self.words(of: response))
      case 403:
        signedInAgain = true
        session.withLock { $0 = nil }
      case 503: try await pauses.wait(call, response)
      default: return response
      }
    }
  }

  /// The session's token, of a new session where there is none.
  private func sessionToken(_ pauses: inout BusyPauses) async throws(AdministrationServerError) -> Secret {
    if let token = session.withLock({ $0 }) { return token }
    // Before the turn at the desk: the session that asks for a token may have to sign in there itself.
    let identity = try await identity()
    try await desk.enter()
    defer { desk.leave() }
    do throws(AdministrationServerError) {
      let token = try await startSession(identity, &pauses)
      session.withLock { $0 = token }
      return token
    } catch {
      // What is refused of a token says nothing of the password.
      if case .own = credentials { desk.note(error) }
      throw error
    }
  }

  private func identity() async throws(AdministrationServerError) -> SignIn {
    switch credentials {
    case .own(let signIn): return signIn
    case .tokens(let first):
      let method = "Session.CreateToken"
      let answer = try await first.call(method)
      return .token(Secret(try asked(method) { () throws(ParamsError) in try Self.checkedToken(answer) }))
    }
  }

  private static let startSession = "Session.StartSession"

  private func startSession(
    _ identity: SignIn,
    _ pauses: inout BusyPauses
  ) async throws(AdministrationServerError) -> Secret {
    let authorization: String
    do throws(ParamsError) { authorization = try identity.authorization() } catch { throw .invalidArgument(error) }
    let response = try await answer(to: authorization, [], &pauses)
    if let unfinished = UnfinishedSignIn(response) { return try await finish(unfinished, identity.name, &pauses) }
    return try token(in: response, of: identity.name)
  }

  /// What the server answers to who wants a session, when it is not busy any more.
  private func answer(
    to authorization: String,
    _ more: [OpenAPIRequest.Header],
    _ pauses: inout BusyPauses
  ) async throws(AdministrationServerError) -> OpenAPIResponse {
    var headers = [OpenAPIRequest.Header("Authorization", authorization)] + more
    if let name = options.virtualServer {
      headers.append(OpenAPIRequest.Header("X-KSC-VServer", Data(name.utf8).base64EncodedString()))
    }
    let request = try request(Self.startSession, Params(), headers)
    while true {
      let response = try await send(request, call: Self.startSession)
      guard response.status == 503 else { return response }
      try await pauses.wait(Self.startSession, response)
    }
  }

  private func token(in response: OpenAPIResponse, of user: String) throws(AdministrationServerError) -> Secret {
    switch response.status {
    case 401, 403: throw .signInRefused(user: user, status: response.status, said: Self.words(of: response))
    case 200: break
    default: throw Self.unexpected(response, Self.startSession)
    }
    switch try read(response, Self.startSession) {
    case .fault(let fault): throw .signInRefused(user: user, status: response.status, said: fault.description)
    case .answer(let answer):
      return Secret(try asked(Self.startSession) { () throws(ParamsError) in try Self.checkedToken(answer) })
    }
  }

  /// A token goes into a header: it must be fit for that.
  private static func checkedToken(_ answer: OpenAPIAnswer) throws(ParamsError) -> String {
    let token = try answer.returnedString()
    guard UnfinishedSignIn.isToken(token) else { throw ParamsError("is not a token", at: "PxgRetVal") }
    return token
  }
}

// MARK: - Two-step verification

extension AdministrationServer {
  /// Gives the server the one-time code that it wants besides, if somebody is there who knows it. One is tried: accounts
  /// lock after a few wrong ones. What the server has begun is ended where it comes to nothing.
  private func finish(
    _ begun: UnfinishedSignIn,
    _ user: String,
    _ pauses: inout BusyPauses
  ) async throws(AdministrationServerError) -> Secret {
    do throws(AdministrationServerError) {
      guard case .code(let digits) = begun.wanted, let session = begun.session, let askCode,
        let code = await askCode(user, digits)?.exposedText, UnfinishedSignIn.isCode(code)
      else { throw .secondFactorNeeded(user: user, begun.wanted, said: begun.said) }
      let response = try await answer(to: "KSCMFA totp=\"\(code)\"", [Self.sessionHeader(session)], &pauses)
      guard response.status != 401, response.status != 403 else {
        throw .codeRefused(user: user, said: Self.words(of: response))
      }
      return try token(in: response, of: user)
    } catch {
      await end(begun)
      throw error
    }
  }

  /// Ends a session that was begun and is not signed in, whatever comes of it: also where the task is cancelled.
  private func end(_ begun: UnfinishedSignIn) async {
    guard let session = begun.session else { return }
    let method = "Session.EndSession"
    await Task {
      guard let request = try? self.request(method, Params(), [Self.sessionHeader(session)]) else { return }
      _ = try? await self.send(request, call: method)
    }.value
  }
}

// MARK: - Requests and answers

extension AdministrationServer {
  private static func sessionHeader(_ token: Secret) -> OpenAPIRequest.Header {
    OpenAPIRequest.Header("X-KSC-Session", token.exposedText ?? "")
  }

  private func request(
    _ method: String,
    _ arguments: Params,
    _ headers: [OpenAPIRequest.Header]
  ) throws(AdministrationServerError) -> OpenAPIRequest {
    let isMethod = method.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isMethod, method.contains(".") else {
      throw .invalidArgument(ParamsError("is not a method of the Open API", at: method.shownSafely(limit: 60)))
    }
    let body: [UInt8]
    do throws(ParamsError) { body = try arguments.argumentsJSON() } catch { throw .invalidArgument(error) }
    return OpenAPIRequest(
      method: .post,
      path: "/api/v1.0/" + method,
      headers: [OpenAPIRequest.Header("Content-Type", "application/json")] + headers,
      body: body,
      maximumBytes: options.limits.bytes
    )
  }

  private func send(
    _ request: OpenAPIRequest,
    call: String
  ) async throws(AdministrationServerError) -> OpenAPIResponse {
    if Task.isCancelled { throw .cancelled }
    do {
      return try await transport.send(request)
    } catch {
      throw error is CancellationError || Task.isCancelled ? .cancelled : .unreachable(call: call, error)
    }
  }

  private func read(
    _ response: OpenAPIResponse,
    _ method: String
  ) throws(AdministrationServerError) -> OpenAPIAnswer.Reading {
    guard response.status == 200 else { throw Self.unexpected(response, method) }
    do throws(ParamsError) {
      return try OpenAPIAnswer.read(response.body, options.limits)
    } catch {
      // What is not JSON and does not claim to be is some other server: a proxy's page, say.
      let type = response.headers["content-type"] ?? ""
      if !type.isEmpty && !type.lowercased().contains("json") {
        throw .notOpenAPI(call: method, contentType: type.shownSafely(limit: 60))
      }
      throw .malformed(call: method, error)
    }
  }

  /// Runs what looks into an answer; what it misses there is the answer's fault.
  func asked<Value>(
    _ method: String,
    _ read: () throws(ParamsError) -> Value
  ) throws(AdministrationServerError) -> Value {
    do throws(ParamsError) { return try read() } catch { throw .malformed(call: method, error) }
  }

  private static func unexpected(_ response: OpenAPIResponse, _ method: String) -> AdministrationServerError {
    .httpStatus(call: method, status: response.status, said: words(of: response))
  }

  /// What an answer that is not a result says: in a header of its own, as newer servers do, and in its body, as far as
  /// that is a short text.
  static func words(of response: OpenAPIResponse) -> String {
    let told = (response.headers["x-ksc-errormsg"] ?? "").shownSafely(limit: 200)
    var text = String(validating: response.body.prefix(2000), as: UTF8.self)?.shownSafely(limit: 200) ?? ""
    if text.contains("<") || told.contains(text) { text = "" }
    return [told, text].filter { !$0.isEmpty }.joined(separator: "; ")
  }
}
