import MirrorTypes

/// How texts are written in JSON. Everything else has one form: names in the order of their bytes, and no blanks.
package struct JSONForm: Sendable {
  private let hasShortEscapes: Bool
  private let isEscaped: @Sendable (Unicode.Scalar) -> Bool

  /// A form.
  ///
  /// - Parameters:
  ///   - hasShortEscapes: whether a line feed, a return and a tab are `\n`, `\r` and `\t`.
  ///   - isEscaped: which characters besides `"` and `\` are written as `\u202e`.
  package init(hasShortEscapes: Bool = false, isEscaped: @escaping @Sendable (Unicode.Scalar) -> Bool) {
    self.hasShortEscapes = hasShortEscapes
    self.isEscaped = isEscaped
  }

  /// OLPC's canonical JSON, which signatures are made over: only `"` and `\` are escaped. What has control characters in
  /// a text is thereby no JSON.
  package static let canonical = JSONForm { _ in false }
  /// JSON with the fewest escapes that it may have.
  package static let plain = JSONForm { $0.value < 0x20 }
  /// Nothing in a text steers a terminal or hides what stands beside it.
  package static let visible = JSONForm { $0.isUnsafeToShow }

  /// Writes a text with its quotation marks.
  package func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
      output += text.utf8
    } else {
      for scalar in text.unicodeScalars { write(scalar, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// Writes a character of a text.
  package func write(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
    switch scalar {
    case "\"": output += "\\\"".utf8
    case "\\": output += "\\\\".utf8
    case "\n" where hasShortEscapes: output += "\\n".utf8
    case "\r" where hasShortEscapes: output += "\\r".utf8
    case "\t" where hasShortEscapes: output += "\\t".utf8
    case _ where isEscaped(scalar):
      for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
        output += "\\u".utf8
        output += Hexadecimal.digits([UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8
      }
    default: output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
    }
  }
}

extension JSONValue {
  /// The value in OLPC's canonical JSON, ``JSONForm/canonical``.
  package var canonical: [UInt8] { bytes(.canonical) }

  /// The value as JSON, ``JSONForm/plain``.
  package var serialized: [UInt8] { bytes(.plain) }

  /// The value in a form.
  package func bytes(_ form: JSONForm) -> [UInt8] {
    var output: [UInt8] = []
    write(form, to: &output)
    return output
  }

  /// Writes the value in a form.
  package func write(_ form: JSONForm, to output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let number): output += String(number).utf8
    case .decimal(let number): output += number.digits.utf8
    case .string(let text): form.write(text, to: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        value.write(form, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        form.write(member.name, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.write(form, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }
}
