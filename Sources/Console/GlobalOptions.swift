import ArgumentParser
import Failures
import Glibc
import JobCore
import MirrorConfiguration
import SystemPackage
import Watching

/// How a command talks.
package struct OutputOptions: ParsableArguments {
  @Flag(help: "Write one JSON object a line instead of text.")
  package var json = false

  @Flag(name: .shortAndLong, help: "Print nothing unless a person has to look at it.")
  package var quiet = false

  package init() {}
}

/// Which configuration and store a command works with. Flags beat the environment, which beats the file.
package struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read this configuration file (default: $KSCMIRROR_CONFIG, /etc/kscmirror/kscmirror.toml).",
      valueName: "file"
    ),
    completion: .file(extensions: ["toml"])
  )
  package var config: String?

  @Option(
    help: ArgumentHelp(
      "Use this store (default: $KSCMIRROR_STORE, the configuration's, /var/lib/kscmirror).",
      valueName: "folder"
    ),
    completion: .directory
  )
  package var store: String?

  package init() {}

  /// What a command needs of the configuration.
  package enum Need {
    /// No more than the store: where that is named, the configuration is not even read.
    case store
    /// Its settings; the defaults where there is none.
    case settings
    /// It has to be there.
    case all
  }

  /// What a job of this command has at hand. The configuration is read here, and nowhere else.
  package func context(_ need: Need, _ reporter: any JobReporter) throws(ConfigurationError) -> JobContext {
    context(try settings(need).configuration, reporter)
  }

  /// The same with a configuration that was read.
  package func context(_ configuration: Configuration, _ reporter: any JobReporter) -> JobContext {
    var configuration = configuration
    if let folder = overridingStore { configuration.store = folder }
    let prompts = SecretPrompts(
      serverPassword: Passphrase.askServerPassword,
      serverCode: Passphrase.askServerCode
    )
    return JobContext(configuration, prompts: prompts, reporter: reporter)
  }

  /// The configuration if one was named or the default one is there.
  package func optionalConfiguration() throws(ConfigurationError) -> Configuration? {
    if let file { return try Configuration(reading: file) }
    guard access(Configuration.defaultFile.string, F_OK) == 0 else { return nil }
    return try Configuration(reading: Configuration.defaultFile)
  }

  /// The store's folder as far as it can be told, for whoever must not fail.
  package var likelyStore: FilePath {
    overridingStore ?? (try? settings(.store))?.configuration.store ?? Configuration.defaultStore
  }

  /// The configuration, and whether it was read from a file.
  fileprivate func settings(_ need: Need) throws(ConfigurationError) -> (configuration: Configuration, isRead: Bool) {
    if need == .all { return (try Configuration(reading: file ?? Configuration.defaultFile), true) }
    if need == .store, let folder = overridingStore { return (Configuration(store: folder), false) }
    if let read = try optionalConfiguration() { return (read, true) }
    return (Configuration(store: Configuration.defaultStore), false)
  }

  private var file: FilePath? { (config ?? Self.environment("KSCMIRROR_CONFIG")).map { FilePath($0) } }

  private var overridingStore: FilePath? { (store ?? Self.environment("KSCMIRROR_STORE")).map { FilePath($0) } }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}

/// Which commands take something in from outside: what they refuse stands in the journal.
package enum Intake {
  /// Their names.
  static let commands: Set<String> = [
    "sync", "import", "collect", "pack", "trust add", "keys accept", "keys sign", "exchange receive", "exchange send",
    "licence import", "licence export", "ksn import", "ksn export", "ksn deliver", "demand ask", "package publish",
    "package plugin", "package agreements", "package mobile publish", "adopt",
  ]
}

/// Which commands leave a store as it is, so that any user may run them who may read it. All others are for its owner.
package enum ReadOnlyCommands {
  /// Their names.
  static let commands: Set<String> = [
    "bundle resplit", "config check", "config from-kuu", "demand show", "diff", "doctor", "exchange list",
    "export", "inspect", "keys create", "keys show", "licence list", "log", "metrics", "package list", "parcel list",
    "parcel show", "products", "serve", "site list", "site show", "status", "trust show", "verify", "why",
  ]
}

/// Runs a job for a command: hands it what it has at hand, shows its result, and ends the process as the job ended.
///
/// - Parameters:
///   - reports: of a command that runs by itself, as under cron: whether its failure is reported as [notify] says.
///   - changesNothing: whether nothing is written, as with `--dry-run`.
///   - isForOwner: whether it changes the store, of a command that does not as a rule.
package func perform<Result: Encodable>(
  _ command: String,
  _ output: OutputOptions,
  _ options: ConfigurationOptions,
  _ need: ConfigurationOptions.Need = .store,
  reports: Bool = false,
  changesNothing: Bool = false,
  isForOwner: Bool = false,
  isolation: isolated (any Actor)? = #isolation,
  job: (JobContext) async throws -> Result,
  status: (Result) -> ExitStatus = { _ in .success },
  show: (Result) -> Void
) async throws {
  var known: Configuration?
  try await run(
    command,
    output,
    job: { plain in
      let settings = try options.settings(need)
      if settings.isRead { known = settings.configuration }
      let context = options.context(settings.configuration, plain.reporter)
      if isForOwner || !ReadOnlyCommands.commands.contains(command) && !changesNothing {
        try StoreUser.refuseOthers(of: context.configuration.store, running: command)
      }
      guard Intake.commands.contains(command), !changesNothing else { return try await job(context) }
      return try await context.takingIn(command, job)
    },
    status: status,
    show: show,
    ended: { if reports { options.reportEnding(of: command, $0, $1, $2, by: known) } }
  )
}

/// Runs a job that needs neither a store nor a configuration, so that none is read: its context has the defaults.
package func perform<Result: Encodable>(
  _ command: String,
  _ output: OutputOptions,
  isolation: isolated (any Actor)? = #isolation,
  job: (JobContext) async throws -> Result,
  status: (Result) -> ExitStatus = { _ in .success },
  show: (Result) -> Void
) async throws {
  try await run(command, output, job: job, status: status, show: show, ended: { _, _, _ in })
}

/// - Parameter ended: gets how the command ended, what it said of a failure, and who reports.
private func run<Result: Encodable>(
  _ command: String,
  _ output: OutputOptions,
  isolation: isolated (any Actor)? = #isolation,
  job: (JobContext) async throws -> Result,
  status: (Result) -> ExitStatus,
  show: (Result) -> Void,
  ended: (ExitStatus, String, any JobReporter) -> Void
) async throws {
  let json = JSONReporter(command: command, quiet: output.quiet)
  let terminal = TerminalReporter(quiet: output.quiet)
  let reporter: any JobReporter = output.json ? json : terminal
  if !output.json { Interruption.explain(command, on: terminal) }
  do {
    let defaults = Configuration(store: Configuration.defaultStore)
    let result = try await job(JobContext(defaults, reporter: reporter))
    terminal.finish()
    let status = status(result)
    if output.json {
      json.write("result", result)
    } else if !output.quiet || status != .success && !terminal.hasWarned {
      // Nothing ends without a word but success: the report is then what somebody has to look at.
      show(result)
    }
    ended(status, status.summary, reporter)
    if status != .success { throw ExitCode(status.rawValue) }
  } catch let code as ExitCode {
    throw code
  } catch {
    terminal.finish()
    let failure = JobError(error)
    ended(failure.status, failure.description, reporter)
    throw fail(command, error, json: output.json ? json : nil)
  }
}

extension ConfigurationOptions {
  /// Reports that a command fails, or works again, if anybody is to get a report.
  ///
  /// - Parameter known: the command's configuration, if it has read one.
  fileprivate func reportEnding(
    of command: String,
    _ status: ExitStatus,
    _ message: String,
    _ reporter: any JobReporter,
    by known: Configuration?
  ) {
    // A configuration that cannot be read names nobody.
    guard let configuration = known ?? (try? optionalConfiguration()) ?? nil, configuration.notify.isUsed else {
      return
    }
    let isWatched = isatty(STDERR_FILENO) == 1
    FailureNotice(context(configuration, reporter)).take(command, status, message, isWatched: isWatched)
  }
}

/// Tells a failure, as text or as JSON, and gives the exit code that goes with it.
package func fail(_ command: String, _ error: any Error, json: JSONReporter?) -> ExitCode {
  let failure = JobError(error)
  if let json {
    json.write("error", FailureLine(failure))
  } else {
    Console.errorLine("kscmirror \(command): \(failure.message)")
    for line in failure.details { Console.errorLine("  \(line)") }
    if let remedy = failure.remedy { Console.errorLine(remedy) }
  }
  return ExitCode(failure.status.rawValue)
}

/// A failure as JSON.
package struct FailureLine: Encodable {
  let status: Int32
  let summary: String
  let message: String
  let details: [String]?
  let remedy: String?

  package init(_ error: JobError) {
    status = error.status.rawValue
    summary = error.status.summary
    message = error.message
    details = error.details.isEmpty ? nil : error.details
    remedy = error.remedy
  }
}
