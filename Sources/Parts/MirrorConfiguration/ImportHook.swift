/// A command that is run after an import has published a release.
package struct ImportHook: Sendable, Hashable {
  /// The command, for a shell.
  package var command: String
  /// How many seconds it may run.
  package var seconds: Int64 = 600
  /// The user that it is run as; `nil`: whoever imports.
  package var user: String?

  /// A command with the defaults.
  package init(_ command: String) { self.command = command }
}

extension ImportHook {
  /// Reads it from `[import]`; `nil` where there is none.
  init?(reading table: inout TableReader) throws(ConfigurationError) {
    let command = try table.string("then")
    let seconds = try table.quantity("then_timeout", "a time such as \"30s\" or \"10m\"", Quantity.seconds)
    let user = try table.string("then_user")
    guard let command else {
      for key in ["then_timeout", "then_user"] where table.has(key) {
        throw table.bad(key, "has no effect without 'then'")
      }
      return nil
    }
    guard !command.utf8.allSatisfy({ $0 == 0x20 }) else { throw table.bad("then", "is empty") }
    self.init(command)
    self.seconds = seconds.map { Int64($0) } ?? self.seconds
    guard (1...86_400).contains(self.seconds) else {
      throw table.bad("then_timeout", "has to be from a second to a day")
    }
    guard user != "" else { throw table.bad("then_user", "is empty") }
    self.user = user
  }
}
