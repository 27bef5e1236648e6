import ArgumentParser
import Collecting
import Console
import MirrorTypes
import Parcels
import Sites
import SystemPackage
import Views
import Watching

/// `kscmirror site`
struct Site: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what the known sites hold and lack; rename or forget one.",
    subcommands: [List.self, Show.self, Rename.self, Forget.self]
  )

  /// `kscmirror site list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what each site holds, how old that is, and what the next bundle would weigh.",
      discussion: """
          kscmirror site list
          kscmirror site list --json
        """
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("site list", output, options, .settings) { context in
        try SiteListJob(context).run()
      } show: { report in
        guard !report.sites.isEmpty else {
          return Console.line("no site is known here yet: collect a receipt with 'kscmirror collect'")
        }
        let head = [
          "site", "snapshot", "sealed", "databases of", "receipt of", "free there", "next bundle", "packed last",
        ]
        Console.lines(Console.table([head] + report.sites.map(SiteView.row), rightAligned: [1], below: [2, 4, 5, 7]))
      }
    }
  }

  /// `kscmirror site show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show all that is known of a site.",
      discussion: "  kscmirror site show plant-7"
    )

    @Argument(help: "The site.", completion: .sites)
    var name: String

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("site show", output, options, .settings) { context in
        try SiteListJob(context).show(name)
      } show: { report in
        SiteView.show(report)
      }
    }
  }

  /// `kscmirror site rename`
  struct Rename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call a site by another name, after its own configuration was changed.",
      discussion: """
        What is known of it stays: its key, its receipts, what was packed for it.

          kscmirror site rename planta-sur planta-norte
        """
    )

    @Argument(help: "The site, by its old name.")
    var name: String

    @Argument(help: "Its new name.")
    var newName: String

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be renamed, and change nothing.")
    var dryRun = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("site rename", output, options) { context in
        try SiteRenameJob(context, name: name, to: newName, dryRun: dryRun).run()
      } show: { report in
        Console.line(
          "site \(report.formerly) \(report.dryRun ? "would be" : "is") called \(report.site)\(report.dryRun ? "" : " now")"
        )
      }
    }
  }

  /// `kscmirror site forget`
  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget a site, so that nothing is kept for it.",
      discussion: """
        Its next receipt is one of an unknown site again.

          kscmirror site forget plant-7 --dry-run
        """
    )

    @Argument(help: "The site.", completion: .sites)
    var name: String

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be forgotten, and forget nothing.")
    var dryRun = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("site forget", output, options) { context in
        try SiteForgetJob(context, name: name, dryRun: dryRun).run()
      } show: { report in
        let lost =
          report.unusedParcels > 0 ? "; \(Words.count(report.unusedParcels, "unused parcel")) of it went too" : ""
        let freed = (report.base.map { "; snapshot \($0) is no longer kept for it" } ?? "") + lost
        Console.line("\(report.dryRun ? "would forget" : "forgot") site \(report.site)\(freed)")
      }
    }
  }
}

/// Sites as people read them.
enum SiteView {
  /// The line of a site in the list.
  static func row(_ site: SiteFacts) -> [String] {
    [
      site.name, site.snapshot.map(String.init) ?? "none", site.sealed.map(time) ?? "-", databases(site),
      site.written.map(time) ?? "-",
      site.freeBytes.map(Words.bytes) ?? "-", next(site.next), site.packed.map(packed) ?? "nothing",
    ]
  }

  /// A point in time, and how long ago it was.
  private static func time(_ time: UTCTime) -> String {
    let age = Double(Timestamp.now.seconds(since: time))
    return Timestamp.local(time) + (age >= 60 ? " (\(Words.duration(age)) ago)" : "")
  }

  /// How old what is published at a site is, by the date of its indexes.
  private static func databases(_ site: SiteFacts) -> String {
    guard let age = site.age else { return "-" }
    return AgeView.text(site.indexDate, age)
  }

  private static func next(_ bundle: SiteFacts.NextBundle?) -> String {
    guard let bundle else { return "-" }
    if bundle.base == bundle.snapshot { return "nothing new" }
    let weight = "at most \(Words.bytes(bundle.bytes)), \(Words.count(bundle.objects, "file"))"
    return bundle.base == nil ? "full, \(weight)" : weight
  }

  private static func packed(_ packed: PackedForSite) -> String {
    "\(packed.bundle), \(Words.bytes(packed.bytes)), \(Timestamp.local(packed.time))"
  }

  static func show(_ report: SiteReport) {
    let facts = report.facts
    Console.line("site \(facts.name), known since \(Timestamp.local(report.since))")
    Console.line("fingerprint of its key:")
    KeysView.show(report.fingerprint)
    if let snapshot = facts.snapshot, let sealed = facts.sealed {
      Console.line("current: snapshot \(snapshot), sealed \(time(sealed))")
      Console.line("databases of: \(databases(facts))")
    } else {
      Console.line("nothing is published there yet")
    }
    showForecast(facts.forecast)
    if let free = facts.freeBytes { Console.line("free there: \(Words.bytes(free))") }
    Console.line("next bundle: \(next(facts.next))\(facts.next?.base.map { ", from snapshot \($0)" } ?? "")")
    Console.line("packed last: \(facts.packed.map(packed) ?? "nothing")")
    if let program = report.program {
      Console.line("program: \(program), which reads bundles up to format \(report.bundleFormat)")
    }
    if let version = report.metadataVersion { Console.line("imported last: metadata version \(version)") }
    Console.line("it trusts the root")
    KeysView.show(report.root)
    if let demand = report.demand { DemandView.show(demand, heading: "it manages") }
    showTables(report)
  }

  private static func showForecast(_ forecast: SiteForecast) {
    let dates = [("old", forecast.old), ("very old", forecast.veryOld), ("expired", forecast.expires)]
    let known = dates.compactMap { word, time in time.map { "\(word) on \(Timestamp.local($0))" } }
    guard !known.isEmpty else { return }
    Console.line("without a newer bundle: \(known.joined(separator: ", "))")
    if let leave = forecast.leave { Console.line("the next stick must leave by \(Timestamp.local(leave))") }
  }

  private static func showTables(_ report: SiteReport) {
    let held = report.held.map { ["\($0.snapshot)", $0.isHere ? "yes" : "no", $0.tree] }
    if !held.isEmpty {
      Console.line()
      Console.lines(Console.table([["holds", "here too", "tree"]] + held, rightAligned: [0]))
    }
    let receipts = report.receipts.map {
      [
        "\($0.number)", $0.snapshot.map(String.init) ?? "none", Timestamp.local($0.written),
        Timestamp.local($0.received),
        Words.bytes($0.freeBytes),
      ]
    }
    Console.line()
    Console.lines(
      Console.table([["receipt", "snapshot", "written", "came here", "free there"]] + receipts, rightAligned: [0, 1])
    )
    if !report.parcels.isEmpty {
      Console.line()
      Console.lines(ParcelView.table(report.parcels))
    }
    if let missing = report.missingParcels { Console.line(missing.text) }
  }
}
