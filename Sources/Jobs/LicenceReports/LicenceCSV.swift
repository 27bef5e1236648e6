import Languages
import MirrorTypes
import SiteDocuments

/// Who reads a table of licences as CSV.
package enum CSVForm: Sendable, Hashable {
  /// Other programs, and spreadsheets that take RFC 4180: commas, and the same words whatever the language.
  case standard
  /// Microsoft Excel as it is set up in countries with a comma in numbers: semicolons, a mark of UTF-8 at the beginning,
  /// and the words of a language.
  case excel(Language)
}

extension LicenceReport {
  /// The licences as CSV (RFC 4180): a head, CR LF at the end of each line, quotes where they are needed.
  ///
  /// A cell whose text does not begin with a letter or a digit gets a `'` before it, so that no spreadsheet executes what a
  /// server or a site has sent; numbers of our own stay unchanged.
  package func csv(for form: CSVForm) -> String {
    switch form {
    case .standard:
      let head = [
        "site", "serial", "product", "type", "expires", "days_left", "limit", "in_use", "reserve", "state", "urgency",
      ]
      return lines(head, in: .english, separator: ",") { "\($0)" }
    case .excel(let language):
      let head: [Phrase] = [
        .site, .serial, .product, .type, .expires, .daysLeft, .limit, .inUse, .reserve, .state, .urgency,
      ]
      return CSVText.byteOrderMark
        + lines(head.map { language.text($0) }, in: language, separator: ";") { language.text($0.phrase) }
    }
  }

  private func lines(
    _ head: [String],
    in language: Language,
    separator: String,
    urgency: (Urgency) -> String
  ) -> String {
    let lines = rows.map { row in
      [
        CSVText.cell(site), CSVText.cell(row.key.serial), CSVText.cell(row.key.text(.product) ?? ""),
        CSVText.cell(row.type(in: language)), csvDay(row, language), row.daysLeft, row.limit, row.inUse, row.reserve,
        CSVText.cell(row.assessment.words(in: language)), urgency(row.assessment.urgency),
      ]
    }
    return ([head] + lines).map { $0.joined(separator: separator) + "\r\n" }.joined()
  }

  /// Every spreadsheet takes a day in the form of ISO 8601 for one, whatever country it is set up for.
  private func csvDay(_ row: Row, _ language: Language) -> String {
    row.assessment.expiry.map { String($0.text.prefix(10)) } ?? row.expiryDay(in: language)
  }
}

/// Texts in CSV.
enum CSVText {
  /// What tells Excel that a file is UTF-8.
  static let byteOrderMark = "\u{FEFF}"

  /// A text in which nothing begins a formula: neither at its beginning, nor behind what parts cells in some program,
  /// which takes what follows for a cell of its own.
  private static func guarded(_ text: String) -> String {
    var guarded = String.UnicodeScalarView()
    var begins = true
    for scalar in text.unicodeScalars {
      let isSeparator = separators.contains(scalar)
      // A separator behind another one begins nothing, but at the beginning of all it would.
      if begins, scalar != " ", !isSeparator || guarded.allSatisfy({ $0 == " " }) {
        if !isPlain(scalar) { guarded.append("'") }
        begins = false
      }
      if isSeparator { begins = true }
      guarded.append(scalar)
    }
    return String(guarded)
  }

  private static let separators: Set<Unicode.Scalar> = [",", ";", "\t", "|"]

  /// Whether a cell may begin so: with a letter or a digit. Anything else might begin a formula somewhere.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
    default: false
    }
  }

  /// A cell with a text from elsewhere.
  static func cell(_ text: String) -> String {
    let guarded = guarded(SafeText.printable(text))
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
