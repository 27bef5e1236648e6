import MirrorTypes

extension LicenceReport {
  /// A table for a terminal, in aligned columns: no tabs, and nothing from elsewhere that could steer the terminal.
  ///
  /// - Parameter productWidth: the most columns for the product's name; a longer one is cut with an ellipsis.
  package func table(productWidth: Int = 48) -> String {
    let head = ["SERIAL", "PRODUCT", "TYPE", "EXPIRES", "DAYS", "LIMIT", "IN USE", "RESERVE", "STATE"]
    let lines = rows.map { row in
      let product = TextColumns.cut(SafeText.printable(row.key.text(.product) ?? ""), to: productWidth)
      return [
        SafeText.printable(row.key.serial), product, row.type, row.expiryDay, row.daysLeft, row.limit, row.inUse,
        row.reserve, row.assessment.words,
      ].map { $0.isEmpty ? "-" : $0 }
    }
    return TextColumns.table([head] + lines, rightAligned: [4, 5, 6, 7])
  }
}

/// Texts in columns, as wide as a terminal shows them.
enum TextColumns {
  /// Lays out rows in columns, two blanks between them and none at the end of a line.
  static func table(_ rows: [[String]], rightAligned: Set<Int>) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? width($0[column]) : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - width(cell))
        if column > 0 { line += "  " }
        line += rightAligned.contains(column) ? padding + cell : column == row.count - 1 ? cell : cell + padding
      }
      return line + "\n"
    }.joined()
  }

  /// How many columns a terminal needs for a text: two for East Asian wide characters and emoji.
  static func width(_ text: String) -> Int {
    text.clampedSum { $0.unicodeScalars.contains(where: isWide) ? 2 : isMark($0) ? 0 : 1 }
  }

  /// The text, or as much of its beginning as fits with an ellipsis behind.
  static func cut(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    var result = ""
    var columns = 0
    for character in text {
      columns += width(String(character))
      if columns > limit - 1 { break }
      result.append(character)
    }
    return result + "…"
  }

  /// The text in lines of at most `limit` columns, broken at blanks; lines behind the first are indented.
  static func wrapped(_ text: String, to limit: Int, indent: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && width(line) + 1 + width(String(word)) > limit {
        lines.append(line)
        line = indent + word
      } else {
        line += line.isEmpty ? String(word) : " " + word
      }
    }
    return lines + [line]
  }

  private static func isMark(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .nonspacingMark }
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
