import ArgumentParser
import Console
import Upkeep

/// `kscmirror config`
struct Config: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the configuration.",
    subcommands: [Check.self]
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
}
