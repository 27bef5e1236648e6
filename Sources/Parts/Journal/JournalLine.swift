import FoundationEssentials

/// An entry as a line of the file: JSON in exactly one form.
///
/// One form means that a line is what the program would write for what it reads: no blanks, no second key of the same
/// name, no field that a reader would not see. So the digest of an entry follows from its content.
enum JournalLine {
  /// The most bytes of a line, without its line feed.
  static let longest = 65_535
  /// How each line begins, as the keys are sorted.
  static let beginning = Array("{\"event\":\"".utf8)

  /// The line of an entry, without its line feed.
  static func bytes(of entry: JournalEntry) -> [UInt8] {
    // The order of the bytes is the same in every language and version.
    let facts = entry.facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let fields = [
      ("event", JSONText.quoted(entry.event.rawValue)),
      ("facts", object(facts.map { ($0.key, json($0.value)) })),
      ("host", JSONText.quoted(entry.host)),
      ("number", "\(entry.number)"),
      ("outcome", JSONText.quoted(entry.outcome.rawValue)),
      ("previous", JSONText.quoted(entry.previous.hex)),
      ("text", JSONText.quoted(entry.text)),
      ("time", JSONText.quoted(JournalTime.text(entry.time))),
      ("user", JSONText.quoted(entry.user)),
    ]
    return Array(object(fields).utf8)
  }

  /// The entry that a line is.
  static func entry(_ line: [UInt8]) throws(JournalError.Reason) -> JournalEntry {
    guard line.count <= longest else { throw .tooLong }
    let entry: JournalEntry
    do {
      entry = try JSONDecoder().decode(JournalEntry.self, from: Data(line))
    } catch {
      throw reason(for: error)
    }
    guard bytes(of: entry) == line else { throw .otherForm }
    return entry
  }

  private static func reason(for error: any Error) -> JournalError.Reason {
    guard let error = error as? DecodingError else { return .noEntry(field: nil) }
    let path: [any CodingKey] =
      switch error {
      case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
        context.codingPath
      case .keyNotFound(let key, let context): context.codingPath + [key]
      @unknown default: []
      }
    return path.first?.stringValue == "time" ? .time : .noEntry(field: path.first?.stringValue)
  }

  private static func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(JSONText.quoted($0)):\($1)" }.joined(separator: ",") + "}"
  }

  private static func json(_ value: JournalValue) -> String {
    switch value {
    case .string(let value): JSONText.quoted(value)
    case .integer(let value): "\(value)"
    case .boolean(let value): "\(value)"
    }
  }
}
