/// Strings in JSON, in a form that shows nothing that it hides.
///
/// Foundation's encoder lets through what may not be shown as it is: the names on a stick can hold the C1 controls,
/// which terminals obey, and marks that reverse the writing direction.
enum JSONText {
  /// The string with quotes.
  static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars { append(scalar, to: &text) }
    return text + "\""
  }

  /// How many bytes a character has in ``quoted(_:)``.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    var text = ""
    append(scalar, to: &text)
    return text.utf8.count
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where isEscaped(scalar.value): for unit in String(scalar).utf16 { text += escape(unit) }
    default: text.unicodeScalars.append(scalar)
    }
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Controls, line separators, and format characters that are not seen or change how others are seen.
  ///
  /// A list and not the property of the standard library, which changes with the version of Unicode: what is a
  /// journal's one form must stay so.
  private static func isEscaped(_ value: UInt32) -> Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
