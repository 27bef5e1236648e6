import ArgumentParser
import Console
import Exporting
import MirrorTypes
import SystemPackage

/// `kscmirror export`
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the update tree of the current release as plain files, for those that read a folder.",
    discussion: """
      FOLDER then holds 'index', 'bases' and 'updates', as the vendor's servers do: for endpoints and servers that read a \
      folder, a share, a disc or a stick directly. The new tree is built beside it, in a hidden folder, and takes its \
      place in one step: whoever reads sees the old tree or the new one. Only what has changed is written, and read back.

        kscmirror export /srv/updates/tree
        kscmirror export --dry-run /media/stick/Updates
        kscmirror verify --vendor /srv/updates/tree
      """
  )

  @Argument(help: "The folder; what lies around it has to be there.", completion: .directory)
  var folder: String

  @Flag(help: "Replace a folder that holds something else; all that lies in it is removed.")
  var replace = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be written and removed; do nothing.")
  var dryRun = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("export", output, options) { context in
      try ExportJob(context, to: FilePath(folder), options: .init(replaces: replace, dryRun: dryRun)).run()
    } show: { report in
      let tree = "release \(report.release), \(Words.count(report.files, "file")), \(Words.bytes(report.bytes))"
      guard !report.isSame else { return Console.line("\(report.folder) holds it already: \(tree)") }
      let written = "\(Words.count(report.written, "file")), \(Words.bytes(report.writtenBytes))"
      let rest = "\(Words.count(report.kept)) unchanged, \(Words.count(report.removed)) removed"
      if report.dryRun {
        Console.line("\(report.folder): \(tree): would write \(written); \(rest); nothing changed (dry run)")
      } else {
        Console.line("\(report.folder): \(tree): wrote \(written); \(rest); verified and switched")
      }
    }
  }
}
