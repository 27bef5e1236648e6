/// How much a JSON text may hold.
public struct ValueBounds: Hashable, Sendable {
  /// The most bytes of the whole text.
  public var bytes: Int
  /// How deep lists and objects may lie in one another.
  public var depth: Int
  /// The most values, those inside others counted.
  public var values: Int
  /// The most bytes of one text or name.
  public var text: Int

  /// Bounds.
  public init(bytes: Int, depth: Int, values: Int, text: Int) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
    self.text = text
  }

  /// A line of a document: more than the longest that a record can have, with all its fields full.
  public static let line = ValueBounds(bytes: 131_072, depth: 4, values: 4_096, text: 16_384)
  /// What another program has written: a report of `kesl-control`, a body of statistics.
  public static let foreign = ValueBounds(bytes: 1 << 20, depth: 16, values: 50_000, text: 65_536)
  /// A document of KSN.
  public static let document = ValueBounds(bytes: 4 << 20, depth: 8, values: 200_000, text: 16_384)
}

/// Why bytes are no JSON, or more of it than is read.
public struct ValueError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// Where, in bytes from the beginning.
  public let offset: Int

  /// The failure in words.
  public var description: String { "\(problem), at byte \(offset)" }
}
