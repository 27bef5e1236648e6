import MirrorTypes

/// A language in which texts come that other people than the administrator read.
package enum Language: String, Sendable, Hashable, CaseIterable {
  case english = "en"
  case spanish = "es"
  case russian = "ru"

  /// The code by which a configuration, a browser and HTML call it: `es`.
  package var code: String { rawValue }

  /// What it is called in English, and by those who speak it.
  private var names: [String] {
    switch self {
    case .english: ["english"]
    case .spanish: ["spanish", "español", "espanol", "castellano"]
    case .russian: ["russian", "русский"]
    }
  }

  /// Why a text is not a language here, and which one is meant most likely: `has to be "en", "es" or "ru", not 'spanish'`.
  package static func refusal(of text: String) -> String {
    let isMeant = { (language: Language) in
      language.names.contains(text.lowercased())
        || text.lowercased().split { "-_".contains($0) }.first == language.code[...]
    }
    let meant = allCases.first(where: isMeant).map { "; did you mean \"\($0.code)\"?" } ?? ""
    return "has to be \"en\", \"es\" or \"ru\", not \(ShownText.quoted(text, atMost: 40))\(meant)"
  }
}

extension Language {
  /// The language that a browser wishes most, of those that there are.
  ///
  /// A code such as `es-MX` means its first part. What cannot be read counts for nothing, and so do all wishes beyond the
  /// first 32.
  ///
  /// - Parameters:
  ///   - fields: the values of `Accept-Language` (RFC 9110, section 12.5.4).
  ///   - standard: the language for whoever wishes none of them, or takes any.
  package static func wished(_ fields: [String], otherwise standard: Language) -> Language {
    var weights: [Language: Double] = [:]
    var other: Double?
    for item in fields.joined(separator: ",").prefix(1024).split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";", maxSplits: 1)
      guard let name = parts.first.map({ $0.trimmingBlanks.lowercased() }) else { continue }
      let weight = parts.count > 1 ? weight(parts[1]) : 1
      if name == "*" {
        other = max(other ?? 0, weight)
      } else if let language = name.split(separator: "-").first.flatMap({ Language(rawValue: String($0)) }) {
        weights[language] = max(weights[language] ?? 0, weight)
      }
    }
    let best = (weights.values.max() ?? 0, other ?? 0)
    guard best.0 > 0, best.0 >= best.1 else { return weights[standard] == 0 ? firstNotRefused(weights) : standard }
    // Of those that are wished equally the standard comes first, and else the order of the cases.
    return weights[standard] == best.0 ? standard : allCases.first { weights[$0] == best.0 } ?? standard
  }

  /// English, or else whichever is not refused with a weight of 0.
  private static func firstNotRefused(_ weights: [Language: Double]) -> Language {
    allCases.first { weights[$0] != 0 } ?? .english
  }

  private static func weight(_ text: Substring) -> Double {
    let parameter = text.trimmingBlanks.lowercased()
    guard parameter.hasPrefix("q=") else { return 1 }
    return Double(parameter.dropFirst(2)).map { $0.isFinite ? min(max($0, 0), 1) : 0 } ?? 0
  }
}
