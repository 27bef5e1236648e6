import ArgumentParser
import Console
import JobCore
import Licences
import MirrorTypes
import SystemPackage
import Views

extension LicenceCommand {
  /// `kscmirror licence import`
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "On the connected side, use what sites have exported; at a site, install keys that were delivered.",
      discussion: """
        'kscmirror collect' brings the parcels; each is used once. Reports are a page for the browser, a text, a table \
        for spreadsheets and JSON, one of each for a site.

        At a site, keys come in deliveries, beside bundles or alone ('licence send' makes them). They are shown, and \
        installed on the Administration Server when somebody says so; none is installed twice.

          kscmirror licence import
          kscmirror licence import --report /srv/www/licences
          kscmirror licence import --report /srv/www --language es --csv-for excel
          kscmirror licence import --dry-run
        """
    )

    @OptionGroup var warning: WarnDaysOption
    @OptionGroup var wording: LanguageOption
    @OptionGroup var table: CSVOption

    @Option(help: ArgumentHelp("Write reports to this folder.", valueName: "folder"), completion: .directory)
    var report: String?

    @Flag(help: "Install keys without asking.")
    var yes = false

    @Flag(
      inversion: .prefixedNo,
      help: "Have the server give the keys to devices by itself, or not (default: as was asked for with the keys)."
    )
    var automatic: Bool?

    @Flag(help: "Install keys again that were installed before.")
    var again = false

    @Option(
      help: ArgumentHelp("Put the keys of this delivery away without installing them.", valueName: "number")
    )
    var dismiss: [Int64] = []

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what was collected, and change nothing.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if table.csvFor != nil, report == nil {
        throw ValidationError("--csv-for needs --report, whose tables it is for.")
      }
    }

    func run() async throws {
      try await perform("licence import", output, options, .all, changesNothing: dryRun) { context in
        let context = wording.spoken(site.named(context))
        var result = try LicenceImportJob(
          context,
          reports: report.map { FilePath($0) },
          csv: table.form(in: context.configuration.language),
          warnDays: warning.warnDays,
          dryRun: dryRun
        ).run()
        var chosen = KeyInstallJob.Options()
        (chosen.again, chosen.isAutomatic, chosen.dismissed, chosen.dryRun) = (again, automatic, dismiss, dryRun)
        let keys = KeyInstallJob(context, options: chosen)
        result.keys = try await keys.run(confirm: confirm)
        return result
      } status: { report in
        report.status == .success ? report.keys?.status ?? .success : report.status
      } show: { report in
        show(report)
      }
    }

    // MARK: - Asking

    private func confirm(_ plan: KeyInstallPlan) throws -> Bool {
      if yes { return true }
      let keys = Words.count(plan.keys.count { $0.isDue }, "key")
      return try Consent.ask(
        "Install on the Administration Server?",
        showing: Self.table(plan),
        output,
        refusal: "\(keys) would be installed, and there is no terminal to ask on"
      )
    }

    // MARK: - Showing

    private func show(_ report: LicenceImportReport) {
      if let keys = report.keys { Self.show(keys) }
      if report.parcels.isEmpty && report.keys == nil {
        Console.line("no parcel with licences, and no delivery with keys, was collected since the last time")
      }
      for parcel in report.parcels {
        Console.line("\(report.dryRun ? "would take" : "took") parcel \(parcel.number) of site \(parcel.site)")
      }
      for site in report.sites {
        Console.line("\(site.list.site), as of \(site.list.made): \(site.list.shownSummary)")
        for change in site.shownChanges { Console.line("  \(change)") }
      }
      for file in report.files { Console.line("wrote \(file)") }
    }

    private static func show(_ report: KeyInstallReport) {
      if report.dryRun { return Console.lines(table(report.plan)) }
      for key in report.plan.keys {
        guard case .installed(let serial, let time) = key.state else { continue }
        Console.line(
          "\(key.name) was installed before as \(serial), on \(Timestamp.local(time))"
        )
      }
      for key in report.installed {
        let automatic = key.isAutomatic ? "; the server gives it to devices by itself" : ""
        Console.line("installed \(key.name) as \(key.serial)\(automatic)")
      }
      for key in report.failed {
        Console.errorLine("\(key.name) of delivery \(key.delivery): \(key.message)")
      }
      if !report.isConfirmed && !report.plan.isEmpty { Console.line("nothing was installed") }
    }

    private static func table(_ plan: KeyInstallPlan) -> String {
      let rows = plan.keys.map { key in
        [
          "\(key.delivery)", key.name, key.kind == "key-file" ? "key file" : "activation code",
          key.sha256.map { String($0.prefix(16)) + "…" } ?? "-", key.isAutomatic ? "yes" : "no", state(key.state),
          key.note,
        ]
      }
      let head = ["delivery", "key", "kind", "SHA-256", "automatic", "state", "note"]
      return Console.table([head] + rows, rightAligned: [0], below: [2, 3, 6])
    }

    private static func state(_ state: KeyInstallPlan.State) -> String {
      switch state {
      case .new: "to be installed"
      case .interrupted: "was interrupted"
      case .installed(let serial, _): "here already as \(serial)"
      }
    }
  }
}
