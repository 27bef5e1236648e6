/// The value of a fact, for programs to read.
package enum JournalValue: Sendable, Hashable {
  /// A text, such as a name or a digest.
  case string(String)
  /// A count, a size in bytes or another whole number.
  case integer(Int64)
  /// Yes or no.
  case boolean(Bool)
}

extension JournalValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// A text.
  package init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  package init(integerLiteral value: Int64) { self = .integer(value) }
  /// Yes or no.
  package init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension JournalValue: Codable {
  /// Reads a JSON string, whole number or boolean.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else {
      self = .string(try container.decode(String.self))
    }
  }

  /// Writes a JSON string, number or boolean.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .string(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .boolean(let value): try container.encode(value)
    }
  }
}
