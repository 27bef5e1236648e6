/// One text in all languages: there is no way to write one down without one of them.
package struct Texts: Sendable {
  private let english, spanish, russian: StaticText

  init(_ english: StaticText, es spanish: StaticText, ru russian: StaticText) {
    self.english = english
    self.spanish = spanish
    self.russian = russian
  }

  /// The text in a language, with its places still open.
  package subscript(_ language: Language) -> String {
    switch language {
    case .english: english.text
    case .spanish: spanish.text
    case .russian: russian.text
    }
  }
}

/// A text that stands in the program itself.
package struct StaticText: Sendable, ExpressibleByStringLiteral {
  let text: String

  package init(stringLiteral text: StaticString) { self.text = "\(text)" }
}

/// The forms of a text that depends on a number, in all languages.
package struct NumberedTexts: Sendable {
  /// The forms in English: for 1, and for any other number.
  let english: (one: StaticText, many: StaticText)
  /// The same in Spanish.
  let spanish: (one: StaticText, many: StaticText)
  /// In Russian: for 1, 21, 31 …; for 2 to 4, 22 to 24 …; for 0, 5 to 20, 25 …
  let russian: (one: StaticText, few: StaticText, many: StaticText)

  init(
    _ one: StaticText,
    _ many: StaticText,
    es spanish: (StaticText, StaticText),
    ru russian: (StaticText, StaticText, StaticText)
  ) {
    english = (one, many)
    self.spanish = (spanish.0, spanish.1)
    self.russian = (russian.0, russian.1, russian.2)
  }

  /// The form for a number.
  package func form(_ language: Language, for number: some BinaryInteger) -> String {
    switch language {
    case .english: (number == 1 ? english.one : english.many).text
    case .spanish: (number == 1 ? spanish.one : spanish.many).text
    case .russian: Self.russian(number, russian).text
    }
  }

  private static func russian(
    _ number: some BinaryInteger,
    _ forms: (one: StaticText, few: StaticText, many: StaticText)
  ) -> StaticText {
    let (tens, ones) = (Int(number.magnitude % 100), Int(number.magnitude % 10))
    if (11...14).contains(tens) { return forms.many }
    return ones == 1 ? forms.one : (2...4).contains(ones) ? forms.few : forms.many
  }

  /// All forms in a language.
  package func all(_ language: Language) -> [String] {
    switch language {
    case .english: [english.one.text, english.many.text]
    case .spanish: [spanish.one.text, spanish.many.text]
    case .russian: [russian.one.text, russian.few.text, russian.many.text]
    }
  }

}

/// The names of texts in the catalogue that have the same number of places to fill: `{1}`, `{2}` …
///
/// How many they are is part of the type, so that whoever shows a text has to give as many words.
package protocol CatalogueText: CaseIterable, Hashable, Sendable {
  /// How many places each of them has.
  static var places: Int { get }
  /// What it says in all languages.
  var texts: Texts { get }
}

/// The names of texts in the catalogue that depend on a number.
package protocol NumberedCatalogueText: CaseIterable, Hashable, Sendable {
  /// Whether the number stands in them, as `{n}`; it stands elsewhere otherwise.
  static var showsNumber: Bool { get }
  /// What it says in all languages.
  var texts: NumberedTexts { get }
}
