import ArgumentParser
import MirrorJobs

/// `kscmirror rollback`
struct Rollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish an earlier snapshot again, by one rename.",
    discussion: """
        kscmirror rollback          the release before the current one
        kscmirror rollback 41
      """
  )

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The snapshot to publish (default: the one published before).")
  var snapshot: Int?

  func run() async throws {
    try await perform("rollback", output) { _ in
      try RollbackJob(
        store: try options.storeFolder(),
        snapshot: snapshot,
        trust: try options.optionalConfiguration()?.trust ?? .init()
      ).run()
    } show: { report in
      Console.line("current: snapshot \(report.current) (before: \(report.previous.map(String.init) ?? "none"))")
    }
  }
}
