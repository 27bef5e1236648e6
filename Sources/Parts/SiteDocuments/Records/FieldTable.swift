import Languages

/// All fields of all documents that can leave a site, each with its rule, in one table: what may leave follows from it,
/// and so does what the list at the gate and the manual say.
package enum FieldTable {
  /// A field.
  package struct Line: Hashable, Sendable {
    /// The part of the document that has it: `keys`.
    package let part: String
    /// Its name in the document.
    package let field: String
    /// What it may hold, and what of it leaves.
    package let rule: FieldRule
  }

  /// The parts of documents, in the order of the manual.
  package static let lines: [Line] =
    lines("licences: header", LicenceHeaderField.self) + lines("licences: key", LicenceField.self)
    + lines("licences: device", DeviceField.self) + lines("licences: file", KeyFileField.self)
    + lines("ksn: state", KSNField.self) + lines("ksn: statement", StatementField.self)
    + lines("ksn: configuration", ConfigurationField.self) + lines("ksn: statistics", StatisticsField.self)

  private static func lines<Field: RecordField>(_ part: String, _ fields: Field.Type) -> [Line] {
    fields.allCases.map { Line(part: part, field: $0.rawValue, rule: $0.rule) }
  }

  /// What is counted besides fields.
  private static let counted: [String: FieldWord] = ["device": .device, "key": .licence, "counter": .counter]

  /// The names of all that can be left out.
  static let names: Set<String> = Set(lines.map(\.field)).union(counted.keys)

  /// What a field is in plain words.
  ///
  /// - Parameter document: `licences` or `ksn`, since both have fields of the same name.
  static func word(of field: String, in document: String) -> FieldWord {
    lines.first { $0.field == field && $0.part.hasPrefix(document) }?.rule.word ?? counted[field] ?? .others
  }

  /// What fields are, each kind once and in the order of the table.
  static func kinds<Field: RecordField>(_ fields: Set<Field>, in language: Language) -> String {
    var words: [FieldWord] = []
    for field in Field.allCases where fields.contains(field) && !words.contains(field.rule.word) {
      words.append(field.rule.word)
    }
    return words.map { language.word($0) }.joined(separator: ", ")
  }
}

extension FieldTable.Line {
  /// What of it leaves, in the words of the manual.
  package var leaves: String {
    guard case .text = rule.kind else { return "leaves: \(kindWord)" }
    switch rule.names {
    case .open: return "leaves"
    case .chosen: return "leaves, not checked"
    case .device, .server: return "with devices: a pseudonym, or the name"
    case .personal:
      guard let form = rule.form else { return "personal data" }
      switch rule.standIn {
      case .nothing: return "leaves as \(form.word), else personal data"
      case .pseudonym(let kind): return "leaves as \(form.word), else as \(kind)- and 12 digits"
      case .knownWords: return "its known words leave"
      }
    }
  }

  private var kindWord: String {
    switch rule.kind {
    case .text: "text"
    case .number: "a number"
    case .numbers: "numbers"
    case .flag: "a flag"
    case .time: "a time"
    case .digest: "a digest"
    }
  }
}
