/// What a JSON text may have: each format says what it needs, and nothing beyond is read.
package struct JSONLimits: Hashable, Sendable {
  /// Which numbers are read.
  package enum Numbers: Hashable, Sendable {
    /// Whole numbers of 64 bits.
    case whole
    /// Besides, numbers with a fraction or an exponent, by their digits. A whole number that does not fit is refused.
    case decimal
    /// Besides, whole numbers that do not fit 64 bits, by their digits.
    case any
  }

  /// What makes two names of an object the same name, which is refused.
  package enum Names: Hashable, Sendable {
    /// The same characters, in whatever code points: for formats whose names become keys of a dictionary.
    case byCharacters
    /// The same bytes: for formats whose names are names of files.
    case byBytes
  }

  /// The most bytes of the whole text.
  package var bytes: Int
  /// How deep lists and objects may lie in one another.
  package var depth: Int
  /// The most values, those inside others counted.
  package var values: Int
  /// The most bytes of one text or name.
  package var text: Int
  /// The most characters of one number.
  package var digits: Int
  package var numbers: Numbers
  package var names: Names

  package init(
    bytes: Int = .max,
    depth: Int = 32,
    values: Int = .max,
    text: Int = .max,
    digits: Int = 64,
    numbers: Numbers = .whole,
    names: Names = .byCharacters
  ) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
    self.text = text
    self.digits = digits
    self.numbers = numbers
    self.names = names
  }

  /// What is signed, and what this program writes for itself: whole numbers, 32 levels, names by their bytes, because
  /// names of files are among them. The caller bounds the bytes before it reads them.
  package static let signed = JSONLimits(names: .byBytes)
}

/// Why bytes are no JSON, or none that is read here.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let problem: String
  /// Where, in bytes from the beginning.
  package let offset: Int

  /// The failure in words.
  package var description: String { "\(problem), at byte \(offset)" }
}
