import MirrorTypes

/// Texts from elsewhere in a form that may be shown.
package enum SafeText {
  /// Whether a character should not be shown as it is, ``Unicode/Scalar/isUnsafeToShow``.
  package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool { scalar.isUnsafeToShow }

  /// The text for a table or a sentence: what ``isUnsafe(_:)`` becomes visible as `\u{202e}`.
  package static func printable(_ text: String) -> String { ShownText.escaped(text) }

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
    ShownText.isClean(text, atMost: limit)
  }
}
