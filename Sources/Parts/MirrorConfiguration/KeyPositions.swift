/// Where the keys and tables of a TOML text stand: the reader of TOML that is used here keeps no positions.
///
/// This needs to find keys only, and not what is wrong with them. What it does not understand it skips: then a position is
/// missing, and none is wrong.
struct KeyPositions: Sendable {
  /// A step from a table into what is in it.
  enum Step: Hashable, Sendable {
    case key(String)
    /// The element of a list, counted from 0.
    case element(Int)
  }

  /// What toml++ takes for granted, and a text may not have.
  enum Trap: Hashable, Sendable {
    /// A header of a table without a name, such as `[.a]`, on this line.
    case nameless(line: Int)
    /// A `}` where a value of a list should be, on this line.
    case noValue(line: Int)
    /// A value without quotes that is none, or has something else behind it, on this line. A text is in quotes, and no
    /// setting is a date, which alone has a blank in it.
    case notOneValue(line: Int)
    /// Lists, tables or names too deep in one another to be looked at, on this line.
    case tooDeep(line: Int)
  }

  /// The lines, counted from 1.
  private(set) var lines: [[Step]: Int] = [:]
  /// The first place at which the reader of TOML, toml++, would end the program instead of refusing the text.
  let trap: Trap?

  /// The line on which something stands first: a key, or the header of a table.
  subscript(place: [Step]) -> Int? { lines[place] }

  /// Finds the keys of a text.
  init(in text: String) {
    var scanner = KeyScanner(text)
    scanner.scan()
    lines = scanner.lines
    trap = scanner.trap
  }
}

/// Goes through a TOML text once (TOML 1.0).
private struct KeyScanner {
  typealias Step = KeyPositions.Step

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private(set) var lines: [[Step]: Int] = [:]
  private(set) var trap: KeyPositions.Trap?
  /// How many elements each list of tables has so far.
  private var counts: [[Step]: Int] = [:]
  /// How deep lists and tables may lie in one another.
  private static let deepest = 64

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func scan() {
    var table: [Step] = []
    while true {
      skipBlank()
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "[") {
        table = header()
      } else {
        entry(of: table, depth: 0)
      }
      skipLine()
    }
  }

  // MARK: - Tables

  /// The place of the table whose header is next.
  private mutating func header() -> [Step] {
    let start = line
    advance()
    let isList = peek == UInt8(ascii: "[")
    if isList { advance() }
    var place: [Step] = []
    let names = keys()
    if names.isEmpty { trap = trap ?? .nameless(line: start) }
    for (index, name) in names.enumerated() {
      place.append(.key(name))
      if isList && index == names.count - 1 {
        let count = counts[place, default: 0]
        counts[place] = count + 1
        note(place, start)
        place.append(.element(count))
      } else if let count = counts[place] {
        place.append(.element(count - 1))
      }
    }
    note(place, start)
    return place
  }

  /// `a.b = value`
  private mutating func entry(of table: [Step], depth: Int) {
    let start = line
    var place = table
    let names = keys()
    for name in names {
      place.append(.key(name))
      note(place, start)
    }
    skipSpace()
    guard !names.isEmpty, peek == UInt8(ascii: "=") else { return }
    advance()
    value(at: place, depth: depth)
  }

  // MARK: - Values

  private mutating func value(at place: [Step], depth: Int) {
    skipSpace()
    note(place, line)
    guard let byte = peek else { return }
    guard depth < Self.deepest else { return trap = trap ?? .tooDeep(line: line) }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = text()
    case UInt8(ascii: "["): list(at: place, depth: depth + 1)
    case UInt8(ascii: "{"): inline(at: place, depth: depth + 1)
    default: bareValue()
    }
  }

  /// A number or a word without quotes.
  private mutating func bareValue() {
    let start = position
    while let byte = peek, !Self.ends.contains(byte), byte != 0x20, byte != 0x09 { advance() }
    let isWord = bytes[start..<position].allSatisfy { Self.isBare($0) || Self.signs.contains($0) }
    skipSpace()
    let isAtEnd = peek.map(Self.ends.contains) ?? true
    if !isWord || !isAtEnd { trap = trap ?? .notOneValue(line: line) }
    while let byte = peek, !Self.ends.contains(byte) { advance() }
  }

  private mutating func list(at place: [Step], depth: Int) {
    advance()
    var index = 0
    while true {
      skipBlank()
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "]") { return advance() }
      if byte == UInt8(ascii: ",") {
        advance()
        index += 1
        continue
      }
      if byte == UInt8(ascii: "}") { trap = trap ?? .noValue(line: line) }
      let before = position
      value(at: place + [.element(index)], depth: depth)
      guard position > before else { return }
    }
  }

  private mutating func inline(at place: [Step], depth: Int) {
    advance()
    while true {
      skipBlank()
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "}") { return advance() }
      let before = position
      if byte == UInt8(ascii: ",") { advance() } else { entry(of: place, depth: depth) }
      guard position > before else { return }
    }
  }

  // MARK: - Words

  /// A dotted key.
  private mutating func keys() -> [String] {
    var names: [String] = []
    while true {
      skipSpace()
      guard let byte = peek else { return names }
      guard names.count < Self.deepest else {
        trap = trap ?? .tooDeep(line: line)
        return names
      }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        names.append(text())
      } else {
        let start = position
        while let byte = peek, Self.isBare(byte) { advance() }
        guard position > start else { return names }
        names.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      skipSpace()
      guard peek == UInt8(ascii: ".") else { return names }
      advance()
    }
  }

  /// A text in quotes of any kind, without the quotes; escapes stay as they are.
  private mutating func text() -> String {
    guard let quote = peek else { return "" }
    let isLong = bytes[position...].starts(with: [quote, quote, quote])
    let length = isLong ? 3 : 1
    advance(length)
    let start = position
    while position < bytes.count {
      if quote == UInt8(ascii: "\""), peek == UInt8(ascii: "\\") {
        advance(2)
      } else if bytes[position...].starts(with: repeatElement(quote, count: length)) {
        break
      } else {
        advance()
      }
    }
    let words = String(decoding: bytes[start..<position], as: UTF8.self)
    advance(length)
    // A long text may end with up to two quotes of its own.
    while isLong, peek == quote { advance() }
    return words
  }

  // MARK: - Bytes

  private static let ends = Set(",]}#\n\r".utf8)
  /// What a number may have besides letters, digits and lines.
  private static let signs = Set("+.:".utf8)

  private static func isBare(_ byte: UInt8) -> Bool {
    byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x30 && byte <= 0x39 || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "-")
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  private mutating func note(_ place: [Step], _ line: Int) { if lines[place] == nil { lines[place] = line } }

  private mutating func skipSpace() { while peek == 0x20 || peek == 0x09 { advance() } }

  /// Spaces, ends of lines, and comments.
  private mutating func skipBlank() {
    while let byte = peek {
      if byte == UInt8(ascii: "#") {
        skipLine()
      } else if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
        advance()
      } else {
        return
      }
    }
  }

  private mutating func skipLine() { while let byte = peek, byte != UInt8(ascii: "\n") { advance() } }
}
