import Languages
import MirrorTypes
import Testing

/// The catalogue of texts: whole in each language, and with the same places to fill.
@Suite struct CatalogueTests {
  /// A text of the catalogue by name, with its forms in each language.
  private struct Entry {
    let name: String
    /// How many places it has; `nil`: one, for a number.
    let places: Int?
    let forms: [Language: [String]]
  }

  private static func entries<Text: CatalogueText>(_ texts: Text.Type) -> [Entry] {
    Text.allCases.map { text in
      let forms = Language.allCases.map { ($0, [text.texts[$0]]) }
      return Entry(name: "\(Text.self).\(text)", places: Text.places, forms: Dictionary(uniqueKeysWithValues: forms))
    }
  }

  private static func entries<Text: NumberedCatalogueText>(numbered texts: Text.Type) -> [Entry] {
    Text.allCases.map { text in
      let forms = Language.allCases.map { ($0, text.texts.all($0)) }
      return Entry(
        name: "\(Text.self).\(text)",
        places: Text.showsNumber ? nil : 0,
        forms: Dictionary(uniqueKeysWithValues: forms)
      )
    }
  }

  private static let all =
    entries(Phrase.self) + entries(PhraseOfOne.self) + entries(PhraseOfTwo.self) + entries(PhraseOfThree.self)
    + entries(FieldWord.self) + entries(numbered: Counted.self) + entries(numbered: Agreeing.self)

  /// What is the same in several languages: names, units and words that they share.
  private static let shared: Set<String> = [
    "PhraseOfOne.minutesShort", "PhraseOfOne.secondsShort", "PhraseOfOne.hoursShort", "Phrase.no", "Phrase.ksn",
    "Phrase.oem", "Phrase.beta", "Phrase.incremental", "Phrase.ksnKind", "Counted.bytes",
  ]

  @Test func `every text is there in each language, and is not the English one`() {
    #expect(Self.all.count > 250)
    for entry in Self.all {
      let english = entry.forms[.english] ?? []
      for language in Language.allCases {
        let forms = entry.forms[language] ?? []
        #expect(
          !forms.isEmpty && forms.allSatisfy { !$0.isEmpty && $0.first != " " && $0.last != " " },
          "\(entry.name)"
        )
        guard language != .english, !Self.shared.contains(entry.name) else { continue }
        for form in forms { #expect(!english.contains(form), "\(entry.name) is not translated: \(form)") }
      }
    }
  }

  @Test func `what is listed as shared by languages is the same in two of them at least`() {
    for name in Self.shared {
      let forms = Self.all.first { $0.name == name }?.forms.values.map { $0 } ?? []
      #expect(!forms.isEmpty && Set(forms).count < Language.allCases.count, "\(name)")
    }
  }

  @Test func `a text has the same places in each language, each once`() {
    for entry in Self.all {
      let wanted = entry.places.map { (0..<$0).map { "{\($0 + 1)}" } } ?? ["{n}"]
      for form in entry.forms.values.joined() {
        let places = form.matches(of: /\{[^}]*\}/).map { String($0.output) }
        #expect(places.sorted() == wanted, "\(entry.name): \(form)")
        #expect(form.count { $0 == "{" || $0 == "}" } == 2 * wanted.count, "\(entry.name): \(form)")
      }
    }
  }

  @Test func `Russian is written in Cyrillic letters, and the others are not`() {
    let isCyrillic = { (text: String) in text.unicodeScalars.contains { (0x400...0x4FF).contains($0.value) } }
    let latin: Set<String> = ["Phrase.ksn", "Phrase.oem", "Phrase.ksnKind"]
    for entry in Self.all {
      for form in entry.forms[.russian] ?? [] {
        // A letter of the other alphabet within a word looks right and is not.
        for word in form.split(whereSeparator: { !$0.isLetter }) {
          let kinds = Set(word.unicodeScalars.map { (0x400...0x4FF).contains($0.value) })
          #expect(kinds.count == 1, "\(entry.name): \(word)")
        }
        let hasWords = form.replacing(/\{[^}]*\}/, with: "").contains(where: \.isLetter)
        #expect(isCyrillic(form) || latin.contains(entry.name) || !hasWords, "\(entry.name): \(form)")
      }
      for language in [Language.english, .spanish] {
        #expect(!(entry.forms[language] ?? []).contains(where: isCyrillic), "\(entry.name)")
      }
    }
  }

  @Test func `no text has a character that is not seen`() {
    for entry in Self.all {
      for scalar in entry.forms.values.joined().joined().unicodeScalars {
        #expect(scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
        #expect(scalar != "\u{A0}", "\(entry.name)")
      }
    }
  }

  @Test func `words that are filled in are not looked at for places`() {
    #expect(Language.english.text(.ofSite, "{2}", "{1}") == "{2} of site {1}")
    #expect(Language.russian.text(.ofSite, "7", "plant {1}") == "7 от площадки plant {1}")
  }
}

/// Numbers, dates and lengths of time as a language has them.
@Suite struct FigureTests {
  private static let russianFiles: [(Int, String)] = [
    (0, "0 файлов"), (1, "1 файл"), (2, "2 файла"), (4, "4 файла"), (5, "5 файлов"), (11, "11 файлов"),
    (12, "12 файлов"), (14, "14 файлов"), (20, "20 файлов"), (21, "21 файл"), (22, "22 файла"), (25, "25 файлов"),
    (100, "100 файлов"), (101, "101 файл"), (111, "111 файлов"), (112, "112 файлов"), (1_002, "1\u{A0}002 файла"),
    (1_000_011, "1\u{A0}000\u{A0}011 файлов"),
  ]

  @Test(arguments: russianFiles.indices)
  func `a Russian noun has the form of its number`(_ index: Int) {
    let (number, words) = Self.russianFiles[index]
    #expect(Language.russian.count(number, .files) == words)
  }

  @Test func `Spanish and English have two forms`() {
    #expect([0, 1, 2].map { Language.spanish.count($0, .files) } == ["0 archivos", "1 archivo", "2 archivos"])
    #expect([0, 1, 2].map { Language.english.count($0, .deviceEntries) } == ["0 entries", "1 entry", "2 entries"])
    #expect(Language.spanish.words(.areFine, with: 1) == "está en orden")
  }

  @Test func `thousands and fractions are parted as the language has it`() {
    #expect(Language.allCases.map { $0.number(75_682) } == ["75,682", "75.682", "75\u{A0}682"])
    #expect(Language.allCases.map { $0.number(-1_234) } == ["-1,234", "-1234", "-1\u{A0}234"])
    #expect(Language.allCases.map { $0.bytes(4_400_000_000) } == ["4.10 GiB", "4,10 GiB", "4,10 ГиБ"])
    #expect(Language.allCases.map { $0.bytes(5) } == ["5 B", "5 B", "5 Б"])
    #expect(Language.allCases.map { $0.exactBytes(1_048_576) } == ["1048576 bytes", "1048576 bytes", "1048576 байт"])
  }

  @Test func `dates are written as the language has it`() throws {
    let time = try #require(UTCTime(year: 2026, month: 6, day: 2, hour: 9, minute: 5, second: 7))
    #expect(Language.allCases.map { $0.day(time) } == ["2026-06-02", "02/06/2026", "02.06.2026"])
    #expect(Language.english.time(time) == "2026-06-02 09:05 UTC")
    #expect(Language.russian.time(time) == "02.06.2026 09:05 UTC")
    #expect(Language.english.moment(time) == "2026-06-02T09:05:07Z")
    #expect(Language.spanish.moment(time) == "02/06/2026 09:05:07 UTC")
    // Nothing that somebody has written into a file is too late or too early.
    for seconds in [Int64.min, -62_200_000_000, Int64.max] {
      for language in Language.allCases { #expect(!language.time(UTCTime(seconds: seconds)).isEmpty) }
    }
  }

  @Test func `how long ago something was is reported in words`() {
    let now = UTCTime(seconds: 1_764_000_000)
    func ago(_ seconds: Int64) -> [String] {
      Language.allCases.map { $0.ago(now.adding(seconds: -seconds), now: now) }
    }
    #expect(ago(-5) == ["in the future", "en el futuro", "в будущем"])
    #expect(ago(5) == ["just now", "ahora mismo", "только что"])
    #expect(ago(60) == ["1 minute ago", "hace 1 minuto", "1 минуту назад"])
    #expect(ago(22 * 3600) == ["22 hours ago", "hace 22 horas", "22 часа назад"])
    #expect(ago(5 * 86_400) == ["5 days ago", "hace 5 días", "5 дней назад"])
    #expect(Language.allCases.map { $0.span(720) } == ["12 min", "12 min", "12 мин"])
    #expect(Language.allCases.map { $0.span(259_200) } == ["3 days", "3 días", "3 дня"])
  }
}

/// Which language a browser is answered in.
@Suite struct WishTests {
  private static let wishes: [([String], Language, Language)] = [
    ([], .spanish, .spanish), ([""], .russian, .russian), (["es"], .english, .spanish),
    (["es-MX,es;q=0.9,en;q=0.8"], .english, .spanish), (["ru-RU"], .spanish, .russian), (["RU"], .english, .russian),
    (["de,fr;q=0.9"], .russian, .russian), (["de, ru;q=0.3"], .english, .russian), (["*"], .spanish, .spanish),
    (["en;q=0.5, *;q=0.8"], .russian, .russian), (["en;q=0.5, ru;q=0.7", "es;q=0.6"], .english, .russian),
    (["en, ru"], .russian, .russian), (["en, ru"], .spanish, .english), (["ru;q=0"], .russian, .english),
    (["ru;q=0, es;q=0.1"], .russian, .spanish), (["en;q=nonsense, es;q=0.1"], .english, .spanish),
    (["es;q=1e99"], .english, .spanish), ([";;;,,;q=,-"], .russian, .russian), (["esperanto"], .english, .english),
    (["es_ES"], .english, .english), ([" \tes\t;\tq=0.5 "], .english, .spanish),
  ]

  @Test(arguments: wishes.indices)
  func `a browser gets the language that it wishes most, or else the store's`(_ index: Int) {
    let (fields, standard, expected) = Self.wishes[index]
    #expect(Language.wished(fields, otherwise: standard) == expected, "\(fields)")
  }

  @Test func `wishes without end are read to a bound`() {
    let many = [String](repeating: "de;q=0.1", count: 5000).joined(separator: ",")
    #expect(Language.wished([many + ",es"], otherwise: .russian) == .russian)
    #expect(Language.wished([String](repeating: "x", count: 100_000) + ["es"], otherwise: .russian) == .russian)
  }

  @Test func `a language that there is not is refused with the one that is meant most likely`() {
    #expect(Language.refusal(of: "español") == #"has to be "en", "es" or "ru", not "español"; did you mean "es"?"#)
    #expect(Language.refusal(of: "ru_RU") == #"has to be "en", "es" or "ru", not "ru_RU"; did you mean "ru"?"#)
    #expect(Language.refusal(of: "de") == #"has to be "en", "es" or "ru", not "de""#)
    #expect(!Language.refusal(of: "\u{202E}\n").contains("\n"))
  }
}
