/// Texts in columns, as wide as a terminal shows them.
package enum TextColumns {
  /// Lays out rows in columns, two blanks between them and none at the end of a line.
  ///
  /// A table that is wider than the screen is laid out in another way, with all that is in it: what stands in the last
  /// column goes on below itself; or some columns stand in a line of their own below each row; or each row becomes a
  /// paragraph.
  ///
  /// - Parameters:
  ///   - rows: the rows, the first of them with the names of the columns if the table has a head.
  ///   - rightAligned: the columns of numbers.
  ///   - width: the columns of the screen; `nil`: as many as it takes.
  ///   - below: the columns that may stand below; empty for a table without a head.
  package static func table(
    _ rows: [[String]],
    rightAligned: Set<Int>,
    width: Int? = nil,
    below: Set<Int> = []
  ) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? self.width($0[column]) : 0 }.max() ?? 0 }
    let whole = widths.clampedSum { $0 } + 2 * max(0, columns - 1)
    guard let width, whole > width, columns > 0 else { return plain(rows, widths, rightAligned) }
    let last = whole - widths[columns - 1]
    if !rightAligned.contains(columns - 1), width - last >= narrowest {
      return hanging(rows, widths, rightAligned, from: last, to: width)
    }
    guard !below.isEmpty, let head = rows.first else {
      return rows.map { row in
        WrappedText.lines(row.joined(separator: "  "), width: width, indent: "  ").map { $0 + "\n" }.joined()
      }.joined()
    }
    let kept = (0..<columns).filter { !below.contains($0) }
    let short = kept.clampedSum { widths[$0] } + 2 * max(0, kept.count - 1)
    let upper = rows.map { row in kept.map { $0 < row.count ? row[$0] : "" } }
    let keptAligned = Set(kept.indices.filter { rightAligned.contains(kept[$0]) })
    let lines = plain(upper, kept.map { widths[$0] }, keptAligned).split(separator: "\n").map(String.init)
    let isShort = short <= width
    return rows.indices.map { index in
      let row = rows[index]
      if index == 0 { return isShort ? lines[0] + "\n" : "" }
      let others = isShort ? below.sorted() : Array(1..<columns)
      let facts = pairs(others, row, head, width)
      return "\(isShort ? lines[index] : row.first ?? "")\n\(facts)"
    }.joined()
  }

  /// The fewest columns in which a text goes on below itself.
  private static let narrowest = 24

  private static func plain(_ rows: [[String]], _ widths: [Int], _ rightAligned: Set<Int>) -> String {
    rows.map { row in line(row, widths, rightAligned) + "\n" }.joined()
  }

  private static func line(_ row: [String], _ widths: [Int], _ rightAligned: Set<Int>) -> String {
    var line = ""
    for (column, cell) in row.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - width(cell))
      if column > 0 { line += "  " }
      line += rightAligned.contains(column) ? padding + cell : column == row.count - 1 ? cell : cell + padding
    }
    return line
  }

  private static func hanging(
    _ rows: [[String]],
    _ widths: [Int],
    _ rightAligned: Set<Int>,
    from place: Int,
    to width: Int
  ) -> String {
    let indent = String(repeating: " ", count: place)
    return rows.flatMap { row in
      guard row.count == widths.count, let cell = row.last else { return [line(row, widths, rightAligned)] }
      let first = line(row.dropLast() + [""], widths, rightAligned)
      let lines = WrappedText.lines(cell, width: width - place, indent: "", breaksWords: true)
      return [first + lines[0]] + lines.dropFirst().map { indent + $0 }
    }.map { $0 + "\n" }.joined()
  }

  /// What stands in columns, each with its name, in lines that begin a little to the right. A name and what belongs to
  /// it stay together where a line has room for them.
  private static func pairs(_ columns: [Int], _ row: [String], _ head: [String], _ width: Int) -> String {
    let facts = columns.filter { $0 < row.count && !row[$0].isEmpty && row[$0] != "-" }.map { column in
      column < head.count ? "\(head[column].lowercased()): \(row[column])" : row[column]
    }
    var lines: [String] = []
    for (index, fact) in facts.enumerated() {
      let fact = index == facts.count - 1 ? fact : fact + ";"
      if let last = lines.last, self.width(last) + 1 + self.width(fact) <= width - 4 {
        lines[lines.count - 1] = "\(last) \(fact)"
      } else {
        lines += WrappedText.lines(fact, width: width - 4, indent: "  ")
      }
    }
    return lines.map { "    \($0)\n" }.joined()
  }

  /// How many columns a terminal needs for a text: two for East Asian wide characters and emoji.
  package static func width(_ text: String) -> Int {
    text.clampedSum { $0.unicodeScalars.contains(where: isWide) ? 2 : isMark($0) ? 0 : 1 }
  }

  /// The text, or as much of its beginning as fits with an ellipsis behind.
  package static func cut(_ text: String, to limit: Int) -> String {
    width(text) <= limit ? text : clipped(text, to: limit - 1) + "…"
  }

  /// As much of the text's beginning as fits.
  package static func clipped(_ text: String, to limit: Int) -> String {
    var result = ""
    var columns = 0
    for character in text {
      columns += width(String(character))
      if columns > limit { break }
      result.append(character)
    }
    return result
  }

  /// The text in lines of at most `limit` columns, broken at blanks; lines behind the first are indented.
  package static func wrapped(_ text: String, to limit: Int, indent: String) -> [String] {
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
