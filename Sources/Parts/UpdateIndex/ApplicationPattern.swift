/// A pattern of applications and versions, as the indexes write it and as users give it (FORMAT.md, section 2):
/// items joined by `;`, each with names joined by `|`, a blank and a ``VersionPattern``; `!` before it takes it away.
///
/// `!KES 21;KAV|KIS 21.[4-9]` is KAV and KIS 21.4 to 21.9. With nothing but items that take away, it is all the rest.
/// Names compare without case; `?` in a name stands for one character, as in the oldest indexes.
struct ApplicationPattern: Sendable, Hashable {
  struct Item: Sendable, Hashable {
    let names: [String]
    let versions: VersionPattern
  }

  /// What is taken; empty: all.
  private(set) var taken: [Item] = []
  /// What is taken away again.
  private(set) var excluded: [Item] = []

  /// Why a text is not a pattern.
  struct Failure: Error {
    let item: String
    let reason: String
  }

  /// Reads a pattern; an empty one is all applications.
  init(_ text: String) throws(Failure) {
    for item in text.split(separator: ";") {
      var rest = item.drop { $0 == " " }
      while rest.last == " " { rest.removeLast() }
      if rest.isEmpty { continue }
      let isExcluded = rest.first == "!"
      if isExcluded { rest = rest.dropFirst() }
      let read = try Self.item(rest)
      if isExcluded { excluded.append(read) } else { taken.append(read) }
    }
  }

  private static func item(_ text: Substring) throws(Failure) -> Item {
    let halves = text.split(separator: " ", maxSplits: 1)
    guard let first = halves.first else { throw Failure(item: String(text), reason: "names no application") }
    let names = first.split(separator: "|").map { $0.uppercased() }
    guard !names.isEmpty else { throw Failure(item: String(text), reason: "names no application") }
    guard halves.count == 2 else { return Item(names: names, versions: .any) }
    guard let versions = VersionPattern(halves[1]) else {
      throw Failure(item: String(text), reason: "'\(halves[1])' is not a pattern of versions such as 21.[4-9,13-24]")
    }
    return Item(names: names, versions: versions)
  }

  /// Whether some application may fit both patterns. Doubt is a yes: what is mirrored too much does no harm.
  func mayMeet(_ other: ApplicationPattern) -> Bool {
    let exclusions = excluded + other.excluded
    if taken.isEmpty && other.taken.isEmpty { return true }
    if taken.isEmpty { return other.taken.contains { Self.survives($0, exclusions) } }
    if other.taken.isEmpty { return taken.contains { Self.survives($0, exclusions) } }
    for one in taken {
      for another in other.taken {
        guard let versions = one.versions.intersection(another.versions) else { continue }
        let names = one.names.filter { name in another.names.contains { Self.same(name, $0) } }
        if !names.isEmpty && Self.survives(Item(names: names, versions: versions), exclusions) { return true }
      }
    }
    return false
  }

  /// Whether some application of an item is left when exclusions are taken away.
  private static func survives(_ item: Item, _ exclusions: [Item]) -> Bool {
    item.names.contains { name in
      !exclusions.contains {
        $0.versions.covers(item.versions) && $0.names.contains { same($0, name) && !$0.contains("?") }
      }
    }
  }

  static func same(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    guard left.utf8.count == right.utf8.count, left.contains("?") || right.contains("?") else { return false }
    let mark = UInt8(ascii: "?")
    return zip(left.utf8, right.utf8).allSatisfy { $0 == $1 || $0 == mark || $1 == mark }
  }
}
