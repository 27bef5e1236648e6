import ArgumentParser
import Console
import Licences
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Views

/// `kscmirror licence`
package struct LicenceCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "licence",
    abstract: "List licences, carry what is known of them out of a site and keys in, and report on them.",
    discussion: """
      On the isolated side 'list' and 'export' ask the Administration Server; on the connected side 'import' takes in \
      what sites have exported and 'kscmirror collect' has brought, and 'list --from plant-7' shows it. 'send' carries \
      keys to a site, where 'import' installs them.
      """,
    subcommands: [List.self, Export.self, Send.self, Import.self],
    aliases: ["license"]
  )

  package init() {}

  /// `kscmirror licence list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List licences, the most urgent first.",
      discussion: """
        Ends with 112 when a licence ends within the days of --warn-days, is used up or paused, and with 113 when one \
        that is in use has run out or is blocked. For Nagios and other plugins of monitoring there is \
        'kscmirror check': one line, and 0 to 3; on the connected side it also judges the licences of sites.

          kscmirror licence list
          kscmirror licence list --warn-days 60 --csv
          kscmirror licence list --language ru --csv-for excel > licences.csv
          kesl-control -L --query --json | kscmirror licence list --kesl-control -
          kscmirror licence list --from plant-7
        """
    )

    @OptionGroup var source: LicenceSourceOptions
    @OptionGroup var warning: WarnDaysOption
    @OptionGroup var wording: LanguageOption
    @OptionGroup var table: CSVOption

    @Option(
      help: ArgumentHelp("Show what this site has reported (on the connected side).", valueName: "site"),
      completion: .sites
    )
    var from: String?

    @Flag(help: "Write a table with commas for spreadsheets.")
    var csv = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if from != nil, source.isGiven { throw ValidationError("--from goes with no other source.") }
      if csv || table.csvFor != nil, output.json { throw ValidationError("Either --csv or --json.") }
    }

    func run() async throws {
      try await perform("licence list", output, options, .all) { context in
        let context = wording.spoken(context)
        return try await LicenceListJob(
          context,
          origin: from.map { .site($0) } ?? source.origin,
          warnDays: warning.warnDays,
          csv: table.form(in: context.configuration.language)
        ).run()
      } status: { report in
        report.status
      } show: { report in
        if csv || table.csvFor != nil { return Console.write(Array(report.csv.utf8)) }
        Console.line(report.shownSummary)
        if !report.licences.isEmpty {
          Console.lines("\n" + Console.table(report.rows, rightAligned: [4, 5, 6, 7], below: [1, 2, 7]))
        }
        for file in report.files {
          Console.line("key file \(file.name), SHA-256 \(file.sha256 ?? "-")")
        }
      }
    }
  }

  /// `kscmirror licence export`
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal what is known of this site's licences in a parcel for the connected side.",
      discussion: """
        Who has bought a licence and where, and the devices that use it, stay at the site unless they are asked for; \
        what was left out is counted. The parcel is kept in the store until the connected side has it.

          kscmirror licence export --dry-run
          kscmirror licence export --output /media/stick
          kscmirror licence export --devices --output /media/stick
        """
    )

    @OptionGroup var source: LicenceSourceOptions
    @OptionGroup var medium: ParcelOutputOptions

    @Flag(help: "List the devices that use each key, under pseudonyms (default: the configuration's).")
    var devices = false

    @Flag(help: "List these devices by their own names.")
    var deviceNames = false

    @Flag(
      help: "Let personal data leave too: who has bought a licence and where, groups of devices, all other free texts."
    )
    var personal = false

    @Flag(help: "Let the bodies of keys leave too. They are secrets; the server has to allow it.")
    var withKeys = false

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would leave, and make no parcel.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("licence export", output, options, .all, changesNothing: dryRun) { context in
        var chosen = LicenceExportJob.Options()
        chosen.origin = source.origin
        chosen.devices = devices || deviceNames ? true : nil
        chosen.names = deviceNames ? true : nil
        chosen.personal = personal
        chosen.withKeys = withKeys
        chosen.output = medium.folder
        chosen.readBack = !medium.noReadBack
        chosen.dryRun = dryRun
        let job = LicenceExportJob(medium.settled(site.named(context)), options: chosen)
        return try await job.run { bytes in if !output.json { Console.write(bytes) } }
      } show: { report in
        ExportView.show(report)
      }
    }
  }
}

/// From where licences are read.
struct LicenceSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read the output of 'kesl-control -L --query --json' from this file, '-' for standard input.",
      valueName: "file"
    ),
    completion: .file()
  )
  var keslControl: String?

  @Option(
    help: ArgumentHelp("Read a folder of key files, by name and digest alone.", valueName: "folder"),
    completion: .directory
  )
  var keyFiles: String?

  @Option(help: ArgumentHelp("Read a document that was exported before.", valueName: "file"), completion: .file())
  var document: String?

  /// Whether one was chosen.
  var isGiven: Bool { keslControl != nil || keyFiles != nil || document != nil }

  /// The one that was chosen, or else the Administration Server.
  var origin: LicenceOrigin {
    if let keslControl { return .keslControl(keslControl == "-" ? nil : FilePath(keslControl)) }
    if let keyFiles { return .keyFiles(FilePath(keyFiles)) }
    if let document { return .export(FilePath(document)) }
    return .server
  }

  func validate() throws {
    guard [keslControl, keyFiles, document].count(where: { $0 != nil }) <= 1 else {
      throw ValidationError("Name one of --kesl-control, --key-files and --document.")
    }
  }
}

/// From when on a licence is worth a warning.
struct WarnDaysOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Warn of licences that end within so many days (default: the configuration's).",
      valueName: "days"
    )
  )
  var warnDays: Int?

  func validate() throws {
    if let warnDays, !(0...3650).contains(warnDays) { throw ValidationError("--warn-days has to be from 0 to 3650.") }
  }
}
