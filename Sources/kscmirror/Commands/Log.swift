import ArgumentParser
import Console
import Upkeep

/// `kscmirror log`
struct Log: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the journal: every import, refusal, rollback, bundle, receipt and change of keys.",
    discussion: """
      The journal's lines are chained by their digests; the chain is checked before anything is shown.

        kscmirror log
        kscmirror log --last 20
      """
  )

  @Option(help: ArgumentHelp("Show only so many entries.", valueName: "number"))
  var last: Int?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let last, last < 1 { throw ValidationError("--last has to be at least 1.") }
  }

  func run() async throws {
    try await perform("log", output, options) { context in
      try LogJob(context, last: last).run()
    } show: { report in
      for line in report.lines { Console.line(line) }
      if let position = report.position { Console.line("the chain is whole up to \(position)") }
    }
  }
}
