import Foundation
import MirrorTypes
import StrictJSON

extension Params {
  /// Reads a container from JSON: an object whose members are values of the Open API.
  ///
  /// - Throws: ``ParamsError``: no JSON, a type that the Open API does not know, a value that is not of its type, or
  ///   more than `limits` allow.
  package init(json bytes: [UInt8], limits: JSONLimits = .openAPI) throws(ParamsError) {
    let tree = try JSONValue(openAPI: bytes, limits)
    guard case .object(let members) = tree else { throw ParamsError("\(tree.kind) where an object belongs") }
    try self.init(members)
  }

  init(_ object: JSONObject) throws(ParamsError) {
    values = [:]
    values.reserveCapacity(object.members.count)
    for member in object.members {
      do throws(ParamsError) {
        values[member.name] = try ParamsValue(member.value)
      } catch {
        throw error.inside(member.name)
      }
    }
  }
}

extension JSONLimits {
  /// What an answer of a server may have at the most: enough for a list of all files of an update tree, and for pages of
  /// 10,000 devices. A server is not trusted before it has answered sensibly: without bounds a few bytes could cost
  /// gigabytes.
  package static let openAPI = JSONLimits(bytes: 64 << 20, values: 2_000_000, digits: 400, numbers: .decimal)
}

extension JSONValue {
  init(openAPI bytes: [UInt8], _ limits: JSONLimits) throws(ParamsError) {
    do throws(JSONError) {
      try self.init(parsing: bytes, within: limits)
    } catch {
      throw ParamsError(error.problem, at: "byte \(error.offset)")
    }
  }
}

extension ParamsValue {
  /// Reads a value from JSON.
  ///
  /// - Throws: ``ParamsError``, as ``Params/init(json:limits:)``.
  package init(json bytes: [UInt8], limits: JSONLimits = .openAPI) throws(ParamsError) {
    try self.init(JSONValue(openAPI: bytes, limits), inList: true)
  }

  /// - Parameter inList: whether `null` may stand here.
  init(_ tree: JSONValue, inList: Bool = false) throws(ParamsError) {
    switch tree {
    case .null:
      guard inList else { throw ParamsError("null stands outside of a list") }
      self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let number): self = .int(number)
    case .decimal: throw ParamsError("a fraction has no type")
    case .string(let text): self = .string(text)
    case .array(let trees): self = .array(try Self.list(trees))
    case .object(let object): try self.init(wrapped: object)
    }
  }

  /// A value of an answer's outermost level, where a container stands without its wrapping.
  init(outermost tree: JSONValue) throws(ParamsError) {
    if let object = tree.object, !Self.isWrapping(object) {
      self = .params(try Params(object))
    } else {
      // A call without a result may say so by null.
      try self.init(tree, inList: true)
    }
  }

  private static func list(_ trees: [JSONValue]) throws(ParamsError) -> [ParamsValue] {
    var values: [ParamsValue] = []
    values.reserveCapacity(trees.count)
    for (index, tree) in trees.enumerated() {
      do throws(ParamsError) {
        values.append(try ParamsValue(tree, inList: true))
      } catch {
        throw error.inside("[\(index)]")
      }
    }
    return values
  }

  private static let words: Set<String> = ["long", "float", "double", "datetime", "date", "binary", "params"]

  private static func isWrapping(_ object: JSONObject) -> Bool {
    guard object.members.count == 2, object["value"] != nil, let word = object["type"]?.string else { return false }
    return words.contains(word)
  }

  private init(wrapped object: JSONObject) throws(ParamsError) {
    guard object.members.count == 2, let type = object["type"]?.string, let value = object["value"] else {
      throw ParamsError("an object is not a typed value")
    }
    switch type {
    case "long": self = .long(try Self.long(value))
    case "float": self = .float(try Self.float(value))
    case "double": self = .double(try Self.double(value))
    case "datetime":
      let text = try Self.text(value, type)
      guard text.isEmpty || UTCTime(text) != nil else { throw ParamsError("a datetime is malformed") }
      self = .dateTime(UTCTime(text))
    case "date":
      let text = try Self.text(value, type)
      guard text.isEmpty || CalendarDate(text) != nil else { throw ParamsError("a date is malformed") }
      self = .date(CalendarDate(text))
    case "binary":
      guard let data = Data(base64Encoded: try Self.text(value, type)) else {
        throw ParamsError("bytes are not base64")
      }
      self = .binary(Array(data))
    case "params":
      guard let content = value.object else { throw ParamsError("\(value.kind) where params belong") }
      self = .params(try Params(content))
    default:
      throw ParamsError("the type \(type.shownSafely(limit: 20).debugDescription) is unknown")
    }
  }

  private static func text(_ tree: JSONValue, _ type: String) throws(ParamsError) -> String {
    guard let text = tree.string else { throw ParamsError("\(tree.kind) where a \(type) belongs") }
    return text
  }

  /// The vendor's own client shows a long as a number and as a text of digits.
  private static func long(_ tree: JSONValue) throws(ParamsError) -> Int64 {
    switch tree {
    case .integer(let number): return number
    case .string(let text):
      guard let number = Int64(text), String(number) == text else { throw ParamsError("a long is malformed") }
      return number
    default: throw ParamsError("\(tree.kind) where a long belongs")
    }
  }

  private static func float(_ tree: JSONValue) throws(ParamsError) -> Float {
    guard let number = tree.digits.flatMap({ Float($0) }), number.isFinite else { throw ParamsError("a float is none") }
    return number
  }

  private static func double(_ tree: JSONValue) throws(ParamsError) -> Double {
    guard let number = tree.digits.flatMap({ Double($0) }), number.isFinite else {
      throw ParamsError("a double is none")
    }
    return number
  }
}
