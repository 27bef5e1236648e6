import MirrorTypes

/// The words by which indexes restrict their entries: what a selection may name.
package struct SelectionVocabulary: Sendable {
  /// What a selection narrows beside components.
  package enum Setting: String, CaseIterable, Sendable {
    case applications
    case operatingSystems = "os"
    case architectures
    case languages
  }

  /// A word of a selection that no index has.
  package struct Unknown: Sendable, Hashable {
    /// The setting.
    package let setting: Setting
    /// The word, as it was given.
    package let word: String
    /// The word that may be meant.
    package let nearest: String?
  }

  /// The restrictions of all entries, each once, without what takes them away.
  private var words: [Setting: Set<String>] = [:]

  /// No words.
  package init() {}

  /// Takes the words of an index.
  package mutating func take(_ index: IndexFile) {
    for entry in index.entries {
      add(entry.operatingSystems, to: .operatingSystems, by: ";")
      add(entry.architectures, to: .architectures, by: ";")
      add(entry.systemArchitectures, to: .architectures, by: ";")
      add(entry.languages, to: .languages, by: ";,")
      guard !entry.applications.isEmpty, let pattern = try? ApplicationPattern(entry.applications) else { continue }
      let names = (pattern.taken + pattern.excluded).flatMap(\.names).filter { $0 != "*" }
      words[.applications, default: []].formUnion(names)
    }
  }

  private mutating func add(_ text: String, to setting: Setting, by separators: String) {
    for item in text.split(whereSeparator: separators.contains) {
      let word = item.drop { $0 == "!" || $0 == " " }
      // What is for all, and files without a language, are taken with anything.
      if !word.isEmpty, word != "*", word.lowercased() != "langnone" {
        words[setting, default: []].insert(String(word))
      }
    }
  }

  /// The words of a selection that no index has, in the order in which they were given. Where indexes restrict nothing,
  /// nothing is unknown.
  package func unknown(
    applications: [String],
    operatingSystems: [String],
    architectures: [String],
    languages: [String]
  ) -> [Unknown] {
    let names = applications.flatMap { text in
      (try? ApplicationPattern(text)).map { ($0.taken + $0.excluded).flatMap(\.names) } ?? []
    }
    return unknown(.applications, names) { ApplicationPattern.same($0.uppercased(), $1.uppercased()) }
      + unknown(.operatingSystems, operatingSystems) { Selection.meetsOperatingSystem($0[...], $1) }
      + unknown(.architectures, architectures) { Selection.isSame($0[...], $1) }
      + unknown(.languages, languages) { Selection.meetsLanguage($0[...], $1) }
  }

  private func unknown(
    _ setting: Setting,
    _ wanted: [String],
    _ meets: (String, String) -> Bool
  ) -> [Unknown] {
    let known = words[setting] ?? []
    guard !known.isEmpty else { return [] }
    return wanted.filter { word in !known.contains { meets($0, word) } }
      .map { Unknown(setting: setting, word: $0, nearest: Self.nearest($0, setting, known)) }
  }

  /// Of systems the family is what is misspelt, or a version that no index has.
  private static func nearest(_ word: String, _ setting: Setting, _ known: Set<String>) -> String? {
    guard setting == .operatingSystems else { return NearestName.of(word, among: known.sorted()) }
    let families = Set(known.map { String($0.prefix { $0 != "-" && $0 != "*" }) }).sorted()
    return NearestName.of(String(word.prefix { $0 != "-" }), among: families)
  }
}
