import JobCore

/// What `doctor` has found at one point of an installation.
package struct Finding: Sendable, Hashable, Encodable {
  /// How bad it is.
  package enum Severity: String, Sendable, Hashable, Encodable, CaseIterable {
    /// It is as it should be.
    case ok
    /// Somebody should look at it.
    case warning
    /// It does not work.
    case error
  }

  /// A stable name of the point, for scripts: `store.free-space`. What is before the dot is its group.
  package let name: String
  /// How bad it is.
  package let severity: Severity
  /// What was found, in a sentence.
  package let text: String
  /// What to do next, where there is something to do.
  package let remedy: String?
  /// Further lines that belong to it, such as commands to copy.
  package let lines: [String]

  private init(_ name: String, _ severity: Severity, _ text: String, _ remedy: String?, _ lines: [String]) {
    self.name = name
    self.severity = severity
    self.text = text
    self.remedy = remedy
    self.lines = lines
  }

  /// A point that is as it should be.
  static func ok(_ name: String, _ text: String, lines: [String] = []) -> Finding {
    Finding(name, .ok, text, nil, lines)
  }

  /// A point that somebody should look at.
  static func warning(_ name: String, _ text: String, remedy: String?) -> Finding {
    Finding(name, .warning, text, remedy, [])
  }

  /// A point that does not work.
  static func error(_ name: String, _ text: String, remedy: String?) -> Finding {
    Finding(name, .error, text, remedy, [])
  }

  /// A point that does not work, for the reason of a failure.
  static func error(_ name: String, _ failure: JobError) -> Finding {
    Finding(name, .error, failure.message, failure.remedy, [])
  }
}
