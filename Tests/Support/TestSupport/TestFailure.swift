/// Ends a test with a sentence.
package struct TestFailure: Error, CustomStringConvertible {
  /// The sentence.
  package let description: String

  /// A failure.
  package init(_ description: String) { self.description = description }
}
