import ArgumentParser
import Console
import Glibc
import MirrorConfiguration
import Setup
import SetupPlan
import SystemPackage

/// What both sides choose.
package struct SetupOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write this configuration (default: $KSCMIRROR_CONFIG, /etc/kscmirror/kscmirror.toml).",
      valueName: "file"
    ),
    completion: .file(extensions: ["toml"])
  )
  package var config: String?

  @Option(
    help: ArgumentHelp("The folder of the store (default: asked for, or /var/lib/kscmirror).", valueName: "folder"),
    completion: .directory
  )
  package var store: String?

  @Flag(help: "Ask nothing: what no option says is as usual.")
  package var yes = false

  @Flag(help: "Write over a configuration that is there; the one from before is kept beside it.")
  package var replace = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show the configuration, and change nothing.")
  package var dryRun = false

  package init() {}

  package func wishes(_ side: SetupAnswers.Side) -> SetupWishes {
    let named = config ?? getenv("KSCMIRROR_CONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    var wishes = SetupWishes(side, file: named.map { FilePath($0) } ?? Configuration.defaultFile)
    wishes.store = store.map { FilePath($0) }
    wishes.replaces = replace ? true : yes ? false : nil
    wishes.dryRun = dryRun
    return wishes
  }

  package func run(
    _ wishes: SetupWishes,
    _ output: OutputOptions,
    _ passphrase: @escaping @Sendable (FilePath, Bool) throws -> String?
  ) async throws {
    let command = "setup \(wishes.side.rawValue)"
    try await perform(command, output) { context in
      try await SetupJob(wishes, terminal: try terminal(output), passphrase: passphrase, reporter: context.reporter)
        .run()
    } show: { report in
      SetupView.show(report)
    }
  }

  /// Who is asked.
  private func terminal(_ output: OutputOptions) throws -> (any SetupTerminal)? {
    if yes { return nil }
    guard !output.json, isatty(STDIN_FILENO) == 1 else {
      throw NobodyToAsk()
    }
    return ConsoleTerminal()
  }
}

/// Asks on the terminal that the program was started from.
private struct ConsoleTerminal: SetupTerminal {
  func show(_ line: String) { Console.errorLine(line) }

  func line(_ prompt: String) -> String? {
    Console.prompt(prompt)
    return readLine(strippingNewline: true)
  }
}
