import Glibc
import Trust

/// Asks a person for a fingerprint: in one line, or group by group.
package enum FingerprintPrompt {
  /// Whether somebody is there to be asked.
  package static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Asks until all 64 digits are there.
  ///
  /// - Parameter whence: where the fingerprint can be read that is asked for.
  /// - Returns: `nil` for an empty line: nothing is trusted.
  /// - Throws: an error with ``ExitStatus/usage`` for too many digits, or what is no digit.
  package static func ask(_ whence: String) throws -> Fingerprint? {
    Console.errorLine("Type the fingerprint \(whence), in one line or in several; an empty line ends without it.")
    var lines: [String] = []
    while true {
      Console.prompt("> ")
      guard let line = readLine(strippingNewline: true), !line.allSatisfy(\.isWhitespace) else { return nil }
      lines.append(line)
      guard let lacking = try? FingerprintEntry(lines).lacking, lacking > 0 else {
        return try FingerprintArguments.read(lines)
      }
    }
  }
}
