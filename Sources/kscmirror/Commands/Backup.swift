import ArgumentParser
import Backups
import Console
import MirrorTypes
import SystemPackage
import Views

/// `kscmirror backup`
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write what of the store cannot be had again to a file, sealed with a pass phrase.",
    discussion: """
      Keys, trust, signed metadata, receipts and known sites, parcels, licences, KSN data, what was exchanged, the journal. \
      Databases and packages are not in it: the next sync or bundle brings them again. An older backup of that name is \
      replaced when the new one is whole.

        kscmirror backup /media/safe/kscmirror.backup
        kscmirror backup --passphrase-file /root/phrase /mnt/backup/kscmirror.backup
      """
  )

  @Argument(help: "The file to write.", completion: .file())
  var file: String

  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var place: HereOption
  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("backup", output, options, .settings) { context in
      var context = place.here(context)
      context.prompts.keyPassphrase = passphrase.source()
      return try BackupJob(context, to: FilePath(file)).run()
    } show: { report in
      Console.line(
        "\(report.file): \(Words.count(report.files, "file")), \(Words.bytes(report.size)), sealed with the pass phrase"
      )
      if !report.hasRootKey {
        Console.line("The root's private key is not in the store, and so not in the backup: keep a copy of it apart.")
      }
      if let medium = report.medium { Console.line("Written to \(medium.text). \(medium.advice)") }
    }
  }
}
