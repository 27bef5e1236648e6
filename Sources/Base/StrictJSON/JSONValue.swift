/// A JSON value.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A whole number, exactly.
  case integer(Int64)
  /// A number that has a fraction or an exponent, or does not fit 64 bits. It is read only where ``JSONLimits/numbers``
  /// allows it.
  case decimal(JSONDecimal)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The text, if it is one.
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is a whole one of 64 bits.
  package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  /// The truth value, if it is one.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The list, if it is one.
  package var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
  /// The object, if it is one.
  package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
  /// The digits of a number of any kind, if it is one.
  package var digits: String? {
    switch self {
    case .integer(let number): String(number)
    case .decimal(let number): number.digits
    default: nil
    }
  }

  /// The value of a member; `nil` where there is none, and for what is no object.
  package subscript(name: String) -> JSONValue? { object?[name] }

  /// What it is, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer, .decimal: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A number by its digits, so that nothing is rounded on its way through.
package struct JSONDecimal: Hashable, Sendable {
  /// The digits as they were read, with sign, fraction and exponent where they were.
  package let digits: String

  /// Digits that the reader has checked.
  init(checked digits: String) { self.digits = digits }

  /// The shortest digits that a number is read back from; `nil` for infinity and NaN, which JSON cannot say.
  package init?(_ number: some BinaryFloatingPoint & LosslessStringConvertible) {
    guard number.isFinite else { return nil }
    digits = number.description
  }
}
