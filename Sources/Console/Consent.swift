import Foundation
import JobCore

/// Asks somebody whether a thing shall be done.
package enum Consent {
  /// Shows what would be done, and asks.
  ///
  /// - Parameters:
  ///   - question: what is asked, without the choice of answers.
  ///   - table: what would be done.
  ///   - refusal: the error where there is nobody to ask.
  /// - Throws: an error with ``ExitStatus/usage`` without a terminal, and with `--json`.
  package static func ask(_ question: String, showing table: String, _ output: OutputOptions, refusal: String) throws
    -> Bool
  {
    guard !output.json, isatty(STDIN_FILENO) == 1 else {
      throw JobError(.usage, refusal, remedy: "Look at them with --dry-run, then run it with --yes.")
    }
    Console.errorLines(table)
    Console.prompt("\(question) [y/N] ")
    return ["y", "yes"].contains((readLine(strippingNewline: true) ?? "").lowercased())
  }
}
