import Adopting
import ArgumentParser
import Console
import MirrorTypes
import SystemPackage

/// `kscmirror adopt`
struct Adopt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take the files of an update tree that is here already into the store, so that sync need not fetch them.",
    discussion: """
      FOLDER holds 'index', 'bases' and 'updates': the result of the vendor's Update Utility, a copy of an Administration \
      Server's share, a folder that was exported before. It is only read. Nothing is published or trusted: the next sync \
      compares each file with what the server's indexes say, and fetches what differs.

        kscmirror adopt --dry-run /srv/old-mirror/Updates
        kscmirror adopt /srv/old-mirror/Updates && kscmirror sync
      """
  )

  @Argument(help: "The folder with the update tree.", completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("The source whose files they are (default: the only one of kind kaspersky).", valueName: "name")
  )
  var source: String?

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be taken; do nothing.")
  var dryRun = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("adopt", output, options, .all, changesNothing: dryRun) { context in
      try AdoptJob(context, from: FilePath(folder), options: .init(source: source, dryRun: dryRun)).run()
    } show: { report in
      let files = "\(Words.count(report.files, "file")), \(Words.bytes(report.bytes))"
      let rest = "\(Words.count(report.known)) known before, \(Words.count(report.ignored)) ignored"
      if report.dryRun {
        Console.line("would take \(files) of \(report.folder) for source \(report.source); \(rest)")
      } else {
        let new = "\(Words.count(report.newObjects, "new object")), \(Words.bytes(report.newBytes))"
        Console.line("took \(files) of \(report.folder) for source \(report.source): \(new); \(rest)")
        Console.line("nothing is published: 'kscmirror sync' verifies them, and fetches what differs")
      }
    }
  }
}
