import MirrorTypes

extension JSONValue {
  /// Reads JSON (RFC 8259), strictly: UTF-8 throughout, each name of an object once, nothing behind the end, and no more
  /// than the limits allow.
  ///
  /// - Throws: ``JSONError``.
  package init(
    parsing bytes: some Collection<UInt8>,
    within limits: JSONLimits = .signed
  ) throws(JSONError) {
    let parsed: Result<JSONValue, JSONError>? = bytes.withContiguousStorageIfAvailable { Self.parse($0, limits) }
    let result = parsed ?? ContiguousArray(bytes).withUnsafeBufferPointer { Self.parse($0, limits) }
    self = try result.get()
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ limits: JSONLimits
  ) -> Result<JSONValue, JSONError> {
    guard bytes.count <= limits.bytes else {
      return .failure(JSONError(problem: "it has more than \(limits.bytes) bytes", offset: limits.bytes))
    }
    var parser = JSONParser(bytes, limits)
    do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
  }
}

/// Reads JSON from memory that its caller holds.
private struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var position = 0
  private var valuesLeft: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
    valuesLeft = limits.values
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw failure("there is something after the end") }
    return value
  }

  private func failure(_ problem: String) -> JSONError { JSONError(problem: problem, offset: position) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
    guard next == byte else { throw failure(next == nil ? "it is cut short" : "\(what) is missing") }
    position += 1
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipBlanks()
    guard valuesLeft > 0 else { throw failure("it has more than \(limits.values) values") }
    valuesLeft -= 1
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(0x30...0x39), UInt8(ascii: "-"): return try number()
    case nil: throw failure("it is cut short")
    default: throw failure("a value is missing")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let letters = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    let end = position + letters.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(letters) else { throw failure("a value is misspelt") }
    position = end
    return value
  }

  // MARK: - Numbers

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    guard try digits() == 1 || bytes[firstDigit] != 0x30 else { throw failure("a number begins with 0") }
    let isWhole = try !fraction()
    guard position - start <= limits.digits else { throw failure("a number has too many digits") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard isWhole else { return .decimal(JSONDecimal(checked: text)) }
    if let number = Int64(text) { return .integer(number) }
    guard limits.numbers == .any else { throw failure("a number is too large") }
    return .decimal(JSONDecimal(checked: text))
  }

  private mutating func digits() throws(JSONError) -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw failure("a number is malformed") }
    return position - start
  }

  /// Reads a fraction and an exponent.
  ///
  /// - Returns: whether there is one of them.
  private mutating func fraction() throws(JSONError) -> Bool {
    guard let byte = next, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") else { return false }
    guard limits.numbers != .whole else { throw failure("a number is not whole") }
    if byte == UInt8(ascii: ".") {
      position += 1
      _ = try digits()
    }
    if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      _ = try digits()
    }
    return true
  }

  // MARK: - Lists and objects

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth <= limits.depth else { throw failure("it is nested too deeply") }
    position += 1
    var values: [JSONValue] = []
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

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= limits.depth else { throw failure("it is nested too deeply") }
    let start = position
    position += 1
    var members: [JSONObject.Member] = []
    skipBlanks()
    if next == UInt8(ascii: "}") {
      position += 1
      return JSONObject()
    }
    while true {
      skipBlanks()
      let name = try string()
      skipBlanks()
      try expect(UInt8(ascii: ":"), "a colon")
      members.append(JSONObject.Member(name: name, value: try value(depth: depth)))
      skipBlanks()
      if next == UInt8(ascii: "}") { break }
      try expect(UInt8(ascii: ","), "a comma or the end of an object")
    }
    position += 1
    guard let object = JSONObject(unordered: members), limits.names == .byBytes || !object.hasEquivalentNames else {
      throw JSONError(problem: "an object has a name twice", offset: start)
    }
    return object
  }

  // MARK: - Texts

  private mutating func string() throws(JSONError) -> String {
    try expect(UInt8(ascii: "\""), "a text")
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    // Most texts have no escapes: they are taken as they are.
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try text(bytes[start..<position])
    }
    var unescaped = Array(bytes[start..<position])
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure("a text has a control character") }
      position += 1
      if byte == UInt8(ascii: "\\") { try escape(into: &unescaped) } else { unescaped.append(byte) }
    }
    try expect(UInt8(ascii: "\""), "the end of a text")
    return try text(unescaped)
  }

  private func text(_ bytes: some Collection<UInt8>) throws(JSONError) -> String {
    guard bytes.count <= limits.text else { throw failure("a text has more than \(limits.text) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("a text is not UTF-8") }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let kind = next else { throw failure("it is cut short") }
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Character(try scalar()).utf8
    default: throw failure("an escape is unknown")
    }
  }

  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, next == UInt8(ascii: "\\") else { throw failure("half a surrogate pair") }
    position += 1
    try expect(UInt8(ascii: "u"), "the second half of a surrogate pair")
    let second = try unit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("half a surrogate pair") }
    return scalar
  }

  private mutating func unit() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap(Hexadecimal.value) else { throw failure("an escape is malformed") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
