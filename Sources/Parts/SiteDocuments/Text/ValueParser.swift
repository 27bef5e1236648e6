extension ExchangeValue {
  /// Reads JSON (RFC 8259), strictly and within bounds: UTF-8 throughout, each name of an object once, nothing behind
  /// the end.
  ///
  /// - Throws: ``ValueError``.
  package init(parsing bytes: ArraySlice<UInt8>, within bounds: ValueBounds) throws(ValueError) {
    guard bytes.count <= bounds.bytes else {
      throw ValueError(problem: "it has more than \(bounds.bytes) bytes", offset: bounds.bytes)
    }
    var parser = ValueParser(bytes, bounds)
    self = try parser.document()
  }

  /// Reads JSON from all of an array.
  ///
  /// - Throws: ``ValueError``.
  package init(parsing bytes: [UInt8], within bounds: ValueBounds) throws(ValueError) {
    try self.init(parsing: bytes[...], within: bounds)
  }
}

/// Reads JSON from bytes; the position counts from their beginning.
private struct ValueParser {
  private let bytes: ArraySlice<UInt8>
  private let bounds: ValueBounds
  private var position: Int
  private var count = 0

  init(_ bytes: ArraySlice<UInt8>, _ bounds: ValueBounds) {
    self.bytes = bytes
    self.bounds = bounds
    position = bytes.startIndex
  }

  mutating func document() throws(ValueError) -> ExchangeValue {
    let value = try value(depth: 0)
    skipBlanks()
    guard next == nil else { throw failure("there is something after the end") }
    return value
  }

  private func failure(_ problem: String) -> ValueError {
    ValueError(problem: problem, offset: position - bytes.startIndex)
  }

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(ValueError) {
    guard next == byte else { throw failure("\(what) is missing") }
    position += 1
  }

  private mutating func value(depth: Int) throws(ValueError) -> ExchangeValue {
    count += 1
    guard count <= bounds.values else { throw failure("it has more than \(bounds.values) values") }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .list(try list(depth: depth + 1))
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(0x30...0x39), UInt8(ascii: "-"): return .number(try number())
    default: throw failure("a value is missing")
    }
  }

  private mutating func word(_ text: StaticString, _ value: ExchangeValue) throws(ValueError) -> ExchangeValue {
    let end = position + text.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard end <= bytes.endIndex, bytes[position..<end].elementsEqual(expected) else {
      throw failure("a value is misspelt")
    }
    position = end
    return value
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func number() throws(ValueError) -> ExchangeNumber {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = position
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[first] != 0x30 else { throw failure("a number is malformed") }
    if next == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw failure("a number is malformed") }
    }
    if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw failure("a number is malformed") }
    }
    guard position - start <= 64 else { throw failure("a number has too many digits") }
    return ExchangeNumber(checked: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func list(depth: Int) throws(ValueError) -> [ExchangeValue] {
    guard depth <= bounds.depth else { throw failure("it is nested too deeply") }
    position += 1
    var values: [ExchangeValue] = []
    skipBlanks()
    if next == UInt8(ascii: "]") {
      position += 1
      return values
    }
    while true {
      values.append(try value(depth: depth))
      skipBlanks()
      if next == UInt8(ascii: "]") { break }
      try expect(UInt8(ascii: ","), "a comma or the end of a list")
    }
    position += 1
    return values
  }

  private mutating func object(depth: Int) throws(ValueError) -> [ExchangeValue.Member] {
    guard depth <= bounds.depth else { throw failure("it is nested too deeply") }
    position += 1
    var members: [ExchangeValue.Member] = []
    var names: Set<String> = []
    skipBlanks()
    if next == UInt8(ascii: "}") {
      position += 1
      return members
    }
    while true {
      skipBlanks()
      let name = try text()
      guard names.insert(name).inserted else { throw failure("an object has a name twice") }
      skipBlanks()
      try expect(UInt8(ascii: ":"), "a colon")
      members.append(ExchangeValue.Member(name, try value(depth: depth)))
      skipBlanks()
      if next == UInt8(ascii: "}") { break }
      try expect(UInt8(ascii: ","), "a comma or the end of an object")
    }
    position += 1
    return members
  }

  private mutating func text() throws(ValueError) -> String {
    try expect(UInt8(ascii: "\""), "a text")
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    // Most texts have no escapes: they are taken as they are.
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try checked(bytes[start..<position])
    }
    var unescaped = Array(bytes[start..<position])
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure("a text has a control character") }
      position += 1
      if byte == UInt8(ascii: "\\") { try escape(into: &unescaped) } else { unescaped.append(byte) }
    }
    try expect(UInt8(ascii: "\""), "the end of a text")
    return try checked(unescaped[...])
  }

  private func checked(_ text: ArraySlice<UInt8>) throws(ValueError) -> String {
    guard text.count <= bounds.text else { throw failure("a text has more than \(bounds.text) bytes") }
    guard let text = String(validating: text, as: UTF8.self) else { throw failure("a text is not UTF-8") }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(ValueError) {
    guard let kind = next else { throw failure("a text is cut short") }
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
    default: throw failure("an escape is unknown")
    }
  }

  private mutating func scalar() throws(ValueError) -> Unicode.Scalar {
    let first = try hex4()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), next == UInt8(ascii: "\\") else { throw failure("half a surrogate pair") }
    position += 1
    try expect(UInt8(ascii: "u"), "the second half of a surrogate pair")
    let second = try hex4()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("half a surrogate pair") }
    return scalar
  }

  private mutating func hex4() throws(ValueError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure("an escape is malformed")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
