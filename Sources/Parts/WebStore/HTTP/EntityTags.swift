import MirrorTypes

/// The entity tags of an `If-Match` or `If-None-Match` field (RFC 9110, sections 8.8.3 and 13.1).
struct EntityTags: Equatable {
  /// One tag.
  struct Tag: Equatable {
    /// Whether it is marked as weak.
    let isWeak: Bool
    /// What stands between the quotes.
    let opaque: Substring
  }

  /// Whether the field is `*`: any representation.
  let isAny: Bool
  /// The tags, if it is not.
  let tags: [Tag]

  /// The most tags that are read of one field.
  static let limit = 256

  /// Reads a field; what is not a tag ends the reading.
  init(_ field: String) {
    let text = field[...].trimmingBlanks
    guard text != "*" else {
      isAny = true
      tags = []
      return
    }
    isAny = false
    var rest = text
    var found: [Tag] = []
    while found.count < Self.limit, let tag = Self.tag(&rest) { found.append(tag) }
    tags = found
  }

  /// Whether one of the tags is `opaque`, by the weak comparison.
  func hasWeakly(_ opaque: String) -> Bool { isAny || tags.contains { $0.opaque == opaque } }

  /// Whether one of the tags is `opaque`, by the strong comparison.
  func hasStrongly(_ opaque: String) -> Bool { isAny || tags.contains { !$0.isWeak && $0.opaque == opaque } }

  /// Takes the next tag from the beginning of a text.
  private static func tag(_ rest: inout Substring) -> Tag? {
    while let first = rest.utf8.first, first == 0x20 || first == 0x09 || first == UInt8(ascii: ",") {
      rest = rest.dropFirst()
    }
    let isWeak = rest.hasPrefix("W/")
    if isWeak { rest = rest.dropFirst(2) }
    guard rest.utf8.first == UInt8(ascii: "\"") else { return nil }
    let inner = rest.dropFirst()
    guard let end = inner.utf8.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
    rest = inner[inner.utf8.index(after: end)...]
    return Tag(isWeak: isWeak, opaque: inner[..<end])
  }
}
