import ArgumentParser
import JobCore
import Trust

/// A path with the fingerprint that belongs to it, as they stand on a command line: the fingerprint quoted or not, in one
/// word or in sixteen, before the path or after it.
package struct FingerprintArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The path; the fingerprint may follow it, with or without blanks.", valueName: "path"),
    completion: .file()
  )
  package var words: [String]

  @Option(
    help: ArgumentHelp("The fingerprint that it must have: quoted, or group by group.", valueName: "digits")
  )
  package var fingerprint: String?

  package init() {}

  private var split: (path: String, digits: [String]) { FingerprintEntry.split(words, after: fingerprint) }

  /// The path.
  package var path: String { split.path }

  /// Whether a fingerprint was given.
  package var isTyped: Bool { !split.digits.isEmpty }

  /// The fingerprint; `nil` if none was given.
  ///
  /// - Throws: an error with ``ExitStatus/usage`` for something that is no fingerprint.
  package func typed() throws -> Fingerprint? {
    let digits = split.digits
    guard !digits.isEmpty else { return nil }
    return try Self.read(digits)
  }

  static func read(_ digits: [String]) throws -> Fingerprint {
    do throws(FingerprintEntry.Problem) {
      return try FingerprintEntry(digits).fingerprint()
    } catch {
      throw JobError(
        .usage,
        "\(error)",
        remedy: "Type it as it was read to you: 16 groups of 4 digits, with or without blanks between them."
      )
    }
  }
}
