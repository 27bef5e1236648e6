/// How much a JSON text may hold.
package struct ValueBounds: Hashable, Sendable {
  /// The most bytes of the whole text.
  package var bytes: Int
  /// How deep lists and objects may lie in one another.
  package var depth: Int
  /// The most values, those inside others counted.
  package var values: Int
  /// The most bytes of one text or name.
  package var text: Int

  /// Bounds.
  package init(bytes: Int, depth: Int, values: Int, text: Int) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
    self.text = text
  }

  /// A line of a document: more than the longest that a record can have, with all its fields full.
  package static let line = ValueBounds(bytes: 131_072, depth: 4, values: 4_096, text: 16_384)
  /// What another program has written: a report of `kesl-control`, a body of statistics.
  package static let foreign = ValueBounds(bytes: 1 << 20, depth: 16, values: 50_000, text: 65_536)
  /// A document of KSN.
  package static let document = ValueBounds(bytes: 4 << 20, depth: 8, values: 200_000, text: 16_384)
}

/// Why bytes are no JSON, or more of it than is read.
package struct ValueError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let problem: String
  /// Where, in bytes from the beginning.
  package let offset: Int

  /// The failure in words.
  package var description: String { "\(problem), at byte \(offset)" }
}
