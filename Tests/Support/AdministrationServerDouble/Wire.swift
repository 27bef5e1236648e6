import Foundation

/// The wire's typed values, written by Foundation: independently of the client that is tested.
enum Wire {
  static func long(_ number: Int) -> [String: Any] { ["type": "long", "value": number] }
  static func time(_ text: String) -> [String: Any] { ["type": "datetime", "value": text] }
  static func binary(_ base64: String) -> [String: Any] { ["type": "binary", "value": base64] }
  static func params(_ members: [String: Any]) -> [String: Any] { ["type": "params", "value": members] }

  /// The bytes of an object. Members in their order cost a third of the time of a long list.
  static func json(_ members: [String: Any], isSorted: Bool = false) -> [UInt8] {
    // Only the double's own values come here.
    (try? JSONSerialization.data(withJSONObject: members, options: isSorted ? .sortedKeys : [])).map(Array.init) ?? []
  }
}

/// What a call was made with.
struct Arguments {
  let members: [String: Any]

  init(_ body: [UInt8]) throws(PxgFailure) {
    if body.isEmpty {
      members = [:]
      return
    }
    guard let members = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] else {
      throw PxgFailure(1192, "the arguments are no JSON object")
    }
    self.members = members
  }

  private init(members: [String: Any]) { self.members = members }

  func string(_ name: String) throws(PxgFailure) -> String { try value(name) }
  func int(_ name: String) throws(PxgFailure) -> Int { try value(name) }
  func bool(_ name: String) throws(PxgFailure) -> Bool { try value(name) }

  func names(_ name: String) throws(PxgFailure) -> [String] {
    guard let names = members[name] as? [String] else { throw PxgFailure(1192, "\(name) is no list of texts") }
    return names
  }

  /// A container, with its wrapping or, outermost, without.
  func params(_ name: String) throws(PxgFailure) -> Arguments {
    let found: [String: Any] = try value(name)
    if found["type"] as? String == "params", let inner = found["value"] as? [String: Any] {
      return Arguments(members: inner)
    }
    return Arguments(members: found)
  }

  /// Bytes, with their wrapping or, outermost, without.
  func bytes(_ name: String) throws(PxgFailure) -> [UInt8] {
    let wrapped = members[name] as? [String: Any]
    if let wrapped, wrapped["type"] as? String != "binary" { throw PxgFailure(1192, "\(name) is no binary") }
    guard let text = (wrapped?["value"] ?? members[name]) as? String, let data = Data(base64Encoded: text) else {
      throw PxgFailure(1192, "\(name) is no base64")
    }
    return Array(data)
  }

  private func value<Value>(_ name: String) throws(PxgFailure) -> Value {
    guard let value = members[name] else { throw PxgFailure(1125, "\(name) is missing", module: "KLPRSS") }
    guard let value = value as? Value else { throw PxgFailure(1192, "\(name) has another type") }
    return value
  }
}

/// A call that the server refuses: what becomes a `PxgError`.
package struct PxgFailure: Error, Sendable {
  /// The number.
  package var code: Int
  /// What tells failures of one number apart.
  package var subcode = 0
  /// The server's part.
  package var module: String
  /// For developers.
  package var message: String
  /// For users, with `%1` and so on.
  package var format: String?
  /// What takes the place of those.
  package var arguments: [String]

  /// A failure.
  package init(
    _ code: Int,
    _ message: String,
    module: String = "KLSTD",
    format: String? = nil,
    arguments: [String] = []
  ) {
    (self.code, self.message, self.module, self.format, self.arguments) = (code, message, module, format, arguments)
  }

  static let accessDenied = PxgFailure(
    1184,
    "Access denied",
    format: "Access to \"%1\" is denied",
    arguments: ["object"]
  )

  static func notFound(_ what: String) -> PxgFailure {
    PxgFailure(1186, "Object not found", format: "%1 was not found", arguments: [what])
  }

  var json: [UInt8] {
    var error: [String: Any] = [
      "code": code, "subcode": subcode, "module": module, "file": "srv/double.cpp", "line": 42, "message": message,
    ]
    // With its wrapping, as the vendor's client wants it.
    if let format {
      error["locdata"] = Wire.params(["format": format, "format-id": 1, "locmodule": "KLSRV", "args": arguments])
    }
    return Wire.json(["PxgError": error])
  }
}
