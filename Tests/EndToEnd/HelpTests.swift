import Foundation
import TestSupport
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  private struct Described: Decodable {
    let commandName: String
    let discussion: String?
    let subcommands: [Described]?

    /// All commands below it, and itself, by the words that lead to them.
    func all(_ path: String = "") -> [(name: String, text: String)] {
      let name = path.isEmpty ? commandName : "\(path) \(commandName)"
      return [(name, discussion ?? "")] + (subcommands ?? []).flatMap { $0.all(name) }
    }
  }

  private struct Dump: Decodable {
    let command: Described
  }

  @Test func `a paragraph of a help is one line, which is wrapped where it is shown`() throws {
    let text = try Command.run(World.program, ["--experimental-dump-help"])
    let commands = try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command.all()
    #expect(commands.count > 40)
    for command in commands {
      let lines = command.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (line, next) in zip(lines, lines.dropFirst()) where !line.isEmpty && !next.isEmpty {
        #expect(
          line.hasPrefix("  ") || next.hasPrefix("  "),
          "\(command.name): '\(line.suffix(40))' is broken before '\(next.prefix(40))'"
        )
      }
    }
  }

  @Test func `a mistyped option is answered with the nearest one of its command, and status 64`() async throws {
    let world = try World(files: 12)
    for (words, meant) in [(["pack", "--out", "/x"], "--output"), (["license", "list", "--cvs"], "--csv")] {
      let outcome = try await world.run(words)
      #expect(outcome.status == 64 && outcome.errors.contains("Did you mean '\(meant)'?"), "\(outcome.errors)")
    }
    let other = try await world.run("import", "--forget")
    #expect(other.status == 64 && other.errors.contains("--forget-incoming"), "\(other.errors)")
  }
}
