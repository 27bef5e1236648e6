import SiteDocuments

extension LicenceReport {
  /// The licences as CSV (RFC 4180): a head, CR LF behind each line, quotes where they are needed.
  ///
  /// A cell whose text begins like a formula gets a `'` before it, so that no spreadsheet executes what a server or a
  /// site has sent; numbers of our own are left alone.
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
  /// A cell with a text from elsewhere.
  static func cell(_ text: String) -> String {
    let shown = SafeText.printable(text)
    let first = shown.first { $0 != " " }
    let isFormula = first.map { "=+-@|%＝＋－＠".contains($0) } ?? false
    let guarded = isFormula ? "'" + shown : shown
    guard guarded.contains(where: { "\",\r\n;'".contains($0) }) || guarded.hasPrefix(" ") || guarded.hasSuffix(" ")
    else { return guarded }
    return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
  }
}
