import StrictJSON

/// What makes every entry fit in a line, whatever its texts are.
///
/// An entry is cut and not refused: what was done must be in the journal even if a stick's names are monstrous.
enum JournalBounds {
  /// The most bytes of the sentence for people, in JSON.
  static let text = 16_384
  /// The most facts.
  static let facts = 32
  /// The most bytes of a fact's name, in JSON; a fact with a longer one is left out.
  static let name = 128
  /// The most bytes of a fact's text, in JSON.
  static let value = 1_280
  /// The most bytes of the user's and of the host's name, in JSON.
  static let who = 256
  /// The fact that tells how many others were left out.
  static let leftOut = "leftOut"

  /// The string, or as much of its beginning as fits in `limit` bytes of JSON with an ellipsis behind.
  static func cut(_ string: String, to limit: Int) -> String {
    let ellipsis: Unicode.Scalar = "…"
    let room = limit - JSONForm.journal.width(ellipsis)
    var width = 0
    var kept = String.UnicodeScalarView()
    for scalar in string.unicodeScalars {
      width += JSONForm.journal.width(scalar)
      if width <= room { kept.append(scalar) }
      if width > limit { return String(kept + [ellipsis]) }
    }
    return string
  }

  /// As many of the facts as an entry may have, in the order of their names, with their texts cut.
  static func cut(_ facts: [String: JournalValue]) -> [String: JournalValue] {
    let fitting = facts.filter { cut($0.key, to: name) == $0.key }
    var names = fitting.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if names.count > Self.facts || fitting.count < facts.count { names = Array(names.prefix(Self.facts - 1)) }
    var kept: [String: JournalValue] = [:]
    for name in names { kept[name] = fitting[name].map(cut) }
    if kept.count < facts.count { kept[leftOut] = .integer(Int64(facts.count - kept.count)) }
    return kept
  }

  private static func cut(_ value: JournalValue) -> JournalValue {
    guard case .string(let string) = value else { return value }
    return .string(cut(string, to: Self.value))
  }
}
