import Foundation
import MirrorTypes
import StrictJSON

extension Params {
  /// The container as JSON, with its names in order, so that the same container gives the same bytes.
  ///
  /// - Throws: ``ParamsError`` for an infinite number or NaN, which JSON cannot say.
  package func json() throws(ParamsError) -> [UInt8] { try tree().serialized }

  /// The container as a call's arguments: what is outermost stands without its wrapping.
  func argumentsJSON() throws(ParamsError) -> [UInt8] {
    try tree { (value) throws(ParamsError) in try value.unwrappedTree() }.serialized
  }

  fileprivate func tree() throws(ParamsError) -> JSONValue {
    try tree { (value) throws(ParamsError) in try value.tree() }
  }

  private func tree(each: (ParamsValue) throws(ParamsError) -> JSONValue) throws(ParamsError) -> JSONValue {
    var object = JSONObject()
    for (name, value) in values.sorted(by: { $0.key.precedesByBytes($1.key) }) { object[name] = try each(value) }
    return .object(object)
  }
}

extension ParamsValue {
  /// The value as JSON.
  ///
  /// - Throws: ``ParamsError`` for an infinite number or NaN, which JSON cannot say.
  package func json() throws(ParamsError) -> [UInt8] { try tree().serialized }

  fileprivate func tree() throws(ParamsError) -> JSONValue {
    let content = try unwrappedTree()
    guard let type else { return content }
    return .object(["type": .string(type), "value": content])
  }

  /// The word of a type that is wrapped.
  private var type: String? {
    switch self {
    case .null, .string, .int, .bool, .array: nil
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .dateTime: "datetime"
    case .date: "date"
    case .binary: "binary"
    case .params: "params"
    }
  }

  fileprivate func unwrappedTree() throws(ParamsError) -> JSONValue {
    switch self {
    case .null: .null
    case .string(let text): .string(text)
    case .int(let number), .long(let number): .integer(number)
    case .bool(let value): .bool(value)
    case .float(let number): try Self.tree(number)
    case .double(let number): try Self.tree(number)
    case .dateTime(let time): .string(time?.text ?? "")
    case .date(let day): .string(day?.text ?? "")
    case .binary(let bytes): .string(Data(bytes).base64EncodedString())
    case .params(let params): try params.tree()
    case .array(let values): .array(try Self.trees(values))
    }
  }

  private static func trees(_ values: [ParamsValue]) throws(ParamsError) -> [JSONValue] {
    var trees: [JSONValue] = []
    trees.reserveCapacity(values.count)
    for value in values { trees.append(try value.tree()) }
    return trees
  }

  private static func tree(
    _ number: some BinaryFloatingPoint & LosslessStringConvertible
  ) throws(ParamsError) -> JSONValue {
    guard let decimal = JSONDecimal(number) else { throw ParamsError("\(number) cannot be sent") }
    return .decimal(decimal)
  }
}
