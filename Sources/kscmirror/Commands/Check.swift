import ArgumentParser
import Console
import JobCore
import MirrorConfiguration
import SystemPackage
import Upkeep
import Watching

/// `kscmirror check`
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judge this installation for Nagios, Icinga or Zabbix: one line, and 0, 1, 2 or 3.",
    discussion: """
      Ends with 0 when all is well, with 1 for a warning, with 2 for what is critical, and with 3 when it cannot be said. \
      Limits are two times, for a warning and for what is critical; those that are not given are the configuration's.

        kscmirror check
        kscmirror check --age 3d,7d --sync 6h,1d --component KDB
        kscmirror check --receipt 14d,30d --json
      """
  )

  @Option(help: ArgumentHelp("Limits for the age of databases, by the date in their index.", valueName: "times"))
  var age: String?

  @Option(
    name: .customLong("component"),
    help: ArgumentHelp("Judge this component's age by its own index too; may be repeated.", valueName: "name")
  )
  var components: [String] = []

  @Option(help: ArgumentHelp("Limits for the time since the last successful sync.", valueName: "times"))
  var sync: String?

  @Option(
    name: .customLong("import"),
    help: ArgumentHelp("Limits for the time since the last successful import.", valueName: "times")
  )
  var imported: String?

  @Option(help: ArgumentHelp("Limits for the time since a site's last receipt.", valueName: "times"))
  var receipt: String?

  @Option(help: ArgumentHelp("Limits for the time left until signatures expire, such as 7d,1d.", valueName: "times"))
  var expiry: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, text) in [("age", age), ("sync", sync), ("import", imported), ("receipt", receipt)] {
      if let text, WatchSettings.Limits(text) == nil {
        throw ValidationError("--\(name) needs two times such as 3d,7d; the second is the longer one.")
      }
    }
    if let expiry, WatchSettings.Limits(expiry, falling: true) == nil {
      throw ValidationError("--expiry needs two times such as 7d,1d; the first is the longer one.")
    }
  }

  func run() async throws {
    let report: CheckReport
    do {
      var context = try options.context(.settings, JSONReporter(command: "check", quiet: true))
      context.configuration.watch = settings(context.configuration.watch)
      report = try CheckJob(context).run()
    } catch {
      throw unknown(JobError(error))
    }
    if output.json {
      JSONReporter(command: "check", quiet: output.quiet).write("result", report)
    } else if !output.quiet || report.state > .ok {
      Console.line(report.line)
    }
    if report.state != .ok { throw ExitCode(report.state.rawValue) }
  }

  /// What monitoring shows where nothing can be said.
  private func unknown(_ failure: JobError) -> ExitCode {
    if output.json {
      JSONReporter(command: "check", quiet: output.quiet).write("error", FailureLine(failure))
    } else {
      Console.line(PluginLine(unknown: failure.description).text)
    }
    return ExitCode(WatchPoint.State.unknown.rawValue)
  }

  /// What the command line says beats the configuration.
  private func settings(_ configured: WatchSettings) -> WatchSettings {
    var settings = configured
    settings.age = age.flatMap { WatchSettings.Limits($0) } ?? settings.age
    settings.sync = sync.flatMap { WatchSettings.Limits($0) } ?? settings.sync
    settings.import = imported.flatMap { WatchSettings.Limits($0) } ?? settings.import
    settings.receipt = receipt.flatMap { WatchSettings.Limits($0) } ?? settings.receipt
    settings.expiry = expiry.flatMap { WatchSettings.Limits($0, falling: true) } ?? settings.expiry
    if !components.isEmpty { settings.components = components }
    return settings
  }
}
