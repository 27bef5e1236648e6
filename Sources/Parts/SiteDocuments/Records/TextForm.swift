import MirrorTypes

/// The forms of texts that can be checked, so that a text that has one names nobody as far as a form can tell.
///
/// Each is narrow on purpose: a text that a form does not admit is treated as free, and costs the site a pseudonym or a
/// field in a report; one that it admits wrongly cannot be taken back.
package enum TextForm: Hashable, Sendable {
  /// A licence's serial number: `2E94-230117-143521-9-21403`, `1234-567890-ABCDEF01`.
  case serial
  /// The vendor's part number: `KL4863RAKFS`.
  case partNumber
  /// Numbers with points between: `12.1.0.506`.
  case version
  /// A version, or a day with or without a time.
  case versionOrDate
  /// Words of the vendor's products and of the state of licences, numbers, marks: ``KnownWords``.
  case knownWords
  /// A language of two letters, with a country or script or without: `en`, `pt-BR`.
  case language
  /// A UUID.
  case identifier
  /// This program with a version.
  case program
  /// What names of sites look like. The site's own name is on the parcel's folder anyhow.
  case siteName
  /// Where a document's data comes from: ``LicenceSource``.
  case source
  /// How the vendor calls key files: `1A2B3C4D.key`.
  case keyFileName
  /// The vendor's short name of an application: `KES`, `1103`.
  case shortName
  /// A component of the vendor's indexes: `KDB64L`.
  case component
  /// What measures and says little: a number, a version, a point in time, a digest, a UUID, a language, known words.
  case measure
  /// One of a few texts of this program's own.
  case oneOf([String])

  /// The most digits of a number in a body of statistics.
  static let longestNumber = 24

  /// Whether a text has the form.
  package func admits(_ text: String) -> Bool {
    switch self {
    case .serial: Self.isSerial(text)
    case .partNumber: Self.isPartNumber(text)
    case .version: Self.isVersion(text[...])
    case .versionOrDate: Self.isVersion(text[...]) || ForeignTime.read(text) != nil
    case .knownWords: KnownWords.areAll(in: text)
    case .language: Self.isLanguage(text)
    case .identifier: Self.isIdentifier(text)
    case .program: Self.isProgram(text)
    case .siteName: FieldName.isSound(text) && !text.hasPrefix(".") && !text.hasPrefix("-") && !text.hasPrefix("_")
    case .source: LicenceSource(rawValue: text) != nil
    case .keyFileName: Self.isKeyFileName(text)
    case .shortName: Self.isCapitals(text, atMost: 16)
    case .component: text == "Updater" || Self.isCapitals(text.replacing("_Updater", with: ""), atMost: 32)
    case .measure: Self.isMeasure(text)
    case .oneOf(let texts): texts.contains(text)
    }
  }

  /// The form in plain words.
  var word: String {
    switch self {
    case .serial: "a serial number"
    case .partNumber: "a part number"
    case .version: "a version"
    case .versionOrDate: "a version or date"
    case .knownWords: "known words"
    case .language: "a language"
    case .identifier: "a UUID"
    case .program: "kscmirror and a version"
    case .siteName: "a site's name"
    case .source: "a kind of source"
    case .keyFileName: "eight digits and .key"
    case .shortName: "a short name"
    case .component: "a component"
    case .measure: "a measure"
    case .oneOf: "a word of kscmirror's own"
    }
  }
}

// MARK: - The forms

extension TextForm {
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

  /// Hexadecimal digits with letters of one case.
  private static func isHexadecimal(_ text: Substring) -> Bool {
    let isUpper = text.utf8.allSatisfy { isDigit($0) || (0x41...0x46).contains($0) }
    return !text.isEmpty && (isUpper || text.utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) })
  }

  /// Whether hexadecimal digits spell letters: a name that somebody has written so.
  private static func spells(_ digits: Substring) -> Bool {
    let bytes = Array(digits.utf8)
    guard bytes.count >= 6, bytes.count.isMultiple(of: 2) else { return false }
    return stride(from: 0, to: bytes.count, by: 2).allSatisfy { index in
      let value = UInt8(String(decoding: bytes[index...index + 1], as: UTF8.self), radix: 16)
      return value.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x20 } ?? false
    }
  }

  private static func areDigits(_ text: Substring, _ counts: ClosedRange<Int>) -> Bool {
    counts.contains(text.utf8.count) && text.utf8.allSatisfy(isDigit)
  }

  private static func isSerial(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (3...5).contains(groups.count), isHexadecimal(text.replacing("-", with: "")[...]), groups[0].utf8.count == 4,
      areDigits(groups[1], 6...6)
    else { return false }
    return groups.dropFirst(2).allSatisfy { (1...8).contains($0.utf8.count) && !spells($0) }
  }

  /// `KL`, four digits, three letters, the term and the kind of purchase.
  private static func isPartNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 11 && text.hasPrefix("KL") && bytes[2..<6].allSatisfy(isDigit)
      && bytes[6..<9].allSatisfy(isCapital) && Array("FDTVCMPUYRX0123456789".utf8).contains(bytes[9])
      && Array("SREPQWJHD".utf8).contains(bytes[10])
  }

  private static func isVersion(_ text: Substring) -> Bool {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...5).contains(numbers.count) && numbers.allSatisfy { areDigits($0, 1...6) }
  }

  private static func isLanguage(_ text: String) -> Bool {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }
    guard let first = parts.first, first.utf8.count == 2, first.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
      return false
    }
    guard parts.count == 2 else { return parts.count == 1 }
    return ["Hans", "Hant", "Latn", "Cyrl"].contains(parts[1])
      || (parts[1].utf8.count == 2 && parts[1].utf8.allSatisfy { isCapital($0) || (0x61...0x7A).contains($0) })
  }

  private static func isIdentifier(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { isHexadecimal($0) && !spells($0) }
  }

  private static func isProgram(_ text: String) -> Bool {
    guard text.hasPrefix("kscmirror") else { return false }
    let rest = text.dropFirst("kscmirror".count)
    guard !rest.isEmpty else { return true }
    let parts = rest.dropFirst().split(separator: "-", maxSplits: 1)
    guard rest.hasPrefix(" "), let version = parts.first, isVersion(version) else { return false }
    guard parts.count == 2 else { return true }
    let stage = parts[1].split(separator: ".", maxSplits: 1)
    return ["alpha", "beta", "rc", "dev"].contains(stage[0]) && (stage.count == 1 || isVersion(stage[1]))
  }

  private static func isKeyFileName(_ text: String) -> Bool {
    let name = text.prefix(8)
    return text.utf8.count == 12 && text.lowercased().hasSuffix(".key") && isHexadecimal(name) && !spells(name)
  }

  /// Capitals and digits, with marks between, that spell nothing in hexadecimal digits.
  private static func isCapitals(_ text: String, atMost limit: Int) -> Bool {
    (1...limit).contains(text.utf8.count) && !(isHexadecimal(text[...]) && spells(text[...]))
      && text.utf8.allSatisfy { isCapital($0) || isDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }

  private static func isMeasure(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let isNumber = areDigits(Substring(digits.replacing(".", with: "", maxReplacements: 1)), 1...longestNumber)
    let isDigest = [32, 40, 64].contains(text.utf8.count) && isHexadecimal(text[...]) && !spells(text[...])
    return text.isEmpty || isNumber || isDigest || isVersion(text[...]) || isIdentifier(text) || isLanguage(text)
      || ForeignTime.read(text) != nil || KnownWords.areAll(in: text)
  }
}
