import Foundation
import Glibc
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// What a person at a terminal sees.
@Suite struct TerminalTests {
  /// A world in which a stick has come to the site and back.
  private func carried() async throws -> World {
    let world = try World(files: 60)
    try world.configureIsolated("site = \"plant-7-in-the-north-of-the-country\"")
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack("--site", "plant-7-in-the-north-of-the-country").status == 0)
    #expect(try await world.import().status == 0)
    #expect(try await world.introduceSite().status == 0)
    return world
  }

  @Test func `at 60 and at 80 columns no line is wider than the screen, and nothing of it is cut`() async throws {
    let world = try await carried()
    let (here, there) = (world.configuration.string, world.isolatedConfiguration.string)
    let commands = [
      ["status", "--all", "--config", here], ["status", "--config", there], ["site", "list", "--config", here],
      ["site", "show", "plant-7-in-the-north-of-the-country", "--config", here], ["doctor", "--config", there],
      ["inspect", world.stick.string, "--config", there], ["log", "--config", there],
      ["pack", world.stick.string, "--config", here, "--full", "--overwrite"],
      ["import", world.stick.string, "--config", there],
    ]
    for words in commands {
      var said: [String] = []
      for columns in [60, 80] as [UInt16] {
        let terminal = try Terminal(columns: columns)
        _ = try await terminal.run(words)
        let wide = terminal.lines.filter { TextColumns.width($0) > Int(columns) }
          // What is one word, as a path or a digest, is whole, so that it can be copied.
          .filter { $0.split(separator: " ").allSatisfy { TextColumns.width(String($0)) < Int(columns) - 24 } }
        #expect(wide.isEmpty, "\(words): \(wide)")
        #expect(terminal.lines.contains { $0.count > 20 }, "\(words)")
        said.append(terminal.lines.joined(separator: " "))
      }
      if words[0] == "site", words[1] == "list" {
        for fact in ["plant-7-in-the-north-of-the-country", "nothing new"] {
          #expect(said.allSatisfy { $0.contains(fact) }, "\(said)")
        }
      }
    }
  }

  @Test func `Ctrl-C leaves a clean line and says that the next run goes on, and the shell sees the signal`()
    async throws
  {
    let world = try World(files: 60)
    world.server.answer { request in request.path.hasSuffix(".xml") ? .file : .held(after: 0, seconds: 300) }
    let terminal = try Terminal(columns: 80)
    let ending = try await terminal.run(["sync", "--config", world.configuration.string]) { run in
      let isFetching = try await terminal.shows("kaspersky: fetching")
      #expect(isFetching)
      run.kill(SIGINT)
    }
    #expect(ending == .signal(SIGINT))
    #expect(
      terminal.lines.contains {
        $0.hasPrefix("Interrupted; nothing is damaged. The next 'kscmirror sync' continues where")
      },
      "\(terminal.lines)"
    )
    // What was written anew again and again is gone.
    #expect(!terminal.lines.contains { $0.contains("fetching") }, "\(terminal.lines)")
    world.server.answer { _ in .file }
    #expect(try await world.sync().status == 0)
  }
}
