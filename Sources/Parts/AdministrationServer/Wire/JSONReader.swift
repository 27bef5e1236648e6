/// Reads JSON (RFC 8259) from memory that its caller holds, strictly: UTF-8 throughout, each name of an object once,
/// nothing behind the end, and no more than the limits allow.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: WireLimits
  private var position = 0
  private var valuesLeft: Int

  /// Reads a document.
  ///
  /// - Throws: ``ParamsError`` with the number of the byte.
  static func read(_ bytes: [UInt8], _ limits: WireLimits) throws(ParamsError) -> JSONTree {
    guard bytes.count <= limits.bytes else { throw ParamsError("it has more than \(limits.bytes) bytes") }
    let result: Result<JSONTree, ParamsError> = bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer, limits)
      do throws(ParamsError) { return .success(try reader.document()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: WireLimits) {
    self.bytes = bytes
    self.limits = limits
    valuesLeft = limits.values
  }

  private mutating func document() throws(ParamsError) -> JSONTree {
    let value = try value(depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw failure("there is something after the end") }
    return value
  }

  private func failure(_ problem: String) -> ParamsError { ParamsError(problem, at: "byte \(position)") }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(ParamsError) {
    guard next == byte else { throw failure(position == bytes.count ? "it is cut short" : "\(what) is missing") }
    position += 1
  }

  private mutating func value(depth: Int) throws(ParamsError) -> JSONTree {
    skipBlanks()
    valuesLeft -= 1
    guard valuesLeft >= 0 else { throw failure("it has more than \(limits.values) values") }
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

  private mutating func word(_ text: StaticString, _ value: JSONTree) throws(ParamsError) -> JSONTree {
    let letters = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    let end = position + letters.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(letters) else { throw failure("a value is misspelt") }
    position = end
    return value
  }

  // MARK: - Numbers

  private mutating func number() throws(ParamsError) -> JSONTree {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    guard try digits() == 1 || bytes[firstDigit] != 0x30 else { throw failure("a number begins with 0") }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      _ = try digits()
    }
    if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      _ = try digits()
    }
    guard position - start <= 400 else { throw failure("a number has too many digits") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard isWhole else { return .fraction(text) }
    guard let integer = Int64(text) else { throw failure("a number is too large") }
    return .integer(integer)
  }

  private mutating func digits() throws(ParamsError) -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw failure("a number is malformed") }
    return position - start
  }

  // MARK: - Lists and objects

  private mutating func array(depth: Int) throws(ParamsError) -> [JSONTree] {
    guard depth <= limits.depth else { throw failure("it is nested too deeply") }
    position += 1
    var values: [JSONTree] = []
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

  private mutating func object(depth: Int) throws(ParamsError) -> [String: JSONTree] {
    guard depth <= limits.depth else { throw failure("it is nested too deeply") }
    position += 1
    var members: [String: JSONTree] = [:]
    skipBlanks()
    if next == UInt8(ascii: "}") {
      position += 1
      return members
    }
    while true {
      skipBlanks()
      let name = try string()
      skipBlanks()
      try expect(UInt8(ascii: ":"), "a colon")
      let value = try value(depth: depth)
      guard members.updateValue(value, forKey: name) == nil else {
        throw failure("the name \(name.shownSafely(limit: 40).debugDescription) is there twice")
      }
      skipBlanks()
      if next == UInt8(ascii: "}") { break }
      try expect(UInt8(ascii: ","), "a comma or the end of an object")
    }
    position += 1
    return members
  }

  // MARK: - Texts

  private mutating func string() throws(ParamsError) -> String {
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

  private func text(_ bytes: some Collection<UInt8>) throws(ParamsError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("a text is not UTF-8") }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(ParamsError) {
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

  private mutating func scalar() throws(ParamsError) -> Unicode.Scalar {
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

  private mutating func unit() throws(ParamsError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape is malformed")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
