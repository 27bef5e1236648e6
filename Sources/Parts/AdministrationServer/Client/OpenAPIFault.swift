import StrictJSON

/// What a server says of a call that it could not do: a `PxgError`.
package struct OpenAPIFault: Error, Hashable, Sendable {
  /// What kind of failure it is, as far as the vendor documents it ("Some error definitions").
  package enum Kind: Hashable, Sendable {
    /// The user may not do this.
    case accessDenied
    /// There is no such object, or no such parameter.
    case notFound
    /// It is not permitted here: on a virtual server, or while a function is off.
    case notPermitted
    /// The data is damaged, or of an unknown format.
    case badFormat
    /// The server cannot do it at the moment.
    case unavailable
    /// The licence or an edition limits it.
    case limited
    /// This server does not know the call: it is older, or newer, than the call.
    case unknownCall
    /// The user's name or password is wrong, or the account is blocked.
    case signInFailed
    /// The vendor's activation servers refuse it, or cannot be reached.
    case activationServer
    /// Anything else.
    case other
  }

  /// The number of the failure, within its module.
  package var code: Int64
  /// What tells failures of one number apart.
  package var subcode: Int64
  /// The part of the server that failed.
  package var module: String
  /// The server's own words, for its developers.
  package var message: String
  /// The server's words for users, with the facts filled in; `nil` where it has none.
  package var localisedText: String?

  /// What kind of failure it is.
  package var kind: Kind {
    switch (module, code) {
    case ("KLSTD", 1184): .accessDenied
    // 1183 is the same in older descriptions.
    case ("KLSTD", 1183): .accessDenied
    case ("KLSTD", 1186), ("KLPRSS", 1125): .notFound
    case ("KLSTD", 1192): .badFormat
    case ("KLSTD", 1193): .notPermitted
    case ("KLSTD", 1195): .unavailable
    case ("KLSTD", 1229): .limited
    case ("KLCONN", 1194): .unknownCall
    case ("KLWAT", 1445), ("KLWAT", 1453), ("KLWAT", 1454), ("SPL", 2013), ("KLSPL", 2013): .signInFailed
    case ("KLOLA", 2351): .activationServer
    default: .other
    }
  }
}

extension OpenAPIFault: CustomStringConvertible {
  /// The failure in the server's words, with its number.
  package var description: String {
    let words = localisedText.flatMap { $0.isEmpty ? nil : $0 } ?? message
    let number = "\(module.isEmpty ? "error" : module) \(code)" + (subcode == 0 ? "" : "/\(subcode)")
    return words.isEmpty ? number : "\(words) (\(number))"
  }
}

// MARK: - Reading

extension OpenAPIFault {
  /// The most characters that are kept of the server's words.
  private static let longestText = 2000

  /// Reads a `PxgError`. Whatever of it is missing or strange is left out: a failure is a failure.
  init(_ tree: JSONValue) {
    code = tree["code"]?.integer ?? 0
    subcode = tree["subcode"]?.integer ?? 0
    module = Self.text(tree["module"], limit: 40)
    message = Self.text(tree["message"], limit: Self.longestText)
    localisedText = tree["locdata"].flatMap(Self.localised)
  }

  /// Reads the container that a failed action leaves behind (`KLBLAG_ERROR_INFO`).
  init?(actionState: Params) {
    let facts = (try? actionState.params("KLBLAG_ERROR_INFO")) ?? actionState
    guard let code = try? facts.integer("KLBLAG_ERROR_CODE") else { return nil }
    self.code = code
    subcode = ((try? facts.integer("KLBLAG_ERROR_SUBCODE")) ?? nil) ?? 0
    module = (((try? facts.string("KLBLAG_ERROR_MODULE")) ?? nil) ?? "").shownSafely(limit: 40)
    message = (((try? facts.string("KLBLAG_ERROR_MSG")) ?? nil) ?? "").shownSafely(limit: Self.longestText)
  }

  private static func text(_ tree: JSONValue?, limit: Int) -> String {
    tree?.string?.shownSafely(limit: limit) ?? ""
  }

  /// `format` with `%1`, `%2` … replaced by the texts of `args`. Servers send the container with or without its
  /// wrapping.
  private static func localised(_ tree: JSONValue) -> String? {
    guard var object = tree.object else { return nil }
    if object["type"] == "params", let inner = object["value"]?.object { object = inner }
    guard let format = object["format"]?.string else { return nil }
    let arguments = (object["args"]?.array ?? []).prefix(99).map(Self.argument)
    return filled(format, arguments).shownSafely(limit: longestText)
  }

  private static func argument(_ tree: JSONValue) -> String {
    switch tree {
    case .string(let text): text
    case .integer, .decimal: tree.digits ?? ""
    case .bool(let value): String(value)
    // A wrapped value shows what is inside.
    case .object(let object): object["value"].map(argument) ?? ""
    case .null, .array: ""
    }
  }

  /// No longer than what is shown of it, however often an argument is asked for.
  private static func filled(_ format: String, _ arguments: [String]) -> String {
    var result = ""
    var rest = format[...]
    while let mark = rest.firstIndex(of: "%"), result.utf8.count < longestText * 4 {
      result += rest[..<mark].prefix(longestText)
      rest = rest[rest.index(after: mark)...]
      let digits = rest.prefix(2).prefix { ("0"..."9").contains($0) }
      if let number = Int(digits) {
        if number >= 1, number <= arguments.count { result += arguments[number - 1].prefix(longestText) }
        rest = rest.dropFirst(digits.count)
      } else if rest.first == "%" {
        result += "%"
        rest = rest.dropFirst()
      } else {
        result += "%"
      }
    }
    return result + rest.prefix(longestText)
  }
}
