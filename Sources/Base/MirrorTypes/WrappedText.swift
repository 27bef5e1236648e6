/// A text in lines of a width. What stands in single quotes is a command or a name to copy: it stays in one line, as
/// does a word that is too long.
package enum WrappedText {
  /// The lines.
  ///
  /// - Parameters:
  ///   - width: the most characters of a line that has several words.
  ///   - indent: what stands before all lines but the first.
  package static func lines(_ text: String, width: Int, indent: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in pieces(text) {
      if !line.isEmpty, line.count + 1 + piece.count > width {
        lines.append(line)
        line = indent + piece
      } else {
        line += line.isEmpty ? piece : " \(piece)"
      }
    }
    return lines + [line]
  }

  /// The words; those between quotes are one.
  private static func pieces(_ text: String) -> [String] {
    var pieces: [String] = []
    var isOpen = false
    for word in text.split(separator: " ") {
      if isOpen { pieces[pieces.count - 1] += " \(word)" } else { pieces.append(String(word)) }
      let quotes = word.count { $0 == "'" }
      // An apostrophe within a word opens nothing.
      if isOpen ? quotes > 0 : (word.hasPrefix("'") || word.hasPrefix("('")) && quotes == 1 { isOpen.toggle() }
    }
    return pieces
  }
}
