import MirrorTypes

/// Reads DER (X.690): definite lengths in their shortest form. It goes only where it is sent, so that nothing in the
/// input makes it go deep.
struct DERReader {
  /// Tags that occur.
  enum Tag: UInt8 {
    case integer = 0x02
    case object = 0x06
    case utf8String = 0x0C
    case printableString = 0x13
    case t61String = 0x14
    case ia5String = 0x16
    case utcTime = 0x17
    case generalizedTime = 0x18
    case bmpString = 0x1E
    case sequence = 0x30
    case set = 0x31
    case context0 = 0xA0
    case context1 = 0xA1
  }

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }
  private init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Whether all is read.
  var isAtEnd: Bool { bytes.isEmpty }

  /// The tag of the next value; `nil` at the end, or for one that does not occur.
  var nextTag: Tag? { bytes.first.flatMap(Tag.init) }

  /// Reads the next value of whatever tag; `nil` if it is malformed.
  private mutating func value() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
    guard bytes.count >= 2, let tag = bytes.first, tag & 0x1F != 0x1F else { return nil }
    var length = Int(bytes[bytes.startIndex + 1])
    var header = 2
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...4).contains(count), bytes.count >= 2 + count else { return nil }
      let digits = bytes.dropFirst(2).prefix(count)
      guard digits.first != 0 else { return nil }
      length = digits.reduce(0) { $0 << 8 | Int($1) }
      guard length >= 0x80 else { return nil }
      header += count
    }
    guard length <= bytes.count - header else { return nil }
    let content = bytes.dropFirst(header).prefix(length)
    bytes = bytes.dropFirst(header + length)
    return (tag, content)
  }

  /// Reads past the next value; false if it is malformed.
  mutating func skip() -> Bool { value() != nil }

  /// The content of the next value, if it has a tag.
  mutating func next(_ tag: Tag) -> ArraySlice<UInt8>? {
    guard nextTag == tag else { return nil }
    return value()?.content
  }

  /// A reader of the next value's content, if it has a tag.
  mutating func enter(_ tag: Tag) -> DERReader? { next(tag).map { DERReader($0) } }

  /// The next value, if it is a text.
  mutating func nextText() -> String? {
    guard let tag = nextTag, let content = value()?.content else { return nil }
    switch tag {
    case .utf8String: return String(validating: content, as: UTF8.self)
    case .printableString, .ia5String:
      return content.allSatisfy { $0 < 0x80 } ? String(validating: content, as: UTF8.self) : nil
    case .t61String: return String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
    case .bmpString:
      guard content.count % 2 == 0 else { return nil }
      let units = stride(from: content.startIndex, to: content.endIndex, by: 2).map {
        UInt16(content[$0]) << 8 | UInt16(content[$0 + 1])
      }
      return String(validating: units, as: UTF16.self)
    default: return nil
    }
  }

  /// The next value, if it is a time in UTC.
  mutating func nextTime() -> UTCTime? {
    guard let tag = nextTag, let content = value()?.content, content.last == UInt8(ascii: "Z") else { return nil }
    let digits = Array(content.dropLast())
    let width = tag == .generalizedTime ? 4 : 2
    guard tag == .utcTime || tag == .generalizedTime, digits.count == width + 10 else { return nil }
    func number(_ start: Int, _ count: Int) -> Int? { UTCTime.number(digits[start..<(start + count)]) }
    guard let year = number(0, width), let month = number(width, 2), let day = number(width + 2, 2),
      let hour = number(width + 4, 2), let minute = number(width + 6, 2), let second = number(width + 8, 2)
    else { return nil }
    // Two digits stand for 1950 to 2049.
    let full = width == 4 ? year : year < 50 ? 2000 + year : 1900 + year
    return UTCTime(year: full, month: month, day: day, hour: hour, minute: minute, second: second)
  }
}
