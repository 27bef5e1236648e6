import MirrorTypes

/// The configuration of the vendor's Update Utility, `updater.ini`: sections of keys and values, as Qt writes them.
struct UpdateUtilityFile {
  /// A key with its value.
  struct Setting: Hashable {
    let section: String
    let key: String
    let value: String
  }

  /// The settings in the order of the file; of one that stands there twice, the last.
  private(set) var settings: [Setting] = []

  /// The most bytes that are read.
  static let maximumSize = 1 << 20

  init(_ bytes: [UInt8]) {
    var section = ""
    for line in Self.text(bytes).split(whereSeparator: \.isNewline) {
      let line = Self.trimmed(line)
      guard let first = line.first, first != ";", first != "#" else { continue }
      if first == "[", line.last == "]" {
        section = String(line.dropFirst().dropLast())
        continue
      }
      guard let sign = line.firstIndex(of: "=") else { continue }
      let key = String(Self.trimmed(line[..<sign]))
      let value = Self.value(Self.trimmed(line[line.index(after: sign)...]))
      settings.append(Setting(section: section, key: key, value: value))
    }
    var seen = Set<[String]>()
    settings = settings.reversed().filter { seen.insert([$0.section, $0.key]).inserted }.reversed()
  }

  /// The value of a key; `nil` if it is not there, or empty.
  subscript(section: String, key: String) -> String? {
    settings.first { $0.section == section && $0.key == key }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  /// Whether a key is switched on.
  func isOn(_ section: String, _ key: String) -> Bool { self[section, key]?.lowercased() == "true" }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// What a value stands for: without its quotes, and without Qt's escapes, of which those are undone that a Windows path
  /// cannot be taken for.
  private static func value(_ text: Substring) -> String {
    var rest = text
    if rest.count > 1, rest.first == "\"", rest.last == "\"" { rest = rest.dropFirst().dropLast() }
    var result = ""
    while let character = rest.popFirst() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      if rest.first == "\\" || rest.first == "\"" {
        result.append(rest.removeFirst())
      } else if rest.first == "x" {
        let digits = rest.dropFirst().prefix(4).prefix(while: \.isHexDigit)
        guard let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) else {
          result.append(character)
          continue
        }
        result.unicodeScalars.append(scalar)
        rest = rest.dropFirst(1 + digits.count)
      } else {
        result.append(character)
      }
    }
    return result
  }

  // MARK: - Encodings

  /// The text of a file: by its byte order mark, else UTF-8 if it is that, else the code page 1251 of Windows in Russian.
  static func text(_ bytes: [UInt8]) -> String {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return String(decoding: bytes.dropFirst(3), as: UTF8.self) }
    if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2)) { UInt16($0) | UInt16($1) << 8 } }
    if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2)) { UInt16($0) << 8 | UInt16($1) } }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map(windows1251)))
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, _ unit: (UInt8, UInt8) -> UInt16) -> String {
    let bytes = Array(bytes)
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
    return String(decoding: units, as: UTF16.self)
  }

  private static func windows1251(_ byte: UInt8) -> Unicode.Scalar {
    switch byte {
    case 0..<0x80: Unicode.Scalar(byte)
    // А to я stand in the order of Unicode.
    case 0xC0...0xFF: Unicode.Scalar(0x0410 + UInt32(byte) - 0xC0) ?? "\u{FFFD}"
    default: upper1251[Int(byte) - 0x80]
    }
  }

  /// The code page from 80 to BF.
  private static let upper1251 = Array(
    """
    ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{FFFD}™љ›њќћџ\u{A0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{AD}®Ї°±Ііґµ¶·ё№є»јЅѕї
    """.unicodeScalars
  )
}
