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
/// All members may be used from any thread. Every call throws ``AdministrationServerError``.
package final class AdministrationServer: Sendable {
  /// How it works.
  package let options: AdministrationServerOptions
  private let transport: any OpenAPITransport
  private let identity: SignIn
  private let gate = CallGate()
  private let session = Mutex<Secret?>(nil)

  /// A client. Nothing is sent before the first call.
  package init(
    _ transport: any OpenAPITransport,
    signIn: SignIn,
    options: AdministrationServerOptions = AdministrationServerOptions()
  ) {
    self.transport = transport
    identity = signIn
    self.options = options.sane
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
        throw .sessionLost(call: call)
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
    let method = "Session.StartSession"
    while true {
      let response = try await send(try signInRequest(method), call: method)
      switch response.status {
      case 503: try await pauses.wait(method, response)
      case 401, 403: throw refusal(response, "")
      case 200:
        switch try read(response, method) {
        case .fault(let fault): throw refusal(response, fault.description)
        case .answer(let answer):
          let token = Secret(try asked(method) { () throws(ParamsError) in try Self.checkedToken(answer) })
          session.withLock { $0 = token }
          return token
        }
      default: throw Self.unexpected(response, method)
      }
    }
  }

  private func signInRequest(_ method: String) throws(AdministrationServerError) -> OpenAPIRequest {
    let authorization: String
    do throws(ParamsError) { authorization = try identity.authorization() } catch { throw .invalidArgument(error) }
    var headers = [OpenAPIRequest.Header("Authorization", authorization)]
    if let name = options.virtualServer {
      headers.append(OpenAPIRequest.Header("X-KSC-VServer", Data(name.utf8).base64EncodedString()))
    }
    return try request(method, Params(), headers)
  }

  private func refusal(_ response: OpenAPIResponse, _ words: String) -> AdministrationServerError {
    let said = words.isEmpty ? Self.words(of: response) : words
    return .signInRefused(user: identity.name, status: response.status, said: said)
  }

  /// A token goes into a header: it must be fit for that.
  private static func checkedToken(_ answer: OpenAPIAnswer) throws(ParamsError) -> String {
    let token = try answer.returnedString()
    guard (1...4096).contains(token.utf8.count), token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ParamsError("is not a token", at: "PxgRetVal")
    }
    return token
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

  /// What an answer that is not a result says, as far as it is a short text.
  private static func words(of response: OpenAPIResponse) -> String {
    guard let text = String(validating: response.body.prefix(2000), as: UTF8.self), !text.contains("<") else {
      return ""
    }
    return text.shownSafely(limit: 200)
  }
}
