extension Unicode.Scalar {
  /// Whether a character steers a terminal, breaks a line, is not seen, or changes how others are seen: controls, line
  /// separators, marks of the writing direction, tags.
  ///
  /// A list and not the property of the standard library, which changes with the version of Unicode: what was written
  /// must read the same with each build.
  package var isUnsafeToShow: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB,
      0xE0000...0xE0FFF:
      true
    default: false
    }
  }
}

/// Texts in a form that everybody can see, and that can be read back.
package enum ShownText {
  /// The text with `\u{202e}` in the place of each character that ``Unicode/Scalar/isUnsafeToShow``.
  package static func escaped(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isUnsafeToShow) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar.isUnsafeToShow {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  /// The text that was escaped; `nil` for one that ``escaped(_:)`` has not written. Only a text without a backslash of its
  /// own comes back the same.
  package static func unescaped(_ shown: String) -> String? {
    guard shown.contains("\\") else { return shown }
    var result = ""
    var rest = shown[...]
    while let start = rest.firstRange(of: "\\u{") {
      result += rest[..<start.lowerBound]
      guard let end = rest[start.upperBound...].firstIndex(of: "}"),
        let value = UInt32(rest[start.upperBound..<end], radix: 16), let scalar = Unicode.Scalar(value)
      else { return nil }
      result.unicodeScalars.append(scalar)
      rest = rest[rest.index(after: end)...]
    }
    result += rest
    return escaped(result).utf8.elementsEqual(shown.utf8) ? result : nil
  }
}
