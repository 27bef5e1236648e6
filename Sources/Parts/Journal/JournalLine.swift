import FoundationEssentials
import StrictJSON

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
    let object: JSONObject = [
      "event": .string(entry.event.rawValue), "facts": .object(JSONObject(entry.facts.mapValues(\.json))),
      "host": .string(entry.host), "number": .integer(Int64(entry.number)),
      "outcome": .string(entry.outcome.rawValue), "previous": .string(entry.previous.hex),
      "text": .string(entry.text), "time": .string(entry.time.writable.text), "user": .string(entry.user),
    ]
    return JSONValue.object(object).bytes(.journal)
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
}

extension JournalValue {
  fileprivate var json: JSONValue {
    switch self {
    case .string(let value): .string(value)
    case .integer(let value): .integer(value)
    case .boolean(let value): .bool(value)
    }
  }
}
