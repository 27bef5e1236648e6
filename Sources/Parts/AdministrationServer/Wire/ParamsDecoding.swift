import Foundation
import MirrorTypes

extension Params {
  /// Reads a container from JSON: an object whose members are values of the Open API.
  ///
  /// - Throws: ``ParamsError``: no JSON, a type that the Open API does not know, a value that is not of its type, or
  ///   more than `limits` allow.
  package init(json bytes: [UInt8], limits: WireLimits = WireLimits()) throws(ParamsError) {
    let tree = try JSONReader.read(bytes, limits)
    guard case .object(let members) = tree else { throw ParamsError("\(tree.kind) where an object belongs") }
    try self.init(members)
  }

  init(_ members: [String: JSONTree]) throws(ParamsError) {
    values = [:]
    values.reserveCapacity(members.count)
    for (name, tree) in members {
      do throws(ParamsError) {
        values[name] = try ParamsValue(tree)
      } catch {
        throw error.inside(name)
      }
    }
  }
}

extension ParamsValue {
  /// Reads a value from JSON.
  ///
  /// - Throws: ``ParamsError``, as ``Params/init(json:limits:)``.
  package init(json bytes: [UInt8], limits: WireLimits = WireLimits()) throws(ParamsError) {
    try self.init(JSONReader.read(bytes, limits), inList: true)
  }

  /// - Parameter inList: whether `null` may stand here.
  init(_ tree: JSONTree, inList: Bool = false) throws(ParamsError) {
    switch tree {
    case .null:
      guard inList else { throw ParamsError("null stands outside of a list") }
      self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let number): self = .int(number)
    case .fraction: throw ParamsError("a fraction has no type")
    case .string(let text): self = .string(text)
    case .array(let trees): self = .array(try Self.list(trees))
    case .object(let members): try self.init(wrapped: members)
    }
  }

  /// A value of an answer's outermost level, where a container stands without its wrapping.
  init(outermost tree: JSONTree) throws(ParamsError) {
    if case .object(let members) = tree, !Self.isWrapping(members) {
      self = .params(try Params(members))
    } else {
      // A call without a result may say so by null.
      try self.init(tree, inList: true)
    }
  }

  private static func list(_ trees: [JSONTree]) throws(ParamsError) -> [ParamsValue] {
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

  private static func isWrapping(_ members: [String: JSONTree]) -> Bool {
    guard members.count == 2, members["value"] != nil, case .string(let word)? = members["type"] else { return false }
    return words.contains(word)
  }

  private init(wrapped members: [String: JSONTree]) throws(ParamsError) {
    guard members.count == 2, case .string(let type)? = members["type"], let value = members["value"] else {
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
      guard case .object(let members) = value else { throw ParamsError("\(value.kind) where params belong") }
      self = .params(try Params(members))
    default:
      throw ParamsError("the type \(type.shownSafely(limit: 20).debugDescription) is unknown")
    }
  }

  private static func text(_ tree: JSONTree, _ type: String) throws(ParamsError) -> String {
    guard case .string(let text) = tree else { throw ParamsError("\(tree.kind) where a \(type) belongs") }
    return text
  }

  /// The vendor's own client shows a long as a number and as a text of digits.
  private static func long(_ tree: JSONTree) throws(ParamsError) -> Int64 {
    switch tree {
    case .integer(let number): return number
    case .string(let text):
      guard let number = Int64(text), String(number) == text else { throw ParamsError("a long is malformed") }
      return number
    default: throw ParamsError("\(tree.kind) where a long belongs")
    }
  }

  private static func float(_ tree: JSONTree) throws(ParamsError) -> Float {
    let number: Float? =
      switch tree {
      case .integer(let number): Float(number)
      case .fraction(let text): Float(text)
      default: nil
      }
    guard let number, number.isFinite else { throw ParamsError("a float is none") }
    return number
  }

  private static func double(_ tree: JSONTree) throws(ParamsError) -> Double {
    let number: Double? =
      switch tree {
      case .integer(let number): Double(number)
      case .fraction(let text): Double(text)
      default: nil
      }
    guard let number, number.isFinite else { throw ParamsError("a double is none") }
    return number
  }
}
