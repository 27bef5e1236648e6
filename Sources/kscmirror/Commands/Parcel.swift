import ArgumentParser
import Console
import MirrorTypes
import Parcels
import SystemPackage
import Views

/// `kscmirror parcel`
struct Parcel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List parcels that were sent or have arrived; write one to a stick; remove one.",
    discussion: """
      A parcel takes licence data, KSN data or files from an isolated site to the connected side; a delivery takes keys or \
      files from there to one site. Each is sealed: only the other side can open it. What it holds stands in its \
      CONTENTS.txt.
      """,
    subcommands: [List.self, Show.self, Send.self, Withdraw.self, Drop.self]
  )

  /// `kscmirror parcel list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the parcels that were made here, those that were collected here, and those that are missing.",
      discussion: "  kscmirror parcel list"
    )

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("parcel list", output, options, site.need) { context in
        try ParcelListJob(context, site: site.name(context)).run()
      } show: { report in
        ParcelView.show(report)
      }
    }
  }

  /// `kscmirror parcel show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the list of what a parcel holds.",
      discussion: """
          kscmirror parcel show 12                 one that was made here
          kscmirror parcel show 12 --from plant-7  one that has come of a site
          kscmirror parcel show 3 --to plant-7     a delivery for a site
          kscmirror parcel show 3 --delivered      a delivery that has come to this site
        """
    )

    @Argument(help: "The parcel's number.")
    var number: Int64

    @Option(
      help: ArgumentHelp("The site that it comes from (default: it was made here).", valueName: "site"),
      completion: .sites
    )
    var from: String?

    @Option(help: ArgumentHelp("A delivery that was made here for this site.", valueName: "site"), completion: .sites)
    var to: String?

    @Flag(help: "A delivery that was collected at this site.")
    var delivered = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard [from != nil, to != nil, delivered].count(where: { $0 }) <= 1 else {
        throw ValidationError("--from, --to and --delivered exclude each other.")
      }
    }

    private var which: ParcelListJob.Which {
      if let from { return .cameFrom(from) }
      return delivered ? .delivered : .made(to: to)
    }

    func run() async throws {
      try await perform("parcel show", output, options, site.need) { context in
        try ParcelListJob(context, site: site.name(context)).show(number, which)
      } show: { report in
        Console.lines(report.contents)
      }
    }
  }

  /// `kscmirror parcel send`
  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write parcels that were made here to a stick, again if necessary.",
      discussion: """
        Without a number, all that are not known to have arrived. Those that lie on the medium and have arrived are \
        removed from it.

          kscmirror parcel send --output /media/stick
          kscmirror parcel send 12 --output /media/stick
          kscmirror parcel send --to plant-7 --output /media/stick
        """
    )

    @Argument(help: "The parcels' numbers.")
    var numbers: [Int64] = []

    @Option(
      name: [.customLong("output"), .customShort("o")],
      help: ArgumentHelp("The stick's folder.", valueName: "folder"),
      completion: .directory
    )
    var folder: String

    @Flag(help: "Do not read back what was written.")
    var noReadBack = false

    @OptionGroup var place: HereOption

    @Option(
      help: ArgumentHelp("Write deliveries for this site (default: parcels of this one).", valueName: "site"),
      completion: .sites
    )
    var to: String?

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("parcel send", output, options, .settings) { context in
        try ParcelSendJob(
          place.here(context),
          site: site.name(context),
          to: to,
          numbers: numbers,
          output: FilePath(folder),
          readBack: !noReadBack
        ).run()
      } show: { report in
        if report.parcels.isEmpty { return Console.line("all parcels that are kept have arrived: nothing to write") }
        for parcel in report.parcels {
          Console.line(
            "\(parcel.wasThere ? "was already there:" : "wrote") \(parcel.folder), \(Words.bytes(parcel.bytes))"
          )
        }
        Console.written(to: report.medium, report.parcels.totalBytes { $0.bytes }, isReadBack: report.readBack)
      }
    }
  }
}

extension Parcel {
  /// `kscmirror parcel withdraw`
  struct Withdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take parcels or deliveries back that were made here and have not arrived.",
      discussion: """
        They are not written to a stick any more. One that was written to a stick before has to be removed there.

          kscmirror parcel withdraw 3 --to plant-7
        """
    )

    @Argument(help: "The numbers.")
    var numbers: [Int64]

    @Option(help: ArgumentHelp("Take back deliveries for this site (default: parcels of this one).", valueName: "site"))
    var to: String?

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be taken back, and change nothing.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("parcel withdraw", output, options, site.need) { context in
        try ParcelWithdrawJob(context, site: site.name(context), from: to, numbers: numbers, dryRun: dryRun).run()
      } show: { report in
        for parcel in report.withdrawn {
          let what = to.map { "delivery \(parcel.number) for site \($0)" } ?? "parcel \(parcel.number)"
          Console.line("\(report.dryRun ? "would take back" : "took back") \(what): \(parcel.summary)")
        }
      }
    }
  }
}

extension Parcel {
  /// `kscmirror parcel drop`
  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove parcels that have come and cannot, or shall not, be used.",
      discussion: """
        Their numbers stay known: the same parcels cannot come again. What they hold has to be sent anew, in others. At a \
        site, deliveries for it are removed.

          kscmirror parcel drop plant-7 12
          kscmirror parcel drop plant-7 12 --dry-run
        """
    )

    @Argument(help: "The site that they have come of.", completion: .sites)
    var site: String

    @Argument(help: "The parcels' numbers.")
    var numbers: [Int64]

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would be removed, and change nothing.")
    var dryRun = false

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("parcel drop", output, options) { context in
        try ParcelDropJob(context, site: site, numbers: numbers, dryRun: dryRun).run()
      } show: { report in
        for parcel in report.dropped {
          let unused = parcel.carries.filter { !parcel.consumed.contains($0) }.map(\.description)
          let use = unused.isEmpty ? "all of it was used" : "not used: \(unused.joined(separator: ", "))"
          Console.line(
            "\(report.dryRun ? "would remove" : "removed") \(parcel.direction.noun) \(parcel.number) of site \(parcel.site); \(use)"
          )
        }
      }
    }
  }
}
