/// A text in lines of a width. What stands in single quotes is a command or a name to copy: it stays in one line, as
/// does a word that is too long.
package enum WrappedText {
  /// The lines.
  ///
  /// - Parameters:
  ///   - width: the most columns of a line that has several words.
  ///   - indent: what stands before all lines but the first.
  ///   - breaksWords: whether a word that is too long for a line is broken, since something stands beside it.
  package static func lines(_ text: String, width: Int, indent: String, breaksWords: Bool = false) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in pieces(text).flatMap({ breaksWords ? broken($0, to: width - indent.count) : [$0] }) {
      let longer = "\(line)\(String(repeating: " ", count: piece.gap))\(piece.text)"
      if !line.isEmpty, TextColumns.width(longer) > width {
        lines.append(line)
        line = indent + piece.text
      } else {
        line = longer
      }
    }
    return lines + [line]
  }

  /// A line in as many as it takes. Those that follow begin where its text does, behind a label in front of it, or else
  /// a little to the right.
  ///
  /// - Parameter hanging: where they begin; `nil`: as the line looks.
  package static func fitted(_ line: String, width: Int, hanging: Int? = nil) -> [String] {
    guard TextColumns.width(line) > width else { return [line] }
    let place = hanging ?? textStart(of: line)
    let indent = place * 3 > width * 2 ? 2 : place
    return lines(line, width: width, indent: String(repeating: " ", count: indent))
  }

  /// The most columns of a label.
  private static let labelWidth = 14

  /// Behind a label that two blanks or more part from the text; else two columns behind the first character.
  private static func textStart(of line: String) -> Int {
    let start = line.prefix { $0 == " " }.count
    var gap = 0
    for (column, character) in line.enumerated().dropFirst(start).prefix(labelWidth) {
      if character != " ", gap > 1 { return column }
      gap = character == " " ? gap + 1 : 0
    }
    return start + 2
  }

  /// A word in parts that fit.
  private static func broken(_ piece: (gap: Int, text: String), to width: Int) -> [(gap: Int, text: String)] {
    var parts: [(gap: Int, text: String)] = []
    var rest = Substring(piece.text)
    while TextColumns.width(String(rest)) > width {
      let part = TextColumns.clipped(String(rest), to: max(2, width))
      parts.append((parts.isEmpty ? piece.gap : 0, part))
      rest = rest.dropFirst(max(1, part.count))
    }
    return rest.isEmpty ? parts : parts + [(parts.isEmpty ? piece.gap : 0, String(rest))]
  }

  /// The words, each with the blanks before it; those between quotes are one.
  private static func pieces(_ text: String) -> [(gap: Int, text: String)] {
    var pieces: [(gap: Int, text: String)] = []
    var isOpen = false
    var gap = -1
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      gap += 1
      guard !word.isEmpty else { continue }
      if isOpen {
        pieces[pieces.count - 1].text += String(repeating: " ", count: gap) + word
      } else {
        pieces.append((gap, String(word)))
      }
      gap = 0
      let quotes = word.count { $0 == "'" }
      // An apostrophe within a word opens nothing.
      if isOpen ? quotes > 0 : (word.hasPrefix("'") || word.hasPrefix("('")) && quotes == 1 { isOpen.toggle() }
    }
    return pieces
  }
}
