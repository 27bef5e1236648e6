/// Reads DER (X.690) strictly: definite lengths in their shortest form, nothing behind the end.
struct DERReader {
  /// All bytes; positions count from their beginning.
  let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// One value.
  struct Value {
    /// Its tag's byte.
    let tag: UInt8
    /// Where it stands, tag and length included.
    let whole: Range<Int>
    /// Where its content stands.
    let content: Range<Int>
  }

  /// Tags that occur.
  enum Tag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let object: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0C
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let context0: UInt8 = 0xA0
    static let context1: UInt8 = 0xA1
    static let context3: UInt8 = 0xA3
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Whether all is read.
  var isAtEnd: Bool { position == end }

  /// The tag of the next value; `nil` at the end.
  var nextTag: UInt8? { position < end ? bytes[position] : nil }

  /// A reader of a value's content.
  func inside(_ value: Value) -> DERReader { DERReader(bytes, value.content) }

  /// The bytes of a value's content.
  func content(of value: Value) -> ArraySlice<UInt8> { bytes[value.content] }

  /// Reads the next value, of whatever tag.
  mutating func next(_ what: @autoclosure () -> String) throws(VendorSignatureError) -> Value {
    let start = position
    guard end - start >= 2, bytes[start] & 0x1F != 0x1F else { throw .malformed(what()) }
    var length = Int(bytes[start + 1])
    var header = 2
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...3).contains(count), end - start >= 2 + count, bytes[start + 2] != 0 else { throw .malformed(what()) }
      length = bytes[(start + 2)..<(start + 2 + count)].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 0x80 else { throw .malformed(what()) }
      header += count
    }
    guard length <= end - start - header else { throw .malformed(what()) }
    position = start + header + length
    return Value(tag: bytes[start], whole: start..<position, content: (start + header)..<position)
  }

  /// Reads the next value, which must have a tag.
  mutating func next(_ tag: UInt8, _ what: @autoclosure () -> String) throws(VendorSignatureError) -> Value {
    let value = try next(what())
    guard value.tag == tag else { throw .malformed(what()) }
    return value
  }

  /// Reads the next value, which must have a tag, and goes into it.
  mutating func enter(_ tag: UInt8, _ what: @autoclosure () -> String) throws(VendorSignatureError) -> DERReader {
    inside(try next(tag, what()))
  }

  /// Reads a value that has to be just these bytes.
  mutating func expect(_ expected: [UInt8], _ what: @autoclosure () -> String) throws(VendorSignatureError) {
    let value = try next(what())
    guard bytes[value.whole].elementsEqual(expected) else { throw .malformed(what()) }
  }

  /// Nothing may be left.
  func finish(_ what: @autoclosure () -> String) throws(VendorSignatureError) {
    guard isAtEnd else { throw .malformed("there is more in \(what())") }
  }
}

/// Pieces of DER that stand in every signature, tag and length included.
enum DERConstant {
  /// Object identifiers.
  static let signedContent: [UInt8] = [
    0x06, 0x0C, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x01,
  ]
  static let indexDigest: [UInt8] = [
    0x06, 0x0C, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xB8, 0x74, 0x8E, 0x08, 0x03, 0x03,
  ]
  static let pkcs7SignedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
  static let timestampInfo: [UInt8] = [
    0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04,
  ]
  static let timestampToken: [UInt8] = [
    0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x03, 0x03, 0x01,
  ]
  /// AlgorithmIdentifiers: Streebog-256, and GOST R 34.10-2012 with it.
  static let streebog: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02]
  static let gost: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x03, 0x02]
  /// A public key's algorithm: 256 bits, id-tc26-gost-3410-2012-256-paramSetA, Streebog-256.
  static let publicKey: [UInt8] = [
    0x30, 0x21, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01, 0x30, 0x15, 0x06, 0x09, 0x2A, 0x85, 0x03,
    0x07, 0x01, 0x02, 0x01, 0x01, 0x01, 0x06, 0x08, 0x2A, 0x85, 0x03, 0x07, 0x01, 0x01, 0x02, 0x02,
  ]
  /// Small integers.
  static func integer(_ value: UInt8) -> [UInt8] { [0x02, 0x01, value] }
  /// What stands before the 32 bytes of a digest in a DigestInfo with Streebog-256.
  static let digestInfo: [UInt8] = [0x30, 0x2E] + streebog + [0x04, 0x20]
}
