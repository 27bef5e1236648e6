/// Ends a test with a sentence.
public struct TestFailure: Error, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// A failure.
  public init(_ description: String) { self.description = description }
}
