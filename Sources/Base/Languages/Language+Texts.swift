extension Language {
  /// A text of the catalogue.
  package func text(_ phrase: Phrase) -> String { phrase.texts[self] }

  /// What a field of a document is.
  package func word(_ word: FieldWord) -> String { word.texts[self] }

  /// A text of the catalogue with its place filled.
  package func text(_ phrase: PhraseOfOne, _ first: String) -> String { Self.filled(phrase.texts[self], [first]) }

  /// A text of the catalogue with its two places filled.
  package func text(_ phrase: PhraseOfTwo, _ first: String, _ second: String) -> String {
    Self.filled(phrase.texts[self], [first, second])
  }

  /// A text of the catalogue with its three places filled.
  package func text(_ phrase: PhraseOfThree, _ first: String, _ second: String, _ third: String) -> String {
    Self.filled(phrase.texts[self], [first, second, third])
  }

  /// A number with what is counted, in the form that goes with it: `5 файлов`.
  package func count(_ number: some BinaryInteger, _ what: Counted) -> String {
    what.texts.form(self, for: number).replacing("{n}", with: self.number(number))
  }

  /// Words that go with a number that stands elsewhere.
  package func words(_ words: Agreeing, with number: some BinaryInteger) -> String {
    words.texts.form(self, for: number)
  }

  /// The text with its first letter as a capital.
  package func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  /// Puts words into the places of a text; what they hold is not looked at for places of its own.
  private static func filled(_ text: String, _ words: [String]) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      if let place = Int(rest[rest.index(after: open)..<close]), words.indices.contains(place - 1) {
        result += words[place - 1]
      }
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}
