import ArgumentParser
import Console
import JobCore
import MirrorTypes
import ServerJobs
import Views

/// `kscmirror package`
package struct PackageCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "package",
    abstract: "Have the Administration Server's own Web server give out installers.",
    discussion: """
      Installers below packages/ of the current release become packages of the server of [administration_server], each \
      once, and its Web server gives them out.
      """,
    subcommands: [List.self, Publish.self, Unpublish.self, Agreements.self, Plugin.self, Mobile.self]
  )

  package init() {}

  /// `kscmirror package list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the release's installers, and what the server has of them.",
      discussion: """
          kscmirror package list
          kscmirror package list --json kes/setup.exe
        """
    )

    @Argument(help: "Paths below packages/ (default: all).")
    var paths: [String] = []

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("package list", output, options, .all) { context in
        try await PackageJob(context, paths).list()
      } show: { report in
        Console.lines(PackageView.table(report.packages))
        for package in report.packages { PackageView.showProofs(package) }
        if let folder = report.sharedFolder {
          Console.line("the server keeps packages in its shared folder \(folder)")
        }
      }
    }
  }

  /// `kscmirror package publish`
  struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make packages of installers, and have them given out.",
      discussion: """
        What the server has already is not sent again; a run that was stopped is gone on with. A package whose licence \
        agreement is not accepted waits: read it, and accept it by name or at the terminal. --yes accepts none.

          kscmirror package publish kes/setup.exe --arguments "/s"
          kscmirror package publish kesl.tar.gz --accept-agreement kesl-12.1-eula-en
          kscmirror package publish --all --dry-run
        """
    )

    @Argument(help: "Paths below packages/.")
    var paths: [String] = []

    @OptionGroup var consent: PackageConsent

    @Flag(help: "All files below packages/.")
    var all = false

    @Option(help: ArgumentHelp("What of an archive without a description (.kpd) is run.", valueName: "file"))
    var executable: String?

    @Option(help: ArgumentHelp("What the installer is run with.", valueName: "text"))
    var arguments: String?

    @Option(
      name: .customLong("accept-agreement"),
      help: ArgumentHelp(
        "Accept this agreement of the packages: its name, number, or 16 digits or more of its SHA-256.",
        valueName: "agreement"
      )
    )
    var agreements: [String] = []

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if all == !paths.isEmpty { throw ValidationError("Name paths below packages/, or --all.") }
    }

    func run() async throws {
      try await perform("package publish", output, options, .all, changesNothing: consent.dryRun) { context in
        let job = PackageJob(context, paths) { chosen in
          chosen.executable = executable
          chosen.arguments = arguments
          chosen.dryRun = consent.dryRun
          chosen.agreements = agreements
        }
        return try await job.publish(
          confirm: { try consent.confirm($0, "publish", output) },
          agree: consent.canAsk(output) ? { try PackageConsent.ask($0, $1) } : nil
        )
      } show: { report in
        AgreementView.show(report)
        PackageView.show(report, "published", "publish")
      }
    }
  }

  /// `kscmirror package unpublish`
  struct Unpublish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop offering installers; the packages stay on the server.",
      discussion: "  kscmirror package unpublish kes/setup.exe"
    )

    @Argument(help: "Paths below packages/.")
    var paths: [String]

    @OptionGroup var consent: PackageConsent
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("package unpublish", output, options, .all) { context in
        let job = PackageJob(context, paths) { $0.dryRun = consent.dryRun }
        return try await job.unpublish { try consent.confirm($0, "unpublish", output) }
      } show: { report in
        PackageView.show(report, "unpublished", "unpublish")
      }
    }
  }
}

/// Whether to ask.
struct PackageConsent: ParsableArguments {
  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would be done, and change nothing.")
  var dryRun = false

  func confirm(_ packages: [ShelvedPackage], _ what: String, _ output: OutputOptions) throws -> Bool {
    if yes { return true }
    return try Consent.ask(
      "\(what.capitalized) on the Administration Server?",
      showing: PackageView.table(packages),
      output,
      refusal: "there is no terminal to ask on whether to \(what) \(Words.count(packages.count, "installer"))"
    )
  }
}

extension PackageJob {
  /// A job on installers, with what a command has chosen.
  init(_ context: JobContext, _ paths: [String], _ choose: (inout Options) -> Void = { _ in }) {
    var chosen = Options()
    chosen.paths = paths
    choose(&chosen)
    self.init(context, options: chosen)
  }
}
