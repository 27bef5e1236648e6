import ArgumentParser
import Backups
import Console
import MirrorTypes
import SystemPackage
import Views

/// `kscmirror restore`
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put back what a backup holds, into a store that has none of it.",
    discussion: """
      Run it as the user who runs kscmirror. Nothing is written over. Numbers of snapshots, metadata and parcels go on far \
      behind those of the backup, so that nothing is given twice.

        kscmirror restore /media/safe/kscmirror.backup
        kscmirror restore --missing kscmirror.backup   only what is lost, such as keys
        kscmirror restore --store /srv/kscmirror /media/safe/kscmirror.backup
      """
  )

  @Argument(help: "The file that 'kscmirror backup' wrote.", completion: .file())
  var file: String

  @OptionGroup var passphrase: PassphraseOptions

  @Flag(help: "Put back only what the store lacks, such as lost keys.")
  var missing = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("restore", output, options, .settings) { context in
      var context = context
      context.prompts.keyPassphrase = passphrase.source()
      return try RestoreJob(context, from: FilePath(file), onlyMissing: missing).run()
    } show: { report in
      Console.line(
        "\(report.store): \(Words.count(report.files, "file")) of \(Timestamp.local(report.created)) put back, \(Words.bytes(report.bytes))"
      )
      if missing { return }
      if report.hasKeys {
        Console.line("Now: kscmirror sync (the next snapshot is \(report.nextSnapshot)), then kscmirror pack.")
        Console.line("Collect the newest receipts of all sites: what they have beyond the backup is seen by those.")
      } else {
        Console.line("Now import the newest bundle: a full one, since nothing is here to build on ('pack --full').")
      }
    }
  }
}
