extension JSONValue {
  /// The value in OLPC's canonical JSON, which signatures are made over: names in the order of their bytes, no blanks,
  /// and in texts only `"` and `\` escaped. What has control characters in a text is thereby no JSON.
  package var canonical: [UInt8] {
    var output: [UInt8] = []
    write(to: &output, escapingControls: false)
    return output
  }

  /// The value as JSON: as ``canonical``, but for control characters, which are escaped.
  package var serialized: [UInt8] {
    var output: [UInt8] = []
    write(to: &output, escapingControls: true)
    return output
  }

  private func write(to output: inout [UInt8], escapingControls: Bool) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let number): output += String(number).utf8
    case .string(let text): Self.write(text, to: &output, escapingControls)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.write(to: &output, escapingControls: escapingControls)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.write(member.name, to: &output, escapingControls)
        output.append(UInt8(ascii: ":"))
        member.value.write(to: &output, escapingControls: escapingControls)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to output: inout [UInt8], _ escapingControls: Bool) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        output.append(UInt8(ascii: "\\"))
      } else if escapingControls && byte < 0x20 {
        output += "\\u00".utf8
        output += Hex.digits([byte]).utf8
        continue
      }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }
}

/// Bytes as hexadecimal digits.
enum Hex {
  private static let alphabet = Array("0123456789abcdef".utf8)

  /// The bytes in lower-case digits.
  static func digits(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes that digits of either case stand for; `nil` for what is none.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var high: UInt8?
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    case 0x41...0x46: digit - 0x41 + 10
    default: nil
    }
  }
}
