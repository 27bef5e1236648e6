import ArgumentParser
import Collecting
import Console
import SystemPackage
import Views

/// `kscmirror receipt`
struct ReceiptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt",
    abstract: "Write a receipt of what this site holds now, for the connected side.",
    discussion: """
      An import writes one by itself; this is for a medium that could not be written to then, or after a rollback.

        kscmirror receipt
        kscmirror receipt --output /media/stick
      """
  )

  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("The folder to write it to too (default: it is kept in the store).", valueName: "folder"),
    completion: .directory
  )
  var folder: String?

  @OptionGroup var place: HereOption
  @OptionGroup var site: SiteOptions
  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("receipt", output, options, site.need) { context in
      try ReceiptJob(
        place.here(context),
        site: site.name(context),
        output: folder.map { FilePath($0) }
      ).run()
    } show: { receipt in
      let holds = receipt.snapshot.map { "snapshot \($0)" } ?? "nothing yet"
      Console.line(
        "receipt \(receipt.number) of site \(receipt.site), which holds \(holds): \(receipt.file ?? receipt.kept)"
      )
      if let medium = receipt.medium { Console.line("Written to \(medium.text). \(medium.advice)") }
    }
  }
}
