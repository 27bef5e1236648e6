/// A pattern of paths (specification, section 4.5): `*` and `?` stand for characters of one part of a path, never for
/// a slash, `[ab]` and `[a-z]` for one of several, `[!ab]` for one of all others.
struct PathPattern {
  private let parts: [[Unicode.Scalar]]

  init(_ text: String) {
    parts = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map(Array.init)
  }

  func matches(_ path: String) -> Bool {
    let names = path.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
    return names.count == parts.count && zip(parts, names).allSatisfy { Self.matches($0, Array($1)) }
  }

  /// Compares one part, in time that grows with the product of both lengths at the most.
  private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
    // Behind the last bracket that closes none opens a set: it is looked for once, not at every bracket again.
    let lastBracket = pattern.lastIndex(of: "]") ?? 0
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, let width = step(pattern, p, name[n], lastBracket) {
        p += width
        n += 1
      } else if let last = star {
        // Let the last star take one character more.
        star = (last.pattern, last.name + 1)
        (p, n) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }

  /// How many characters of the pattern at `p` take one of the name; `nil` when they do not fit it.
  private static func step(
    _ pattern: [Unicode.Scalar],
    _ p: Int,
    _ scalar: Unicode.Scalar,
    _ lastBracket: Int
  ) -> Int? {
    if pattern[p] == "?" { return 1 }
    guard pattern[p] == "[", p < lastBracket, let set = CharacterSet(pattern, from: p) else {
      return pattern[p] == scalar ? 1 : nil
    }
    return set.contains(scalar) ? set.width : nil
  }

  /// A set in brackets.
  private struct CharacterSet {
    let width: Int
    private let isNegated: Bool
    private let content: ArraySlice<Unicode.Scalar>

    init?(_ pattern: [Unicode.Scalar], from start: Int) {
      var first = start + 1
      isNegated = first < pattern.count && pattern[first] == "!"
      if isNegated { first += 1 }
      // A bracket that closes at once is one of the set.
      guard first < pattern.count, let end = pattern[(first + 1)...].firstIndex(of: "]") else { return nil }
      content = pattern[first..<end]
      width = end + 1 - start
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      var position = content.startIndex
      while position < content.endIndex {
        if position + 2 < content.endIndex, content[position + 1] == "-" {
          if content[position] <= scalar && scalar <= content[position + 2] { return !isNegated }
          position += 3
        } else {
          if content[position] == scalar { return !isNegated }
          position += 1
        }
      }
      return isNegated
    }
  }
}
