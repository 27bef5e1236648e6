import ArgumentParser
import Collecting
import Console
import SystemPackage
import Views

/// `kscmirror trust`
struct Trust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Decide whose bundles are accepted.",
    subcommands: [Add.self, Show.self]
  )

  /// `kscmirror trust add`
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trust a root whose fingerprint you learned over another channel.",
      discussion: """
        Without --fingerprint, shows the fingerprint that the file has, and trusts nothing. Compare it with what
        'kscmirror keys show' says on the connected side, over a telephone or on paper.

          kscmirror trust add /media/stick/kscmirror-000001/data/metadata/1.root.json
          kscmirror trust add /media/stick/kscmirror-000001/data/metadata/1.root.json --fingerprint "3f53 9a21 3e97 …"
        """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The root's file.", completion: .file(extensions: ["json"]))
    var file: String

    @Option(help: ArgumentHelp("The fingerprint that the root must have, with or without blanks.", valueName: "digits"))
    var fingerprint: String?

    @Flag(help: "Trust it in the place of the root that is trusted now.")
    var replace = false

    @OptionGroup var site: SiteOptions

    func run() async throws {
      try await perform("trust add", output, options, site.need) { context in
        try TrustJob(context, site: site.name(context))
          .add(FilePath(file), fingerprint: fingerprint, replace: replace)
      } show: { report in
        Console.line("trusted:")
        TrustView.show(report)
        TrustView.showSite(report)
      }
    }
  }

  /// `kscmirror trust show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show whose bundles are accepted, and by which key this site signs its receipts.",
      discussion: "  kscmirror trust show"
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var site: SiteOptions

    func run() async throws {
      try await perform("trust show", output, options, site.need) { context in
        try TrustJob(context, site: site.name(context)).show()
      } show: { report in
        TrustView.show(report)
        TrustView.showSite(report)
      }
    }
  }
}
