import Foundation

extension AdministrationServerDouble {
  /// Both ways to sign in: a session, or the connection itself.
  func signIn(_ call: DoubleCall, forConnection: Bool) -> Reply {
    state.withLock { state in
      let authorization = call.headers["authorization"] ?? ""
      if authorization.hasPrefix("KSCMFA ") { return Self.takeCode(authorization, call, &state) }
      guard let user = Self.user(authorization, &state) else {
        return Reply(status: 403, contentType: "text/plain", body: Array("Authentication failure".utf8))
      }
      guard state.wrongTries[user.name, default: 0] < ServerState.wrongTriesAllowed else {
        return Self.refusal("The account is locked")
      }
      let name = call.headers["x-ksc-vserver"].flatMap { Data(base64Encoded: $0) } ?? Data()
      let login = ServerState.Login(user: user, virtualServer: String(decoding: name, as: UTF8.self))
      if authorization.hasPrefix("KSCBasic "), user.code != nil || user.mustRegister == true {
        return Self.askForCode(login, &state)
      }
      guard !forConnection else {
        state.connections[call.connection] = login
        return Reply(body: Wire.json([:]))
      }
      return Self.letIn(login, &state)
    }
  }

  private static func letIn(_ login: ServerState.Login, _ state: inout ServerState) -> Reply {
    let token = state.name("session") + "+/=\(UInt64.random(in: 0...UInt64.max))"
    state.sessions[token] = login
    return Reply(body: Wire.json(["PxgRetVal": token]))
  }

  private static func refusal(_ words: String, headers: [String] = []) -> Reply {
    Reply(
      status: 401,
      contentType: "text/plain",
      headers: headers + ["X-KSC-ErrorMsg: \(words)"],
      body: Array("Authentication not finished".utf8)
    )
  }

  /// As documented ("Two-factor authentication"): the session is begun, and has to be ended.
  private static func askForCode(_ login: ServerState.Login, _ state: inout ServerState) -> Reply {
    let token = state.name("unfinished") + "+/="
    state.unfinished[token] = login
    let type = login.user.mustRegister == true ? "totpreg" : "totp"
    return Reply(
      status: 401,
      contentType: "text/plain",
      headers: ["WWW-Authenticate: KSCMFA type=\"\(type)\", lengthHint=\"6\"", "X-KSC-Session: \(token)"],
      body: Array("Authentication not finished".utf8)
    )
  }

  private static func takeCode(_ authorization: String, _ call: DoubleCall, _ state: inout ServerState) -> Reply {
    let code = fields(String(authorization.dropFirst("KSCMFA ".count)))["totp"]
    guard let token = call.headers["x-ksc-session"], let login = state.unfinished[token] else {
      return refusal("There is no such session")
    }
    guard let code, code == login.user.code else {
      state.wrongTries[login.user.name, default: 0] += 1
      return refusal("The code is wrong", headers: ["WWW-Authenticate: KSCMFA type=\"totp\", lengthHint=\"6\""])
    }
    state.unfinished[token] = nil
    return letIn(login, &state)
  }

  private static func user(_ authorization: String, _ state: inout ServerState) -> Fixture.User? {
    let words = authorization.split(separator: " ", maxSplits: 1).map(String.init)
    guard words.count == 2 else { return nil }
    switch words[0] {
    case "KSCBasic":
      let parts = fields(words[1])
      guard let user = decoded(parts["user"]), let password = decoded(parts["pass"]), parts["internal"] != nil else {
        return nil
      }
      if let found = state.fixture.users.first(where: { $0.name == user && $0.password == password }) { return found }
      state.wrongTries[user, default: 0] += 1
      return nil
    case "KSCT":
      guard let index = state.fixture.tokens.firstIndex(of: words[1]) else { return nil }
      state.fixture.tokens.remove(at: index)
      return state.tokenUsers.removeValue(forKey: words[1]) ?? state.fixture.users.first
    case "KSCWT": return state.fixture.webTokens.contains(words[1]) ? state.fixture.users.first : nil
    default: return nil
    }
  }

  /// `name="value"`, parted by commas.
  private static func fields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for part in text.split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
      guard halves.count == 2, halves[1].hasPrefix("\""), halves[1].hasSuffix("\"") else { continue }
      fields[String(halves[0])] = String(halves[1].dropFirst().dropLast())
    }
    return fields
  }

  private static func decoded(_ text: String?) -> String? {
    text.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  static func endSession(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    if let token = context.call.headers["x-ksc-session"] {
      state.sessions[token] = nil
      state.unfinished[token] = nil
    }
    return [:]
  }

  static func createToken(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let token = state.name("token")
    state.fixture.tokens.append(token)
    state.tokenUsers[token] = context.login.user
    return ["PxgRetVal": token]
  }

  static func virtualServers(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let list = state.fixture.virtualServers.enumerated().map { Wire.params(["KLVSRV_ID": $0 + 1, "KLVSRV_DN": $1]) }
    return ["PxgRetVal": list]
  }
}
