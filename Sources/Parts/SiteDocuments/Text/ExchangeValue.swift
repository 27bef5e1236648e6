/// A value of JSON, as a server's attributes and the bodies of statistics have them.
///
/// Numbers keep the digits that were read, so that nothing is rounded on its way through.
package enum ExchangeValue: Hashable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case flag(Bool)
  /// A number.
  case number(ExchangeNumber)
  /// A text.
  case text(String)
  /// A list.
  case list([ExchangeValue])
  /// Members, each name once.
  case object([Member])

  /// A name and its value.
  package struct Member: Hashable, Sendable {
    /// The name.
    package let name: String
    /// The value.
    package var value: ExchangeValue

    /// A name and its value.
    package init(_ name: String, _ value: ExchangeValue) {
      self.name = name
      self.value = value
    }
  }

  /// A whole number.
  package static func integer(_ number: Int64) -> ExchangeValue { .number(ExchangeNumber(number)) }

  /// The text, if it is one.
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The truth value, if it is one.
  package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  /// The whole number, if it is one.
  package var integer: Int64? { if case .number(let number) = self { number.integer } else { nil } }
  /// The members, if it is an object.
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  /// The elements, if it is a list.
  package var elements: [ExchangeValue]? { if case .list(let elements) = self { elements } else { nil } }

  /// The value of a member; `nil` where there is none.
  package subscript(name: String) -> ExchangeValue? { members?.first { $0.name == name }?.value }

  /// What the Administration Server wraps where plain JSON cannot tell the type: `{"type": "datetime", "value": …}`.
  private static let wrappedTypes: Set<String> = ["long", "float", "double", "datetime", "date", "binary", "params"]

  /// The type and the content of a value in the Administration Server's wrapper; `nil` for any other value.
  package var wrapped: (type: String, value: ExchangeValue)? {
    guard let members, members.count == 2, let type = self["type"]?.text, let value = self["value"],
      Self.wrappedTypes.contains(type)
    else { return nil }
    return (type, value)
  }

  /// The content of a wrapper; any other value as it is.
  package var unwrapped: ExchangeValue { wrapped?.value ?? self }
}

/// A number of JSON by its digits.
package struct ExchangeNumber: Hashable, Sendable {
  /// The digits, with sign, fraction and exponent where they were.
  package let digits: String

  /// A whole number.
  package init(_ number: Int64) { digits = String(number) }

  /// Digits that the parser has checked.
  init(checked digits: String) { self.digits = digits }

  /// The whole number; `nil` for one with a fraction or an exponent, or one that does not fit.
  package var integer: Int64? { Int64(digits) }
}

extension ExchangeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// A text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// A whole number.
  package init(integerLiteral value: Int64) { self = .integer(value) }
  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .flag(value) }
}
