import Failures

/// What is wrong with the form of a piece of metadata.
package struct MetadataProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problem in words.
  package let description: String

  /// A problem, in words that say what has it.
  package init(_ description: String) { self.description = description }
}

extension Optional {
  /// The value, or the problem that `what` is missing or of the wrong kind.
  func orMalformed(_ what: @autoclosure () -> String) throws(MetadataProblem) -> Wrapped {
    guard let self else { throw MetadataProblem("\(what()) is missing or of the wrong kind") }
    return self
  }
}

extension MetadataProblem: Failure {
  package var status: ExitStatus { .software }
  package var message: String { "metadata cannot be made: \(self)" }
}
