import MirrorTypes

/// A header of a tar archive: 512 bytes before each file.
struct TarHeader {
  /// What follows it.
  enum Kind {
    case file
    /// A pax header for the next file alone.
    case extended
    case other
  }

  /// The file's name, as bytes.
  let name: [UInt8]
  /// The bytes that follow; `nil` where the digits are none, or tell more than a file has.
  let size: Int64?
  let kind: Kind

  /// Reads a header; `nil` where the sum over it is wrong, or the form is not known.
  init?(_ block: UnsafeRawBufferPointer) {
    guard block.count == 512, Self.number(block[148..<156]) == Self.sum(of: block) else { return nil }
    let magic = block[257..<265]
    let isPOSIX = magic.elementsEqual("ustar\u{0}00".utf8)
    guard isPOSIX || magic.elementsEqual("ustar  \u{0}".utf8) else { return nil }
    let (first, last) = (Self.text(block[345..<500]), Self.text(block[0..<100]))
    // GNU tar has other things in the place of the first half.
    name = isPOSIX && !first.isEmpty ? first + [UInt8(ascii: "/")] + last : last
    size = Self.number(block[124..<136]).flatMap(ByteCount.ofFile)
    switch block[156] {
    case UInt8(ascii: "0"), 0: kind = .file
    case UInt8(ascii: "x"): kind = .extended
    default: kind = .other
    }
  }

  /// The sum of all bytes, with the field of the sum itself as spaces.
  private static func sum(of block: UnsafeRawBufferPointer) -> Int64 {
    var sum: Int64 = 0
    for (place, byte) in block.enumerated() { sum += (148..<156).contains(place) ? 0x20 : Int64(byte) }
    return sum
  }

  private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// Octal digits, with spaces before them and a space or a zero byte behind; `nil` for anything else.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
    // Twelve digits have 36 bits.
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    var number: Int64 = 0
    for digit in digits { number = number << 3 | Int64(digit & 7) }
    return number
  }
}

/// What a pax header says of the file behind it.
struct TarExtension {
  /// Its name, as bytes.
  var path: [UInt8]?
  /// Its bytes.
  var size: Int64?
  /// Whether it is a link, has holes, or has a size that no file has.
  var isStrange = false

  /// Nothing.
  init() {}

  /// Reads the records of a header, each `LENGTH KEY=VALUE` and a line feed; `nil` for what is none.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != 0x20 }
      guard (1...6).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      guard let length = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      guard length > digits.count + 1, length <= rest.count else { return nil }
      let record = rest.prefix(length)
      rest = rest.dropFirst(length)
      guard record.last == 0x0A else { return nil }
      let pair = record.dropFirst(digits.count + 1).dropLast()
      guard let sign = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      take(String(decoding: pair[..<sign], as: UTF8.self), pair[(sign + 1)...])
    }
  }

  private mutating func take(_ key: String, _ value: ArraySlice<UInt8>) {
    switch key {
    // A name ends at no byte but its last.
    case "path": if value.contains(0) { isStrange = true } else { path = Array(value) }
    case "size":
      size = Int64(String(decoding: value, as: UTF8.self)).flatMap(ByteCount.ofFile)
      if size == nil { isStrange = true }
    // Names are bytes here, whatever they are said to be written in.
    case "hdrcharset": break
    case "linkpath": isStrange = true
    default: if key.utf8.starts(with: "GNU.sparse".utf8) { isStrange = true }
    }
  }
}
