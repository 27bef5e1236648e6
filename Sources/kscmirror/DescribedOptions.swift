import Foundation

/// An option that the parser does not know, by its message, which is all that it tells.
struct UnknownOption {
  /// The option as it was typed.
  let name: String

  init?(_ message: String) {
    let beginning = "Unknown option '"
    guard message.hasPrefix(beginning) else { return nil }
    name = String(message.dropFirst(beginning.count).prefix { $0 != "'" })
  }
}

/// The options of a command, as the parser describes them.
enum DescribedOptions {
  private struct Dump: Decodable {
    let command: Command
  }

  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  private struct Argument: Decodable {
    let names: [Name]?
  }

  private struct Name: Decodable {
    let kind: String
    let name: String
  }

  /// The options with their dashes; none where the description cannot be read.
  ///
  /// - Parameters:
  ///   - words: what leads to the command, the program's name first.
  ///   - description: what the parser writes of all commands, as JSON.
  static func of(_ words: [String], in description: String) -> [String] {
    guard var command = try? JSONDecoder().decode(Dump.self, from: Data(description.utf8)).command else { return [] }
    for word in words.dropFirst() {
      guard let next = command.subcommands?.first(where: { $0.commandName == word }) else { break }
      command = next
    }
    return (command.arguments ?? []).flatMap { $0.names ?? [] }.map { ($0.kind == "long" ? "--" : "-") + $0.name }
  }
}
