import MirrorTypes
import SystemPackage
import TOMLKit

/// Reads one table of the configuration strictly: every key is asked for by name, and what nobody asked for is an error.
struct TableReader {
  let table: TOMLTable
  /// How the table is called in errors; `nil` at the top.
  let name: String?
  /// Where the table lies: the keys from the top to it, those of lists without a number.
  let path: [String]
  /// The same, with the numbers.
  let place: [KeyPositions.Step]
  let document: Document
  private var known: Set<String> = []

  /// The file and where its keys stand, for the place of an error.
  struct Document {
    let file: FilePath
    let positions: KeyPositions
    /// Takes down which keys are asked for, for whoever wants to know.
    var recorder: KeyRecorder?
  }

  init(_ table: TOMLTable, name: String?, at place: [KeyPositions.Step] = [], document: Document) {
    self.table = table
    self.name = name
    self.place = place
    self.document = document
    path = place.compactMap { if case .key(let key) = $0 { key } else { nil } }
    document.recorder?.note([], in: path)
  }

  /// An error at a key, or at the table itself.
  func error(_ problem: ConfigurationError.Problem, at key: String? = nil) -> ConfigurationError {
    let line = key.flatMap { document.positions[place + [.key($0)]] } ?? document.positions[place]
    return ConfigurationError(file: document.file, table: name, problem: problem, line: line)
  }

  func bad(_ key: String, _ why: String) -> ConfigurationError { error(.badValue(key, why: why), at: key) }

  /// Counts keys as asked for that were read before.
  mutating func markKnown(_ keys: Set<String>) {
    known.formUnion(keys)
    document.recorder?.note(keys, in: path)
  }

  /// Fails on the first key that was not asked for.
  func finish() throws(ConfigurationError) {
    for key in table.keys.sorted() where !known.contains(key) {
      throw error(.unknownKey(key, nearest: NearestName.of(key, among: known.sorted())), at: key)
    }
  }

  private mutating func value<T>(
    _ key: String,
    _ expected: String,
    _ read: (any TOMLValueConvertible) -> T?
  ) throws(ConfigurationError) -> T? {
    markKnown([key])
    guard let raw = table[key] else { return nil }
    guard let value = read(raw) else { throw error(.wrongType(key, expected: expected), at: key) }
    return value
  }

  mutating func string(_ key: String) throws(ConfigurationError) -> String? {
    try value(key, "a text in quotes") { $0.string }
  }

  mutating func required(_ key: String) throws(ConfigurationError) -> String {
    guard let text = try string(key), !text.isEmpty else { throw error(.missing(key)) }
    return text
  }

  mutating func bool(_ key: String) throws(ConfigurationError) -> Bool? {
    try value(key, "true or false") { $0.bool }
  }

  mutating func int(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let number = try value(key, "a whole number", { $0.int }) else { return nil }
    guard range.contains(number) else { throw bad(key, "has to be from \(range.lowerBound) to \(range.upperBound)") }
    return number
  }

  mutating func strings(_ key: String) throws(ConfigurationError) -> [String]? {
    try value(key, "a list of texts in quotes") { raw in
      guard let array = raw.array else { return nil }
      let texts = array.compactMap(\.string)
      return texts.count == array.count ? texts : nil
    }
  }

  /// Whether a key is set.
  func has(_ key: String) -> Bool { table[key] != nil }

  /// Whether a key is set to a text.
  func isText(_ key: String) -> Bool { table[key]?.string != nil }

  /// A table of texts, under names of any kind.
  mutating func texts(_ key: String) throws(ConfigurationError) -> [String: String]? {
    try value(key, "a table of texts: { name = \"…\" }") { raw in
      guard let table = raw.table else { return nil }
      var texts: [String: String] = [:]
      for name in table.keys {
        guard let text = table[name]?.string else { return nil }
        texts[name] = text
      }
      return texts
    }
  }

  mutating func file(_ key: String) throws(ConfigurationError) -> FilePath? {
    guard let text = try string(key) else { return nil }
    guard !text.isEmpty else { throw bad(key, "is empty") }
    // What stands in a file is meant from where that file stands.
    return document.file.removingLastComponent().pushing(FilePath(text)).lexicallyNormalized()
  }

  mutating func treePath(_ key: String, _ text: String) throws(ConfigurationError) -> TreePath {
    do { return try TreePath(new: text) } catch { throw bad(key, "cannot be used: \(error)") }
  }

  /// A quantity that may be written as a plain number or as a text with a unit.
  mutating func quantity<T>(
    _ key: String,
    _ expected: String,
    _ read: (String) -> T?
  ) throws(ConfigurationError) -> T? {
    guard
      let text = try value(
        key,
        expected,
        { raw in raw.string ?? raw.int.map { "\($0)" } ?? raw.double.map { "\($0)" } }
      )
    else { return nil }
    guard let quantity = read(text) else { throw bad(key, "has to be \(expected)") }
    return quantity
  }

  mutating func subtable(_ key: String, as name: String) throws(ConfigurationError) -> TableReader? {
    document.recorder?.note(tableAt: path + [key])
    guard let table = try value(key, "a table", { $0.table }) else { return nil }
    return TableReader(table, name: name, at: place + [.key(key)], document: document)
  }

  /// An array of tables, with the texts in it (which a key may allow as a short form).
  mutating func items(_ key: String) throws(ConfigurationError) -> [Item]? {
    document.recorder?.note(tableAt: path + [key])
    let (document, list) = (document, place + [.key(key)])
    let outer = name.map { "\($0), " } ?? ""
    return try value(key, "a list") { raw in
      guard let array = raw.array else { return nil }
      let items = array.enumerated().compactMap { index, element -> Item? in
        if let text = element.string { return .text(text) }
        let name = "\(outer)\(key) \(index + 1)"
        return element.table.map {
          .table(TableReader($0, name: name, at: list + [.element(index)], document: document))
        }
      }
      return items.count == array.count ? items : nil
    }
  }

  enum Item {
    case text(String)
    case table(TableReader)
  }
}

/// Takes down which keys are asked for, and where tables may be, while a configuration is read.
final class KeyRecorder {
  private(set) var keys: [String: Set<String>] = [:]
  private(set) var tables: Set<String> = []

  func note(_ asked: Set<String>, in table: [String]) {
    keys[table.joined(separator: "."), default: []].formUnion(asked)
  }

  func note(tableAt path: [String]) { tables.insert(path.joined(separator: ".")) }
}
