/// Text files as editors of all systems write them.
package enum PlainText {
  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let littleMark: [UInt8] = [0xFF, 0xFE]
  private static let bigMark: [UInt8] = [0xFE, 0xFF]

  /// The bytes of a text in UTF-8, without the byte order mark that it may begin with; a text in UTF-16 with a mark, as
  /// Windows calls it "Unicode", is put into UTF-8. Anything else stays as it is.
  package static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.starts(with: utf8Mark) { return Array(bytes.dropFirst(utf8Mark.count)) }
    let isLittle = bytes.starts(with: littleMark)
    guard isLittle || bytes.starts(with: bigMark), bytes.count % 2 == 0 else { return bytes }
    let units = stride(from: 2, to: bytes.count, by: 2).map { place in
      let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
      return isLittle ? first | second << 8 : first << 8 | second
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  /// The first line of a file that holds a password, token or pass phrase: without a byte order mark, a line end of any
  /// system, and blanks before that, which nobody sees.
  package static func secret(_ bytes: [UInt8]) -> [UInt8] {
    var line = utf8(bytes).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    while let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { line.removeLast() }
    return Array(line)
  }
}
