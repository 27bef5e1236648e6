extension StringProtocol {
  /// Whether the text's bytes stand before another's: an order that is the same in every language and version.
  package func precedes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  /// Whether two texts have the same bytes, which is more than being equal.
  package func hasSameBytes(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }
}
