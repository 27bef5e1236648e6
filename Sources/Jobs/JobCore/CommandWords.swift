import MirrorTypes

/// The words that lead to a command of the program, and what somebody may have meant with another one.
///
/// It is a value, so that what is said about a mistyped word can be tried without the program.
package struct CommandWords: Hashable, Sendable {
  /// The command's own word.
  package let name: String
  /// Other words for it.
  package let aliases: [String]
  /// The commands below it; empty for one that does something.
  package let subcommands: [CommandWords]

  /// A command.
  package init(_ name: String, aliases: [String] = [], _ subcommands: [CommandWords] = []) {
    self.name = name
    self.aliases = aliases
    self.subcommands = subcommands
  }

  /// Why no command is meant by some words.
  package struct Objection: Hashable, Sendable {
    /// What is wrong.
    package let message: String
    /// What may have been meant.
    package let remedy: String
  }

  /// What people call things who know other programs.
  private static let otherWords = [
    "update": "sync", "mirror": "sync", "download": "sync", "fetch": "sync", "write": "pack",
    "burn": "pack", "load": "import", "sites": "site list", "list": "site list",
    "version": "--version", "install": "setup", "configure": "setup", "init": "setup", "fingerprint": "keys show",
    "health": "doctor", "journal": "log", "history": "log", "clean": "prune", "undo": "rollback",
    "web": "serve",
  ]
  /// Options that stand behind the command, and that people put before it.
  private static let optionsOfCommands: Set<String> = [
    "--quiet", "-q", "--json", "--config", "--store", "--dry-run", "-n",
  ]

  /// What is wrong with the words that name a command; `nil` if they name one, or the rest is the parser's business.
  ///
  /// - Parameter arguments: all words behind the program's name.
  package func objection(to arguments: [String]) -> Objection? {
    var (command, path) = (self, [name])
    var words = arguments[...]
    if words.first == "help" { words = words.dropFirst() }
    while !command.subcommands.isEmpty, let word = words.popFirst() {
      if word.hasPrefix("-") { return path.count == 1 ? misplaced(word, before: words) : nil }
      guard let next = command.subcommands.first(where: { $0.name == word || $0.aliases.contains(word) }) else {
        return command.unknown(word, at: path)
      }
      command = next
      path.append(next.name)
    }
    return nil
  }

  /// What is said of an option that a command does not have.
  ///
  /// - Parameters:
  ///   - option: the option as it was typed, with its dashes.
  ///   - command: the words that lead to the command.
  ///   - known: the options that the command has, with their dashes.
  package static func objection(
    toOption option: String,
    of command: [String],
    known: [String]
  ) -> Objection {
    let place = command.joined(separator: " ")
    let typed = String(option.prefix { $0 != "=" })
    let long = known.filter { $0.hasPrefix("--") }
    // Who shortens an option means the one that begins so; other programs have other words.
    let begun = typed.count > 3 ? long.filter { $0.hasPrefix(typed) }.min { $0.count < $1.count } : nil
    let other = otherOptions[typed].flatMap { $0.first(where: known.contains) }
    let near = begun ?? other ?? NearestName.of(typed, among: long)
    let meant = near.map { "Did you mean '\($0)'? " } ?? ""
    return Objection(
      message: "'\(place)' has no option '\(typed)'",
      remedy: meant + "'\(place) --help' lists all options."
    )
  }

  /// What options of other programs are called here, the likeliest first.
  private static let otherOptions = [
    "--force": ["--overwrite", "--replace", "--yes"], "--dryrun": ["--dry-run"], "--simulate": ["--dry-run"],
    "--silent": ["--quiet"], "--destination": ["--output"], "--target": ["--output"], "--to": ["--site"],
    "--password-file": ["--passphrase-file"], "--conf": ["--config"],
  ]

  /// The words that lead to the command that some words name.
  ///
  /// - Parameter arguments: all words behind the program's name.
  package func path(in arguments: [String]) -> [String] {
    var (command, path) = (self, [name])
    for word in arguments {
      guard let next = command.subcommands.first(where: { $0.name == word || $0.aliases.contains(word) }) else { break }
      command = next
      path.append(next.name)
    }
    return path
  }

  private func misplaced(_ option: String, before words: ArraySlice<String>) -> Objection? {
    let bare = String(option.prefix { $0 != "=" })
    guard Self.optionsOfCommands.contains(bare) else { return nil }
    let command = words.first { word in subcommands.contains { $0.name == word } } ?? "COMMAND"
    return Objection(
      message: "\(bare) comes before the command",
      remedy: "Options come after it: '\(name) \(command) \(bare)'."
    )
  }

  private func unknown(_ word: String, at path: [String]) -> Objection {
    let place = path.joined(separator: " ")
    let known = subcommands.flatMap { [$0.name] + $0.aliases }
    let other = path.count == 1 ? Self.otherWords[word.lowercased()] : nil
    let near = other ?? NearestName.of(word, among: known)
    let meant = near.map { "Did you mean '\(place) \($0)'? " } ?? ""
    let message = path.count == 1 ? "there is no command '\(word)'" : "'\(place)' has no '\(word)'"
    guard path.count > 1 else {
      return Objection(message: message, remedy: meant + "'\(place) --help' lists all commands.")
    }
    return Objection(
      message: message,
      remedy: meant + "It has \(subcommands.map(\.name).joined(separator: ", "))."
    )
  }
}
