import Failures
import SystemPackage

/// Why a configuration cannot be used: which file, which key, what is wrong with it and what would be right.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with a configuration.
  package enum Problem: Hashable, Sendable {
    /// The file cannot be read, with the reason.
    case unreadable(String)
    /// The file is not TOML, with the parser's words.
    case notTOML(String, line: Int)
    /// A key that nothing reads, with the nearest one that something would read.
    case unknownKey(String, nearest: String?)
    /// A key that has to be there.
    case missing(String)
    /// A key whose value is of another type than `expected`.
    case wrongType(String, expected: String)
    /// A key whose value cannot be used, and why.
    case badValue(String, why: String)
  }

  /// The file.
  package let file: FilePath
  /// The table that the key stands in, such as `source "kaspersky"`; `nil` at the top.
  package let table: String?
  /// What is wrong.
  package let problem: Problem
  /// The line of the key in the file, counted from 1, where it could be found.
  package let line: Int?

  /// An error in a file.
  package init(file: FilePath, table: String? = nil, problem: Problem, line: Int? = nil) {
    self.file = file
    self.table = table
    self.problem = problem
    self.line = line
  }

  /// The error in words.
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? "\(file)"
    let inside = table.map { "in \($0): " } ?? ""
    return "\(place): \(inside)\(reason)"
  }

  private var reason: String {
    switch problem {
    case .unreadable(let why): "cannot be read: \(why)"
    case .notTOML(let why, let line): "is not TOML (line \(line)): \(why)"
    case .unknownKey(let key, let nearest):
      "unknown key '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "; see kscmirror.toml(5)")
    case .missing(let key): "'\(key)' is missing; see kscmirror.toml(5)"
    case .wrongType(let key, let expected): "'\(key)' has to be \(expected)"
    case .badValue(let key, let why): "'\(key)' \(why)"
    }
  }
}

extension ConfigurationError: Failure {
  package var status: ExitStatus { .configuration }

  package var remedy: String? {
    guard case .unreadable(let why) = problem, why == "\(Errno.noSuchFileOrDirectory)" else { return nil }
    return
      "Name another file with --config, or have one written: 'kscmirror setup connected' or 'kscmirror setup isolated'."
  }
}
