import ArgumentParser
import Console
import KSN
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Views

/// `kscmirror ksn`
package struct KSNCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "ksn",
    abstract: "Carry what concerns Kaspersky Security Network out of a site, and hand statistics over.",
    discussion: """
      On the isolated side 'export' asks the Administration Server and takes bodies of statistics from a spool; on the \
      connected side 'import' takes in what sites have exported and 'kscmirror collect' has brought, and 'deliver' hands \
      the statistics to KSN by an Administration Server with internet.

      The vendor documents no file format for KSN's data to be carried by hand: what is exported is kscmirror's own.
      """,
    subcommands: [Export.self, Import.self, Deliver.self]
  )

  package init() {}

  /// `kscmirror ksn export`
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal how this site stands with KSN, and statistics, in a parcel for the connected side.",
      discussion: """
        Of bodies of statistics only the members leave that are on the list (see fields in [ksn]), and texts in these if \
        they are measures; the rest stays at the site, and is counted. A body that went into a parcel goes into no second one, unless it has changed.

          kscmirror ksn export --dry-run
          kscmirror ksn export --output /media/stick
          kscmirror ksn export --no-server --spool /var/spool/ksn --clear-confirmed
        """
    )

    @OptionGroup var medium: ParcelOutputOptions

    @Option(
      help: ArgumentHelp(
        "Take bodies of statistics, NAME.json each, from this folder (default: the configuration's).",
        valueName: "folder"
      ),
      completion: .directory
    )
    var spool: String?

    @Flag(help: "Ask no Administration Server: export the spool alone.")
    var noServer = false

    @Option(
      help: ArgumentHelp(
        "Report date and digest of this configuration of Private KSN, and nothing of its content.",
        valueName: "file"
      ),
      completion: .file()
    )
    var privateKsn: String?

    @Flag(help: "Let personal data leave too: who provides a Private KSN, and texts that were not checked.")
    var personal = false

    @Flag(help: "Send also bodies that went into a parcel before.")
    var again = false

    @Flag(help: "Remove bodies from the spool that are known to have arrived on the connected side.")
    var clearConfirmed = false

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would leave, and make no parcel.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("ksn export", output, options, .all, changesNothing: dryRun) { context in
        var chosen = KSNExportJob.Options()
        chosen.server = !noServer
        chosen.spool = spool.map { FilePath($0) }
        chosen.privateKSN = privateKsn.map { FilePath($0) }
        chosen.personal = personal
        chosen.again = again
        chosen.clearConfirmed = clearConfirmed
        chosen.output = medium.folder
        chosen.readBack = !medium.noReadBack
        chosen.dryRun = dryRun
        let job = KSNExportJob(medium.settled(site.named(context)), options: chosen)
        return try await job.run { name, bytes in
          guard !output.json else { return }
          Console.line("==> ksn/\(name)")
          Console.write(bytes)
          if bytes.last != UInt8(ascii: "\n") { Console.line() }
        }
      } status: { report in
        report.status
      } show: { report in
        KSNView.show(report)
      }
    }
  }

  /// `kscmirror ksn import`
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take in what sites have exported, and say what changed; or have a Private KSN configuration verified.",
      discussion: """
        On the connected side: 'kscmirror collect' brings the parcels; each is used once.

        On the isolated side, with --private-ksn: the Administration Server verifies a configuration of Private KSN, and \
        its provider, dates, statement and digest are shown. Nothing is changed: the Open API documents no call that \
        sets a configuration. That is done in the server's console, with the same file.

          kscmirror ksn import
          kscmirror ksn import --private-ksn /media/stick/kpsn.pkcs7
        """
    )

    @Option(
      help: ArgumentHelp(
        "Have the Administration Server verify this configuration of Private KSN, and change nothing.",
        valueName: "file"
      ),
      completion: .file()
    )
    var privateKsn: String?

    @Option(help: ArgumentHelp("With --private-ksn: show the statement in this language.", valueName: "language"))
    var language = "en"

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      let isWord = language.utf8.allSatisfy { (0x30...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
      guard (1...16).contains(language.utf8.count), isWord else {
        throw ValidationError("--language has to be a language such as 'en' or 'ru'.")
      }
    }

    func run() async throws {
      if let privateKsn { return try await verify(FilePath(privateKsn)) }
      try await perform("ksn import", output, options, .all) { context in
        try KSNImportJob(context).run()
      } status: { report in
        report.status
      } show: { report in
        KSNView.show(report)
      }
    }

    private func verify(_ file: FilePath) async throws {
      try await perform("ksn import", output, options, .all) { context in
        try await KSNVerifyJob(context, file: file, language: language).run()
      } show: { report in
        KSNView.show(report)
      }
    }
  }

  /// `kscmirror ksn deliver`
  struct Deliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand the statistics that sites have sent to KSN, by an Administration Server with internet.",
      discussion: """
        Each body is handed over once. One whose fate nobody knows, since the run that delivered it was interrupted, is \
        told, and sent again only with --retry-unknown. A server that sends no statistics is given none.

          kscmirror ksn deliver --dry-run
          kscmirror ksn deliver
        """
    )

    @Option(
      help: ArgumentHelp("Hand over what this site has sent (default: all sites).", valueName: "site"),
      completion: .sites
    )
    var from: String?

    @Flag(help: "Hand over again bodies of which it is unknown whether KSN has them.")
    var retryUnknown = false

    @Flag(
      name: [.customLong("dry-run"), .customShort("n")],
      help: "Tell what would be handed over, and ask no server."
    )
    var dryRun = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if let from, !SiteName.isValid(from) { throw ValidationError("--from \(SiteName.rule).") }
    }

    func run() async throws {
      try await perform("ksn deliver", output, options, .all, changesNothing: dryRun) { context in
        var chosen = KSNDeliverJob.Options()
        chosen.site = from
        chosen.retryUnknown = retryUnknown
        chosen.dryRun = dryRun
        return try await KSNDeliverJob(context, options: chosen).run()
      } status: { report in
        report.status
      } show: { report in
        KSNView.show(report)
      }
    }
  }
}
