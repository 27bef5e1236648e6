import ArgumentParser
import Console
import FileExchange
import JobCore
import MirrorTypes
import SystemPackage
import Views

/// `kscmirror exchange`
struct ExchangeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract: "Carry the files of folders between a site and the connected side.",
    discussion: """
      The folders stand in the configuration as [[exchange]], with the same names on both sides. Out of a site files go \
      in parcels, into it in deliveries. With preset = "vapm" they are those of an Administration Server for third-party \
      patches; 'kscmirror doctor' tells what the servers have to be told of them.
      """,
    subcommands: [List.self, Send.self, Receive.self]
  )

  /// `kscmirror exchange list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what waits in each folder, what has left, and what has arrived.",
      discussion: "  kscmirror exchange list"
    )

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("exchange list", output, options, .all) { context in
        try ExchangeListJob(context).run()
      } show: { report in
        let rows = report.folders.map { folder in
          [
            folder.name, folder.isSent ? "sent" : "received", folder.isSent ? folder.site ?? "connected side" : "-",
            "\(folder.waiting)", folder.isSent ? "\(folder.sent)" : "-", folder.isSent ? "\(folder.arrived)" : "-",
            folder.folder,
          ]
        }
        let head = ["folder", "is", "to", "waiting", "left", "arrived", "place"]
        Console.lines(Console.table([head] + rows, rightAligned: [3, 4, 5]))
      }
    }
  }

  /// `kscmirror exchange send`
  struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal what has not left yet in a parcel, or in deliveries for sites.",
      discussion: """
        Each file leaves once, and again when it has changed. With clear = true, files are removed here when the other \
        side is known to have them.

          kscmirror exchange send --output /media/stick
          kscmirror exchange send patches --dry-run
        """
    )

    @Argument(help: "The folders' names (default: all that this side sends).")
    var names: [String] = []

    @OptionGroup var medium: ParcelOutputOptions

    @Flag(help: "Send files again that have left as they are.")
    var again = false

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what would leave, and change nothing.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("exchange send", output, options, .all, changesNothing: dryRun) { context in
        var chosen = ExchangeSendJob.Options()
        (chosen.names, chosen.again, chosen.dryRun) = (names, again, dryRun)
        (chosen.output, chosen.readBack) = (medium.folder, !medium.noReadBack)
        return try ExchangeSendJob(medium.settled(site.named(context)), options: chosen).run()
      } status: { report in
        report.status
      } show: { report in
        for file in report.cleared {
          Console.line("\(report.dryRun ? "would remove" : "removed") \(file): it has arrived")
        }
        for parcel in report.parcels {
          if report.dryRun { Console.lines(parcel.contents + "\n") }
          let what = parcel.site.map { "delivery \(parcel.number) for site \($0)" } ?? "parcel \(parcel.number)"
          let files = "\(Words.count(parcel.files, "file")) of \(parcel.folders.joined(separator: ", "))"
          Console.line("\(report.dryRun ? "would make " : "")\(what): \(files)")
          if let folder = parcel.folder { Console.line("wrote \(folder)") }
        }
        if report.parcels.isEmpty { Console.line("nothing that has not left yet") }
      }
    }
  }

  /// `kscmirror exchange receive`
  struct Receive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put collected files into their folders.",
      discussion: """
        'import' and 'collect' bring them; each parcel is used once. On the connected side each site has a folder of its \
        own below; with preset = "vapm" the lists of all sites are merged into one.

          kscmirror exchange receive
          kscmirror exchange receive --dry-run
        """
    )

    @Argument(help: "The folders' names (default: all that this side receives).")
    var names: [String] = []

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Show what was collected, and change nothing.")
    var dryRun = false

    @OptionGroup var site: SiteOptions
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("exchange receive", output, options, .all, changesNothing: dryRun) { context in
        try ExchangeReceiveJob(site.named(context), names: names, dryRun: dryRun).run()
      } status: { report in
        report.status
      } show: { report in
        for taken in report.taken {
          let verb = report.dryRun ? "would put" : "put"
          Console.line(
            "\(verb) \(Words.count(taken.files.count, "file")) of \(taken.site), \(taken.number), into \(taken.folder)"
          )
          for file in taken.files.prefix(20) { Console.line("  \(file)") }
          if taken.files.count > 20 { Console.line("  and \(Words.count(taken.files.count - 20)) more") }
        }
        if report.taken.isEmpty { Console.line("nothing was collected since the last time") }
      }
    }
  }
}
