import Foundation

extension AdministrationServerDouble {
  /// Both ways to sign in: a session, or the connection itself.
  func signIn(_ call: DoubleCall, forConnection: Bool) -> Reply {
    state.withLock { state in
      guard let user = Self.user(call.headers["authorization"] ?? "", &state) else {
        return Reply(status: 403, contentType: "text/plain", body: Array("Authentication failure".utf8))
      }
      let name = call.headers["x-ksc-vserver"].flatMap { Data(base64Encoded: $0) } ?? Data()
      let login = ServerState.Login(user: user, virtualServer: String(decoding: name, as: UTF8.self))
      guard !forConnection else {
        state.connections[call.connection] = login
        return Reply(body: Wire.json([:]))
      }
      let token = state.name("session") + "+/=\(UInt64.random(in: 0...UInt64.max))"
      state.sessions[token] = login
      return Reply(body: Wire.json(["PxgRetVal": token]))
    }
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
      return state.fixture.users.first { $0.name == user && $0.password == password }
    case "KSCT":
      guard let index = state.fixture.tokens.firstIndex(of: words[1]) else { return nil }
      state.fixture.tokens.remove(at: index)
      return state.fixture.users.first
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
    if let token = context.call.headers["x-ksc-session"] { state.sessions[token] = nil }
    return [:]
  }

  static func createToken(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let token = state.name("token")
    state.fixture.tokens.append(token)
    return ["PxgRetVal": token]
  }

  static func virtualServers(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let list = state.fixture.virtualServers.enumerated().map { Wire.params(["KLVSRV_ID": $0 + 1, "KLVSRV_DN": $1]) }
    return ["PxgRetVal": list]
  }
}
