import Foundation
import TestSupport
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  private struct Described: Decodable {
    let commandName: String
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [Described]?

    struct Argument: Decodable {
      let kind: String
      let names: [Name]?
    }

    struct Name: Decodable {
      let name: String
    }

    /// The commands that have no others below them.
    var leaves: [Described] {
      let below = (subcommands ?? []).filter { $0.commandName != "help" }
      return below.isEmpty ? [self] : below.flatMap(\.leaves)
    }

    /// All commands below it, and itself, by the words that lead to them.
    func all(_ path: String = "") -> [(name: String, text: String)] {
      let name = path.isEmpty ? commandName : "\(path) \(commandName)"
      return [(name, discussion ?? "")] + (subcommands ?? []).flatMap { $0.all(name) }
    }
  }

  private struct Dump: Decodable {
    let command: Described
  }

  @Test func `what a command needs stands first in its usage, and what all commands have last`() throws {
    let text = try Command.run(World.program, ["--experimental-dump-help"])
    let common: Set = ["site", "config", "store", "json", "quiet", "version", "help"]
    for command in try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command.leaves {
      let arguments = command.arguments ?? []
      func isCommon(_ argument: Described.Argument) -> Bool {
        argument.names?.contains { common.contains($0.name) } == true
      }
      let own = arguments.lastIndex { !isCommon($0) } ?? -1
      // 'setup' writes a configuration, and says so by options of its own; a bundle is for a site.
      guard !["connected", "isolated", "from-kuu", "pack"].contains(command.commandName) else { continue }
      #expect(arguments[...max(own, 0)].allSatisfy { own < 0 || !isCommon($0) }, "\(command.commandName)")
      let positional = arguments.lastIndex { $0.kind == "positional" } ?? -1
      let option = arguments.firstIndex { $0.kind != "positional" } ?? arguments.count
      #expect(positional < option, "\(command.commandName)")
    }
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

  @Test func `each example fits a line of 80 columns`() throws {
    let text = try Command.run(World.program, ["--experimental-dump-help"])
    let commands = try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command.all()
    let examples = commands.flatMap { $0.text.split(separator: "\n") }.filter { $0.hasPrefix("  kscmirror ") }
    #expect(examples.count > 60)
    for example in examples { #expect(example.count <= 80, "\(example)") }
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
