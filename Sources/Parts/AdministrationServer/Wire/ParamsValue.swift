import MirrorTypes

/// A value as the Open API has them.
///
/// Texts, whole numbers, truth values and lists are plain JSON; every other type is wrapped as
/// `{"type": "long", "value": 5}`. Each type has a case of its own here, so that a value goes back to the server as the
/// type that it came as.
package enum ParamsValue: Hashable, Sendable {
  /// Nothing. The Open API has it inside of lists only.
  case null
  /// A text.
  case string(String)
  /// A plain whole number. The Open API means 32 bits; whatever fits 64 is kept.
  case int(Int64)
  /// A truth value.
  case bool(Bool)
  /// A list.
  case array([ParamsValue])
  /// A whole number of 64 bits.
  case long(Int64)
  /// A number of single precision. Infinity and NaN cannot be sent.
  case float(Float)
  /// A number of double precision. Infinity and NaN cannot be sent.
  case double(Double)
  /// A time in UTC; `nil`: the empty one.
  case dateTime(UTCTime?)
  /// A day; `nil`: the empty one.
  case date(CalendarDate?)
  /// Bytes.
  case binary([UInt8])
  /// Values by name.
  case params(Params)

  /// The text, if it is one.
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is a whole one of either size.
  package var integer: Int64? {
    switch self {
    case .int(let number), .long(let number): number
    default: nil
    }
  }
  /// The truth value, if it is one.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The list, if it is one.
  package var array: [ParamsValue]? { if case .array(let values) = self { values } else { nil } }
  /// The bytes, if it is bytes.
  package var binary: [UInt8]? { if case .binary(let bytes) = self { bytes } else { nil } }
  /// The values by name, if it is those.
  package var params: Params? { if case .params(let params) = self { params } else { nil } }

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .string: "a text"
    case .int: "an int"
    case .bool: "a truth value"
    case .array: "a list"
    case .long: "a long"
    case .float, .double: "a fraction"
    case .dateTime: "a time"
    case .date: "a date"
    case .binary: "bytes"
    case .params: "params"
    }
  }
}

extension ParamsValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  package init(stringLiteral value: String) { self = .string(value) }
  /// A plain whole number.
  package init(integerLiteral value: Int64) { self = .int(value) }
  /// A truth value.
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  package init(arrayLiteral elements: ParamsValue...) { self = .array(elements) }
  /// Values by name; of a name that is there twice, the last.
  package init(dictionaryLiteral elements: (String, ParamsValue)...) { self = .params(Params(elements)) }
}
