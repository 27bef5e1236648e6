extension Unicode.Scalar {
  /// Whether a character steers a terminal, breaks a line, is not seen, or changes how others are seen: controls, line
  /// separators, marks of the writing direction, tags.
  ///
  /// A list and not the property of the standard library, which changes with the version of Unicode: what was written
  /// must read the same with each build.
  package var isUnsafeToShow: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB,
      0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }
}

/// Texts in a form that everybody can see: the one place where what comes from elsewhere becomes a line.
///
/// The console, the display of the journal, reports, labels and lists go through it.
package enum ShownText {
  /// Whether a text is short enough, and has nothing that ``Unicode/Scalar/isUnsafeToShow``.
  package static func isClean(_ text: String, atMost limit: Int) -> Bool {
    text.utf8.count <= limit && !text.unicodeScalars.contains(where: \.isUnsafeToShow)
  }

  /// The text in quotes, escaped and cut, as sentences show a name that somebody else has chosen.
  ///
  /// - Parameter limit: the most characters that are shown.
  package static func quoted(_ text: String, atMost limit: Int = 200) -> String {
    let cut = text.unicodeScalars.prefix(limit)
    var shown = "\""
    for scalar in cut {
      if scalar == "\"" || scalar == "\\" { shown += "\\" }
      shown += escaped(String(scalar))
    }
    return shown + (cut.endIndex < text.unicodeScalars.endIndex ? "…\"" : "\"")
  }

  /// The same for a text in JSON: what ``Unicode/Scalar/isUnsafeToShow`` stands there as `\u202e`, which every reader takes
  /// for the character itself.
  package static func escapedJSON(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: \.isUnsafeToShow) else { return json }
    return json.unicodeScalars.reduce(into: "") { result, scalar in
      guard scalar.isUnsafeToShow else { return result.unicodeScalars.append(scalar) }
      for unit in UTF16.encode(scalar) ?? .init() {
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
  }

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
}
