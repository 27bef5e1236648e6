/// What a parcel carries, as a word, or a word and a name: `licence`, `exchange:kpsn`.
///
/// No enumeration: a parcel may carry what only a newer program knows, and the rest of it can be read all the same.
package struct ParcelKind: RawRepresentable, Sendable, Hashable {
  /// The word, and the name behind a colon.
  package let rawValue: String

  /// Takes a word of 1 to 32 characters of `a` to `z` and `-`; behind a colon, if any, a name of 1 to 64 letters, digits,
  /// `-`, `_` and `.`, which begins with a letter or digit. `nil` for anything else.
  package init?(rawValue: String) {
    let parts = rawValue.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let word = parts.first, (1...32).contains(word.utf8.count),
      word.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }),
      parts.dropFirst().allSatisfy({ Self.isName($0) })
    else { return nil }
    self.rawValue = rawValue
  }

  private init(_ word: StaticString) { rawValue = "\(word)" }

  /// Data of licences.
  package static let licence = ParcelKind("licence")
  /// Data for the Kaspersky Security Network.
  package static let ksn = ParcelKind("ksn")
  /// Keys that are to be known on the connected side.
  package static let keys = ParcelKind("keys")

  /// Files of the exchange folder `name`; `nil` for what is not a name.
  package static func exchange(_ name: String) -> ParcelKind? { ParcelKind(rawValue: "exchange:\(name)") }

  /// The folder in the parcel below which its files lie: `licence`, `exchange/kpsn`.
  package var folder: String { rawValue.replacing(":", with: "/") }

  /// Whether a text is a name as folders and sites have them, which no file system takes for something else.
  static func isName(_ text: some StringProtocol) -> Bool {
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return (1...64).contains(text.utf8.count) && text.utf8.first.map(isLetterOrDigit) ?? false
      && text.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }
}

extension ParcelKind: CustomStringConvertible {
  /// The same as ``rawValue``.
  package var description: String { rawValue }
}

extension ParcelKind: Encodable {
  /// Writes ``rawValue``.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
