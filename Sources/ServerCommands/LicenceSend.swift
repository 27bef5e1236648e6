import ArgumentParser
import Console
import Licences
import MirrorTypes
import SystemPackage
import Views

extension LicenceCommand {
  /// `kscmirror licence send`
  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal licence keys in a delivery for one site (on the connected side).",
      discussion: """
        Only that site can open it. 'kscmirror pack --site' writes it beside the next bundle, or --output to a medium at \
        once; at the site 'import' or 'collect' takes it in, and 'licence import' installs the keys. \
        A file may hold a key, or an activation code, which the server there can use only with internet.

          kscmirror licence send --to plant-7 1A2B3C4D.key
          kscmirror licence send --to plant-7 --automatic --note "new press" *.key
        """
    )

    @Argument(help: "Key files.", completion: .file())
    var files: [String]

    @OptionGroup var medium: DeliveryOutputOptions

    @Option(help: ArgumentHelp("The site.", valueName: "site"), completion: .sites)
    var to: String

    @Flag(help: "Ask the server there to give the keys to devices by itself.")
    var automatic = false

    @Option(help: ArgumentHelp("What those who install them should know.", valueName: "text"))
    var note: String = ""

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would be sent, and make no delivery.")
    var dryRun = false

    @Flag(help: "Send files that do not look like a licence key or an activation code.")
    var anyway = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("licence send", output, options, .settings) { context in
        var chosen = KeySendJob.Options()
        chosen.files = files.map { FilePath($0) }
        chosen.site = to
        chosen.isAutomatic = automatic
        chosen.note = note
        chosen.output = medium.folder
        chosen.readBack = !medium.noReadBack
        chosen.dryRun = dryRun
        chosen.anyway = anyway
        return try KeySendJob(medium.settled(context), options: chosen).run()
      } show: { report in
        if report.dryRun { return Console.lines(report.contents) }
        Console.line("delivery \(report.number) for site \(report.site): \(Words.count(report.keys, "key"))")
        Console.line(
          report.folder.map { "wrote \($0)" }
            ?? "kept in the store; 'kscmirror pack --site \(report.site)' writes it beside the next bundle"
        )
      }
    }
  }
}
