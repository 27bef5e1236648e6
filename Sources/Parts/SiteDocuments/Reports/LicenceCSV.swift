import MirrorTypes

extension LicenceReport {
  /// The licences as CSV (RFC 4180): a head, CR LF behind each line, quotes where they are needed.
  ///
  /// A cell whose text does not begin with a letter or a digit gets a `'` before it, so that no spreadsheet executes what a
  /// server or a site has sent; numbers of our own stay unchanged.
  package var csv: String {
    let head = [
      "site", "serial", "product", "type", "expires", "days_left", "limit", "in_use", "reserve", "state", "urgency",
    ]
    let lines = rows.map { row in
      [
        CSVText.cell(site), CSVText.cell(row.key.serial), CSVText.cell(row.key.text(.product) ?? ""),
        CSVText.cell(row.type), row.expiryDay, row.daysLeft, row.limit, row.inUse, row.reserve,
        CSVText.cell(row.assessment.words), "\(row.assessment.urgency)",
      ]
    }
    return ([head] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}

/// Texts in CSV.
enum CSVText {
  /// Whether a text begins with a letter or a digit, behind blanks: anything else might begin a formula somewhere.
  private static func beginsPlainly(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first(where: { $0 != " " }) else { return true }
    switch first.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
      return true
    default: return false
    }
  }

  /// A cell with a text from elsewhere.
  static func cell(_ text: String) -> String {
    let shown = SafeText.printable(text)
    let guarded = beginsPlainly(shown) ? shown : "'" + shown
    let marks = Array("\",\r\n;'".utf8)
    guard guarded.utf8.contains(where: marks.contains) || guarded.hasBytePrefix(" ") || guarded.hasByteSuffix(" ")
    else {
      return guarded
    }
    // Byte by byte: a mark behind a quote makes another character of it, and not another byte.
    let quote = UInt8(ascii: "\"")
    let doubled = guarded.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
  }
}
