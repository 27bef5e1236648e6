import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SystemPackage

/// Pass phrases, from a file or a person.
package enum Passphrase {
  private static let maximumSize = 4096

  /// The first line of a file.
  package static func read(_ file: FilePath) throws -> String {
    String(decoding: PlainText.secret(try Files.read(file, atMost: maximumSize)), as: UTF8.self)
  }

  /// Asks on the terminal, without showing what is typed.
  ///
  /// - Parameter twice: whether it has to be typed again, as a new one has.
  /// - Throws: an error where there is no terminal, or both differ.
  package static func ask(_ prompt: String, twice: Bool) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
      throw JobError(
        .keyUnusable,
        "a pass phrase is needed, and there is no terminal to ask for it",
        remedy: "Name a file with --passphrase-file."
      )
    }
    let first = line("\(prompt): ")
    guard !first.isEmpty else { throw JobError(.keyUnusable, "the pass phrase is empty") }
    if twice, line("Once more: ") != first { throw JobError(.keyUnusable, "the two pass phrases differ") }
    return first
  }

  /// Asks for the password of a user on the Administration Server.
  @Sendable package static func askServerPassword(of user: String) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
      throw JobError(
        .keyUnusable,
        "the password of '\(user)' on the Administration Server is needed, and there is no terminal to ask for it",
        remedy: "Write it to a file that only you can read, and name that as password_file in [administration_server]."
      )
    }
    return line("Password of \(user) on the Administration Server: ")
  }

  /// Asks for the one-time code of a user on the Administration Server; `nil` where there is no terminal, or nothing is
  /// typed.
  @Sendable package static func askServerCode(of user: String, digits: Int?) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    let length = digits.map { ", \(Words.count($0, "digit"))" } ?? ""
    let code = line("One-time code of \(user) on the Administration Server\(length): ").filter { !$0.isWhitespace }
    return code.isEmpty ? nil : code
  }

  private static func line(_ prompt: String) -> String {
    Console.prompt(prompt)
    var before = termios()
    let isTerminal = tcgetattr(STDIN_FILENO, &before) == 0
    if isTerminal {
      var hidden = before
      hidden.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    }
    defer {
      if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
      Console.errorLine("")
    }
    return readLine(strippingNewline: true) ?? ""
  }
}
