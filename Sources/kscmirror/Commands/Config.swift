import Adopting
import ArgumentParser
import Console
import MirrorConfiguration
import SystemPackage
import Upkeep

/// `kscmirror config`
struct Config: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the configuration, or make one.",
    subcommands: [Check.self, FromKUU.self]
  )

  /// `kscmirror config check`
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read the configuration, check every value, and say what it means.",
      discussion: """
        Nothing is fetched and nothing is changed.

          kscmirror config check --config /etc/kscmirror/kscmirror.toml
        """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("config check", output, options, .all) { context in
        try ConfigurationCheckJob(context).run()
      } show: { report in
        Console.lines(Console.table(report.lines.map { [$0.name, $0.value] }))
        Console.line("\(report.file): all good")
      }
    }
  }

  /// `kscmirror config from-kuu`
  struct FromKUU: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "from-kuu",
      abstract: "Turn the configuration of the vendor's Update Utility (updater.ini) into one of kscmirror.",
      discussion: """
        Source, products, proxy and index are taken over; what has no counterpart is listed, with what to do instead. \
        UTF-8, UTF-16 and the Windows code page 1251 are read. Passwords are not copied.

          kscmirror config from-kuu /opt/kuu/updater.ini
          kscmirror config from-kuu updater.ini --output /etc/kscmirror/kscmirror.toml
        """
    )

    @Argument(help: "The file updater.ini.", completion: .file(extensions: ["ini"]))
    var file: String

    @Option(
      name: .customLong("output"),
      help: ArgumentHelp(
        "Write the configuration to this file, which must not be there (default: print it).",
        valueName: "file"
      ),
      completion: .file()
    )
    var place: String?

    @Option(
      help: ArgumentHelp("The store in it (default: /var/lib/kscmirror).", valueName: "folder"),
      completion: .directory
    )
    var store: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("config from-kuu", output) { _ in
        try FromUpdateUtilityJob(
          FilePath(file),
          to: place.map { FilePath($0) },
          store: store.map { FilePath($0) } ?? Configuration.defaultStore
        ).run()
      } show: { report in
        guard let place = report.output else { return Console.lines(report.configuration) }
        for left in report.leftovers { Console.line("not taken over: \(left.setting): \(left.reason)") }
        Console.line("\(place): written; look it over, then run 'kscmirror config check --config \(place)'")
      }
    }
  }
}
