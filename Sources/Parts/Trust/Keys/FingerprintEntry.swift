import MirrorTypes

/// A fingerprint as a person types it: in one piece or in groups, as one argument or as several, in either case.
package struct FingerprintEntry: Hashable, Sendable {
  /// What is wrong with what was typed.
  package enum Problem: Error, Hashable, Sendable {
    /// Something in it is no hexadecimal digit: the text, and the group that it stands in, counted from 1.
    case notADigit(String, group: Int)
    /// Another count of digits than 64.
    case count(Int)
  }

  /// The digits, in small letters.
  private let digits: [Character]

  private static let wanted = 2 * Digest256.byteCount
  private static let groupSize = 4

  /// Reads what was typed.
  ///
  /// - Parameter words: arguments, or lines; blanks, colons and hyphens may stand anywhere.
  /// - Throws: for what is no hexadecimal digit.
  package init(_ words: some Sequence<String>) throws(Problem) {
    var digits: [Character] = []
    for word in words {
      for character in word where !Self.isSeparator(character) {
        guard character.isASCII, character.isHexDigit else {
          throw .notADigit(String(character), group: digits.count / Self.groupSize + 1)
        }
        digits += character.lowercased()
      }
    }
    self.digits = digits
  }

  private static func isSeparator(_ character: Character) -> Bool {
    character.isWhitespace || character == ":" || character == "-"
  }

  /// Whether a word can be a part of a fingerprint: whole groups of digits.
  package static func isPart(_ word: String) -> Bool {
    guard let entry = try? FingerprintEntry([word]) else { return false }
    return !entry.digits.isEmpty && entry.digits.count % groupSize == 0 && entry.digits.count <= wanted
  }

  /// Sorts words of a command line into a path and the digits of a fingerprint.
  ///
  /// - Parameters:
  ///   - words: the path, with the groups of a fingerprint before it, behind it, or not at all.
  ///   - first: what was given as the fingerprint's beginning, by an option.
  /// - Returns: as the path, what cannot be a part of a fingerprint, and has a slash before what has none; else the first
  ///   word.
  package static func split(_ words: [String], after first: String?) -> (path: String, digits: [String]) {
    let others = words.indices.filter { !isPart(words[$0]) }
    let place = others.first { words[$0].contains("/") } ?? others.first ?? words.startIndex
    let beginning = [first].compactMap { $0 }
    guard words.indices.contains(place) else { return ("", beginning) }
    var rest = words
    let path = rest.remove(at: place)
    return (path, beginning + rest)
  }

  /// How many digits are still to come; 0 when it is whole, or too long.
  package var lacking: Int { max(0, Self.wanted - digits.count) }

  /// The fingerprint.
  ///
  /// - Throws: ``Problem/count(_:)`` if digits are missing, or there are too many.
  package func fingerprint() throws(Problem) -> Fingerprint {
    guard digits.count == Self.wanted, let fingerprint = Fingerprint(String(digits)) else { throw .count(digits.count) }
    return fingerprint
  }
}

extension FingerprintEntry.Problem: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .notADigit(let text, let group):
      "group \(group) of the fingerprint has \(ShownText.quoted(text)) in it, which is not one of 0 to 9 and a to f"
    case .count(let count):
      "a fingerprint has 64 hexadecimal digits, in 16 groups of 4; there are \(Words.count(count, "digit"))"
    }
  }
}

extension Fingerprint {
  /// A group in which two fingerprints differ.
  package struct Difference: Hashable, Sendable {
    /// Which group, counted from 1.
    package let number: Int
    /// The group of the one that is there.
    package let found: String
    /// The group of the one that was expected.
    package let wanted: String
  }

  /// The groups in which it differs from the one that was expected, in their order.
  package func differences(from wanted: Fingerprint) -> [Difference] {
    zip(groups, wanted.groups).enumerated().compactMap { index, pair in
      pair.0 == pair.1 ? nil : Difference(number: index + 1, found: pair.0, wanted: pair.1)
    }
  }

  /// How many groups may differ that a slip of the pen or of the ear explains.
  private static let mostSlips = 3

  /// How it differs from the one that was expected: group by group, where a person may have mistyped or misheard.
  package func comparison(with wanted: Fingerprint) -> [String] {
    let differences = differences(from: wanted)
    guard differences.count <= Self.mostSlips else {
      return ["it is another one: \(differences.count) of its \(groups.count) groups differ. It is"] + lines
    }
    return differences.map { "group \($0.number) differs: it is \($0.found), and you gave \($0.wanted)" }
  }
}
