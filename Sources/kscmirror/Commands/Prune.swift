import ArgumentParser
import Console
import MirrorTypes
import Upkeep

/// `kscmirror prune`
struct Prune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove old snapshots, and the objects that none of the others needs.",
    discussion: """
      The current release always stays, and so does a snapshot that a site holds by its newest receipt, since the next \
      bundle for that site builds on it ('kscmirror site forget' frees it).

        kscmirror prune --keep 5 --dry-run
      """
  )

  @Option(
    help: ArgumentHelp("Keep this many of the newest snapshots (default: the configuration's, 5).", valueName: "count")
  )
  var keep: Int?

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be removed, and remove nothing.")
  var dryRun = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let keep, keep < 1 { throw ValidationError("--keep has to be at least 1.") }
  }

  func run() async throws {
    try await perform("prune", output, options, keep == nil ? .settings : .store, reports: true) { context in
      try PruneJob(context, keep: keep ?? context.configuration.keep, dryRun: dryRun).run()
    } show: { report in
      let verb = report.dryRun ? "would remove" : "removed"
      let snapshots = report.snapshots.map(String.init).joined(separator: ", ")
      Console.line(
        "\(verb) \(report.snapshots.isEmpty ? "no snapshot" : "snapshots \(snapshots)"), \(Words.count(report.objects, "object")), \(Words.bytes(report.bytes))"
      )
      for kept in report.keptForSites {
        Console.line(
          "\(report.dryRun ? "would keep" : "kept") snapshot \(kept.snapshot): the next bundle for \(kept.sites.joined(separator: ", ")) builds on it"
        )
      }
    }
  }
}
