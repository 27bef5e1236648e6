/// Bytes of addresses as a percent sign and two digits (RFC 3986, section 2.1).
package enum PercentEncoding {
  /// A text in which each byte that is no letter, digit or one of `-._~` is encoded.
  ///
  /// - Parameter slash: whether slashes are encoded too, for a text that is one part of an address or a file's name.
  package static func encoded(_ text: some StringProtocol, slash: Bool = false) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      case UInt8(ascii: "/") where !slash: result.append(byte)
      default: result += "%\(Hexadecimal.digits([byte]).uppercased())".utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes that a text stands for; `nil` where a percent sign has no two hexadecimal digits behind it.
  package static func decoded(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(Hexadecimal.value), let low = rest.next().flatMap(Hexadecimal.value) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
