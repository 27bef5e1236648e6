/// Texts from elsewhere in a form that may be shown.
public enum SafeText {
  /// Whether a character steers a terminal, breaks a line, is not seen, or changes how others are seen: controls, line
  /// separators, marks of the writing direction, tags.
  ///
  /// A list and not the property of the standard library, which changes with the version of Unicode: what was written
  /// must read the same with each build.
  public static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9...0xFFFB,
      0xE0000...0xE0FFF:
      true
    default: false
    }
  }

  /// The text for a table or a sentence: what ``isUnsafe(_:)`` becomes visible as `\u{202e}`.
  public static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if isUnsafe(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  /// The text in one line and without what ``isUnsafe(_:)``: runs of blanks and such characters become one blank. It is
  /// cut behind a whole character to at most `limit` bytes.
  static func cleaned(_ text: String, atMost limit: Int) -> String {
    var result = ""
    var count = 0
    var blankIsDue = false
    for character in text {
      if character.unicodeScalars.allSatisfy({ isUnsafe($0) || $0 == " " || $0.properties.isWhitespace }) {
        blankIsDue = count > 0
        continue
      }
      let shown = String(String.UnicodeScalarView(character.unicodeScalars.filter { !isUnsafe($0) }))
      let width = shown.utf8.count + (blankIsDue ? 1 : 0)
      if count + width > limit { break }
      if blankIsDue { result += " " }
      blankIsDue = false
      result += shown
      count += width
    }
    return result
  }

  /// Whether a text is as ``cleaned(_:atMost:)`` leaves it, as far as documents insist on it: in bounds, and nothing
  /// unsafe.
  static func isClean(_ text: String, atMost limit: Int) -> Bool {
    text.utf8.count <= limit && !text.unicodeScalars.contains(where: isUnsafe)
  }
}
