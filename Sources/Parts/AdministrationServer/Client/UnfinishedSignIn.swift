/// What an account needs besides its password, by two-step verification.
package enum SecondFactor: Hashable, Sendable {
  /// A one-time code, of so many characters where the server says so.
  case code(digits: Int?)
  /// The account has to register where it gets its codes from, first.
  case registration
  /// Something that this version does not know, by the server's name; empty where it has none.
  case other(String)
}

/// The answer to a sign-in that is right so far and wants more ("Two-factor authentication" of the Open API's description):
/// status 401, a `WWW-Authenticate: KSCMFA type="totp", lengthHint="6"`, and the session that is begun all the same, in
/// `X-KSC-Session`.
struct UnfinishedSignIn: Sendable {
  /// What is wanted.
  let wanted: SecondFactor
  /// The token of the session that was begun, and has to be ended; `nil` where the server names none that can be one.
  let session: Secret?
  /// What the server says of it.
  let said: String

  /// Looks at an answer; `nil` for one that lets in, or refuses.
  init?(_ response: OpenAPIResponse) {
    guard response.status == 401 else { return nil }
    let parameters = response.headers["www-authenticate"].flatMap { Self.parameters(of: "kscmfa", in: $0) }
    let session = response.headers["x-ksc-session"].flatMap { Self.isToken($0) ? Secret($0) : nil }
    guard parameters != nil || session != nil else { return nil }
    let type = parameters?["type"] ?? ""
    wanted =
      switch type.lowercased() {
      case "totp":
        .code(digits: parameters?["lengthhint"].flatMap { Int($0) }.flatMap { (1...32).contains($0) ? $0 : nil })
      case "totpreg": .registration
      default: .other(type.shownSafely(limit: 40))
      }
    self.session = session
    said = AdministrationServer.words(of: response)
  }

  /// Whether a text may go into a header as a session's token.
  static func isToken(_ text: String) -> Bool {
    (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// Whether a text may go into a header as a code.
  static func isCode(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  // MARK: - WWW-Authenticate

  /// The parameters of one scheme, with names in small letters; `nil` where it is not offered. Several schemes may stand in
  /// one value, parted by commas as their parameters are.
  static func parameters(of scheme: String, in value: String) -> [String: String]? {
    var found: [String: String]?
    for part in parts(of: value.prefix(8192)) {
      var rest = part[...].drop { $0 == " " || $0 == "\t" }
      let name = rest.prefix { $0 != "=" && $0 != " " && $0 != "\t" }
      let behind = rest.dropFirst(name.count)
      // A name without a "=" is a scheme; its first parameter stands behind it.
      if behind.first != "=" {
        if found != nil { return found }
        guard name.lowercased() == scheme else { continue }
        found = [:]
        rest = behind.drop { $0 == " " || $0 == "\t" }
      }
      guard found != nil, let equals = rest.firstIndex(of: "=") else { continue }
      found?[rest[..<equals].lowercased()] = unquoted(rest[rest.index(after: equals)...])
    }
    return found
  }

  /// What stands between the commas that are not in quotes.
  private static func parts(of value: Substring) -> [String] {
    var parts = [""]
    var (isQuoted, isEscaped) = (false, false)
    for character in value {
      if character == ",", !isQuoted {
        parts.append("")
        continue
      }
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = isQuoted
      } else if character == "\"" {
        isQuoted.toggle()
      }
      parts[parts.count - 1].append(character)
    }
    return parts
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.first == "\"" else { return String(text.prefix { $0 != " " }) }
    var content = ""
    var isEscaped = false
    for character in text.dropFirst() {
      if !isEscaped, character == "\"" { break }
      isEscaped = !isEscaped && character == "\\"
      if !isEscaped { content.append(character) }
    }
    return content
  }
}
