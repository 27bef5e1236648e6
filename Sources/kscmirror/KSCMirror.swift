import ArgumentParser
import Console
import Failures
import JobCore
import ServerCommands
import Watching

/// The command line.
@main
struct KSCMirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kscmirror",
    abstract: "Keeps antivirus servers without internet up to date.",
    discussion: """
      On a host with internet:

        kscmirror setup connected            once: configuration, keys, timers
        kscmirror sync                       fetch databases and updates
        kscmirror pack /media/stick          write them to a stick

      On the isolated server:

        kscmirror setup isolated             once: configuration
        kscmirror trust add /media/stick     once: trust the connected side
        kscmirror import /media/stick        verify what is there, and publish it

      kscmirror-guide(7) leads through the first day and every day; each command has a page, such as \
      kscmirror-pack(1); kscmirror.toml(5) has the configuration.
      """,
    version: Program.generator,
    groupedSubcommands: [
      CommandGroup(
        name: "Daily",
        subcommands: [
          Sync.self, Pack.self, Import.self, Collect.self, Site.self, Status.self, Doctor.self,
        ]
      ),
      CommandGroup(
        name: "Setup",
        subcommands: [
          SetupCommand.self, Keys.self, Trust.self, Products.self, Config.self, Adopt.self,
        ]
      ),
      CommandGroup(
        name: "Licences, KSN, files, demand",
        subcommands: [LicenceCommand.self, KSNCommand.self, ExchangeCommand.self, Parcel.self, Demand.self]
      ),
      CommandGroup(
        name: "Serving and watching",
        subcommands: [Serve.self, Export.self, Publish.self, PackageCommand.self, Check.self, MetricsCommand.self]
      ),
      CommandGroup(
        name: "Store and bundles",
        subcommands: [
          Inspect.self, BundleCommand.self, ReceiptCommand.self, Verify.self, Log.self, Diff.self, Why.self,
          Rollback.self, Prune.self, Backup.self, Restore.self,
        ]
      ),
    ]
  )

  /// Parses the command line and runs the command. A word that names no command, and an option that a command does not
  /// have, is answered here, with the nearest one.
  static func main() async {
    LostMemory.explain()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let words = words(of: Self.self)
    if let objection = words.objection(to: arguments) { refuse(objection) }
    let path = words.path(in: arguments)
    do {
      let command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        var command = command
        try command.run()
      }
    } catch {
      if let option = UnknownOption(message(for: error)) {
        let objection = CommandWords.objection(
          toOption: option.name,
          of: path,
          known: DescribedOptions.of(path, in: _dumpHelp())
        )
        if isPlugin(path) { refusePlugin("\(objection.message). \(objection.remedy)") }
        refuse(objection)
      }
      if isPlugin(path), exitCode(for: error) == .validationFailure { refusePlugin(message(for: error)) }
      exit(withError: error)
    }
  }

  /// Whether a command is one for monitoring, which knows no other statuses than 0 to 3, and shows the first line of the
  /// output.
  private static func isPlugin(_ words: [String]) -> Bool { words.dropFirst() == [Check._commandName] }

  private static func refusePlugin(_ reason: String) -> Never {
    Console.line(PluginLine(unknown: reason).text)
    exit(withError: ExitCode(WatchPoint.State.unknown.rawValue))
  }

  private static func refuse(_ objection: CommandWords.Objection) -> Never {
    Console.errorLine("kscmirror: \(objection.message)")
    Console.errorLine(objection.remedy)
    exit(withError: ExitCode(ExitStatus.usage.rawValue))
  }

  private static func words(of command: any ParsableCommand.Type) -> CommandWords {
    CommandWords(
      command._commandName,
      aliases: command.configuration.aliases,
      command.configuration.subcommands.map { words(of: $0) }
    )
  }
}
