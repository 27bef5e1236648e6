import ArgumentParser
import Console
import Demand
import Mirroring
import MirrorTypes
import Sites
import SystemPackage

/// `kscmirror demand`
struct Demand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask what a site's devices really have, and show which site wants what.",
    discussion: """
      On the isolated side 'ask' asks the Administration Server; each receipt that is written afterwards carries the \
      answer. On the connected side sources with products = "as reported" carry what the sites need, and 'show' tells \
      what that is.
      """,
    subcommands: [Ask.self, Show.self]
  )

  /// `kscmirror demand ask`
  struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask the Administration Server which applications its devices have, for the next receipts.",
      discussion: """
        Names of applications, their versions and counts of devices leave the site; names of devices do not.

          kscmirror demand ask --dry-run
          kscmirror demand ask && kscmirror receipt --output /media/stick
        """
    )

    @Option(
      help: ArgumentHelp(
        "Ask for so many devices one by one; others are known by their licences (default: \(DemandAskJob.defaultDevices)).",
        valueName: "count"
      )
    )
    var devices = DemandAskJob.defaultDevices

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show the answer, and keep nothing.")
    var dryRun = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard (1...1_000_000).contains(devices) else { throw ValidationError("--devices has to be from 1 to 1000000.") }
    }

    func run() async throws {
      try await perform("demand ask", output, options, .all, changesNothing: dryRun) { context in
        try await DemandAskJob(context, maximumDevices: devices, dryRun: dryRun).run()
      } show: { report in
        DemandView.show(report)
      }
    }
  }

  /// `kscmirror demand show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show which site wants what, and what sources carry for it.",
      discussion: """
        What sources carry for it depends on the vendor's product catalogue, for which they are asked.

          kscmirror demand show
          kscmirror demand show --catalogue Updates/updates/bin/kuuc/updater.xml
        """
    )

    @Option(
      help: ArgumentHelp("Read the product catalogue from this file instead.", valueName: "file"),
      completion: .file(extensions: ["xml"])
    )
    var catalogue: String?

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("demand show", output, options, .settings) { context in
        try await DemandShowJob(context, catalogue: catalogue.map { FilePath($0) }).run()
      } show: { report in
        DemandView.show(report)
      }
    }
  }
}

/// What sites want, as people read it.
enum DemandView {
  static func show(_ report: OwnDemandReport) {
    show(report.demand, heading: "the Administration Server\(report.server.map { " \($0)" } ?? "") of this site")
    if report.site == nil {
      Console.line("this site has no name: set site = \"NAME\" in the configuration, so that receipts carry this")
    }
    Console.line(report.kept.map { "kept in \($0), for the receipts from now on" } ?? "nothing was kept")
  }

  /// What one site has told.
  static func show(_ demand: ReportedDemand, heading: String) {
    var line = "\(heading): \(Words.count(demand.devices, "device")), asked \(age(demand.asked))"
    if demand.devicesRead < demand.devices { line += "; \(Words.count(demand.devicesRead)) of them one by one" }
    Console.line(line)
    let rows = demand.applications.map {
      ["  \($0.name)", $0.version, $0.build ?? "-", Words.count($0.devices), $0.displayName ?? ""]
    }
    let head = ["  application", "version", "build", "devices", "shown as"]
    if !rows.isEmpty { Console.lines(Console.table([head] + rows, rightAligned: [3])) }
    if !demand.components.isEmpty {
      Console.line("  components: \(demand.components.joined(separator: ", "))")
    }
    if demand.leftOut > 0 { Console.line("  \(Words.count(demand.leftOut)) more were left out") }
  }

  static func show(_ report: DemandReport) {
    if let own = report.own { show(own) }
    for site in report.sites {
      if let demand = site.demand {
        show(demand, heading: "site \(site.name)")
      } else {
        Console.line("site \(site.name) has not reported what it needs")
      }
    }
    if report.own == nil && report.sites.isEmpty {
      Console.line("nothing was asked here yet, and no site is known: 'kscmirror demand ask' asks at a site")
    }
    for source in report.sources { show(source) }
  }

  private static func show(_ source: DemandReport.SourceDemand) {
    Console.line()
    Console.line("source \(source.name) carries \(source.indexes.joined(separator: ", ")), and of them for")
    let rows = source.wishes.map { wish in
      [
        "  \(wish.application)", wish.sites.map { "\($0.name) (\(Words.count($0.devices)))" }.joined(separator: ", "),
        taken(wish),
      ]
    }
    Console.lines(Console.table([["  application", "sites (devices)", "is taken"]] + rows))
    let components = source.components.isEmpty ? "all components" : Words.count(source.components.count, "component")
    Console.line("in all: \(source.applications.joined(separator: "; ")); \(components)")
    if !source.silent.isEmpty {
      let instead = source.fallback.isEmpty ? "nothing" : source.fallback.joined(separator: ", ")
      Console.line("not reported: \(source.silent.joined(separator: ", ")); taken for them: \(instead)")
    }
  }

  private static func taken(_ wish: DemandReport.Wish) -> String {
    let patterns = wish.taken.joined(separator: "; ")
    let components = Words.count(wish.components, "component")
    switch wish.known {
    case "version": return "\(patterns), \(components)"
    case "application": return "\(patterns), \(components) (version not in the catalogue)"
    case "nothing": return "nothing, by reported_as"
    default: return "\(patterns), all components (not in the catalogue)"
    }
  }

  private static func age(_ time: UTCTime) -> String {
    let age = Double(Timestamp.now.seconds(since: time))
    return Timestamp.local(time) + (age >= 60 ? " (\(Words.duration(age)) ago)" : "")
  }
}
