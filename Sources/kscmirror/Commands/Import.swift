import ArgumentParser
import MirrorJobs
import SystemPackage

/// `kscmirror import`
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify a bundle and publish what it holds, all at once.",
    discussion: """
      PATH is a folder with a bundle or one of a bundle's files. The medium is only read. Nothing is published
      before everything is verified; a bundle that is refused changes nothing.

        kscmirror import /media/stick
        kscmirror import --store /srv/kscmirror --dry-run /media/stick
      """
  )

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "A folder with a bundle, or a file of one.", completion: .file())
  var path: String

  @Option(
    help: ArgumentHelp("Import this snapshot, if several bundles are there (default: the newest).", valueName: "number")
  )
  var snapshot: Int?

  @Flag(help: "Import a bundle that is older than what is here.")
  var allowOlder = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Verify the bundle, and change nothing.")
  var dryRun = false

  func run() async throws {
    try await perform("import", output) { reporter in
      let job = ImportJob(
        store: try options.storeFolder(),
        path: FilePath(path),
        options: .init(snapshot: snapshot, allowOlder: allowOlder, dryRun: dryRun),
        reporter: reporter
      )
      return try job.run()
    } show: { report in
      let facts =
        "snapshot \(report.snapshot) of \(Timestamp.local(report.created)): \(Words.count(report.files, "file")), \(Words.bytes(report.bytes))"
      switch report.outcome {
      case .verified: Console.line("\(facts); all verified, nothing changed (dry run)")
      case .same where report.newObjects > 0:
        Console.line("\(facts); here already, \(Words.count(report.newObjects, "damaged object")) replaced")
      case .same: Console.line("\(facts); this is what is here already")
      case .published:
        Console.line(
          "\(facts); \(Words.count(report.newObjects, "new object")), \(Words.bytes(report.newBytes)); verified and published"
        )
      }
    }
  }
}
