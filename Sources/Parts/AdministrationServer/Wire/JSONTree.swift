/// JSON as it lies on the wire, before types are looked at.
enum JSONTree: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number without a fraction and an exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number, as it is written.
  case fraction(String)
  case string(String)
  case array([JSONTree])
  /// Members by name. A name that is there twice is refused when it is read.
  case object([String: JSONTree])

  /// What it is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer, .fraction: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Writes JSON.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ text: String) { bytes += text.utf8 }

  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes += "\\u00".utf8
        bytes.append(Self.digits[Int(byte >> 4)])
        bytes.append(Self.digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
