/// The `=!` trailer behind an index (FORMAT.md, section 3): CR LF, `=!`, a header of 16 base64 characters, DER, `%%`.
struct IndexTrailer {
  /// How many bytes stand before it: those that are signed.
  let signedCount: Int
  /// The signature.
  let der: [UInt8]

  private static let mark = Array("\r\n=!".utf8)
  private static let headerCount = 16
  private static let end = Array("%%".utf8)
  /// The most bytes of a signature: the vendor's have 3,100.
  private static let maximumSize = 64 << 10

  /// Finds the trailer: the last mark from which everything up to the end of the file is one signature. Binary bytes of
  /// a signature may look like a mark by chance; only one that leads just to the end counts.
  init(_ bytes: [UInt8]) throws(VendorSignatureError) {
    guard bytes.reversed().starts(with: Self.end) else { throw .missing }
    var failure = VendorSignatureError.missing
    let lowest = max(0, bytes.count - Self.maximumSize)
    var start = bytes.count - Self.end.count - Self.headerCount - Self.mark.count
    while start >= lowest {
      if bytes[start] == Self.mark[0], bytes[start...].starts(with: Self.mark) {
        do throws(VendorSignatureError) {
          self = try IndexTrailer(bytes, at: start)
          return
        } catch {
          // The mark nearest to the XML says best what is wrong.
          failure = error
        }
      }
      start -= 1
    }
    throw failure
  }

  private init(_ bytes: [UInt8], at start: Int) throws(VendorSignatureError) {
    let first = start + Self.mark.count
    let header = bytes[first..<(first + Self.headerCount)]
    guard let fields = Base64.decode(header), fields.count == 12, fields[..<3] == [1, 0, 0], fields[10...] == [0, 0]
    else { throw .trailerMalformed }
    let count = Int(fields[3]) | Int(fields[4]) << 8 | Int(fields[5]) << 16
    let content = first + Self.headerCount
    guard count == bytes.count - Self.end.count - content else { throw .trailerMalformed }
    der = Array(bytes[content..<(content + count)])
    let checksum = fields[6..<10].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard CRC32.checksum(of: der) == checksum else { throw .wrongChecksum }
    signedCount = start
  }
}

/// Base64 (RFC 4648) without line breaks.
enum Base64 {
  /// The bytes; `nil` for what is not base64 in its only form.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    for (index, character) in text.enumerated() {
      guard let value = value(character) else { return nil }
      bits = bits << 6 | value
      if index % 4 == 3 {
        bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
        bits = 0
      }
    }
    return bytes
  }

  private static func value(_ character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5A: UInt32(character) - 0x41
    case 0x61...0x7A: UInt32(character) - 0x61 + 26
    case 0x30...0x39: UInt32(character) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

/// The CRC-32 of zlib and many others.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
  }

  static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ $0 >> 8 }
  }
}
