import ArgumentParser
import Console
import FileSystem
import Hooks
import Importing
import JobCore
import MirrorTypes
import ServerJobs
import Serving
import SystemPackage
import Views

/// `kscmirror import`
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify a bundle and publish what it holds, all at once.",
    discussion: """
      PATH is a folder with bundles, or a bundle's own, or a file of 'pack --stream'; - reads such a stream from standard \
      input. Without it, the mounted medium that has bundles is taken; on a terminal, you are asked which of several. \
      Bundles are only read. Nothing is published before \
      everything is verified: who signed, that it is new, for this site, and whole, and the vendor's own signatures. \
      A bundle that is refused changes nothing; the journal records it.

      A site with a name leaves a signed receipt beside the bundles, which tells the connected side what it holds; on a \
      medium that cannot be written to that is not a failure.

        kscmirror import
        kscmirror import /media/stick
        kscmirror import --store /srv/kscmirror --dry-run /media/stick
      """
  )

  @Argument(
    help: "A folder with a bundle, or a file of one (default: the mounted medium that has one).",
    completion: .file()
  )
  var path: String?

  @Option(
    help: ArgumentHelp("Import this snapshot, if several bundles are there (default: the newest).", valueName: "number")
  )
  var snapshot: Int?

  @Flag(help: "Import a bundle that is older than what is here.")
  var allowOlder = false

  @Flag(help: "Publish the snapshot also if it was rolled back here.")
  var again = false

  @Option(
    help: ArgumentHelp(
      "Import a bundle whose metadata of exactly this version has expired; the journal records it.",
      valueName: "version"
    )
  )
  var acceptExpired: Int?

  @Option(
    help: ArgumentHelp("Write an evidence sheet, as text and as JSON, to this folder.", valueName: "folder"),
    completion: .directory
  )
  var evidence: String?

  @OptionGroup var wording: LanguageOption

  @Flag(name: .customLong("no-receipt"), help: "Write no receipt to the stick.")
  var noReceipt = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Verify the bundle, and change nothing.")
  var dryRun = false

  @Flag(help: "Refuse a stick that holds files which no manifest lists.")
  var strict = false

  @Flag(help: "First remove what was kept of bundles whose other sticks were not imported.")
  var forgetIncoming = false

  @Flag(
    help: "Before the new release is published, request it as an updater would; if that fails, the old one stays."
  )
  var rehearse = false

  @Flag(
    help: ArgumentHelp(
      "Then have the server of [administration_server] fetch the release into its repository, and look whether it did."
    )
  )
  var notifyServer = false

  @Option(help: ArgumentHelp("The name of this site (default: the configuration's).", valueName: "name"))
  var site: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if dryRun && notifyServer { throw ValidationError("--notify-server cannot be used with --dry-run.") }
    if dryRun && rehearse {
      throw ValidationError("--rehearse needs the files in the store, and --dry-run keeps none.")
    }
    if let site, !SiteName.isValid(site) { throw ValidationError("--site \(SiteName.rule).") }
    if dryRun && path == "-" {
      throw ValidationError("--dry-run needs a folder or a file: a stream can be read only once.")
    }
  }

  func run() async throws {
    let started = TerminalReporter.clock
    var medium: FilePath?
    try await perform("import", output, options, notifyServer ? .all : .settings, reports: true, changesNothing: dryRun)
    { context in
      let place =
        try path
        ?? MediumChoice.choose(output) {
          context.reporter.information("medium", "importing from \($0)")
        }.string
      medium = place == "-" ? nil : try? Files.resolvingLinks(FilePath(place))
      let job = ImportJob(
        wording.spoken(context),
        path: FilePath(place),
        options: .init(
          snapshot: snapshot,
          allowOlder: allowOlder,
          again: again,
          acceptExpired: acceptExpired,
          site: site,
          evidence: evidence.map { FilePath($0) },
          dryRun: dryRun,
          strict: strict,
          receipt: !noReceipt,
          forgetIncoming: forgetIncoming,
          rehearse: rehearse
        )
      )
      // What is missing for it is reported before the long work, not after it.
      let update = notifyServer ? try ServerUpdate(context) : nil
      let hook = dryRun ? nil : try PublicationHook(context)
      let work = {
        var report: ImportReport
        if let stream = try Self.stream(place) {
          report = try await job.run(stream: stream)
        } else {
          report = try await job.run()
        }
        report.serverUpdate = await update?.run()
        return report
      }
      guard let hook else { return try await work() }
      var (report, ran) = try await hook.following(work)
      report.hook = ran
      return report
    } status: { report in
      if report.serverUpdate?.failure != nil { return .serverNotUpdated }
      return report.hook?.failure == nil ? .success : .hookFailed
    } show: { report in
      if report.age != .noIndex { Console.line("databases of \(AgeView.text(report.indexDate, report.age))") }
      let facts =
        "snapshot \(report.snapshot), sealed \(Timestamp.local(report.created)): \(Words.count(report.files, "file")), \(Words.bytes(report.bytes))"
      switch report.outcome {
      case .verified: Console.line("\(facts); all verified, nothing changed (dry run)")
      case .same where report.newObjects > 0:
        Console.line("\(facts); here already, \(Words.count(report.newObjects, "damaged object")) replaced")
      case .same: Console.line("\(facts); this is what is here already")
      case .held: Console.line("\(facts); rolled back here before, and not published")
      case .published, .taken:
        Console.line(
          "\(facts); \(Words.count(report.newObjects, "new object")), \(Words.bytes(report.newBytes)); verified and published"
        )
      }
      if !report.before.isEmpty { Console.line("by way of \(report.before.joined(separator: ", "))") }
      if let vendor = report.vendor { Console.line(VendorView.line(vendor)) }
      if let rehearsal = report.rehearsal {
        Console.line(
          "rehearsed: \(Words.count(rehearsal.indexes, "index", "indexes")) and \(Words.count(rehearsal.files, "file")), \(Words.bytes(rehearsal.bytes)), all as they should be"
        )
      }
      if let program = report.program { Console.line("kscmirror \(program.version) is at \(program.file)") }
      for path in report.evidence { Console.line("evidence: \(path)") }
      if let update = report.serverUpdate { Self.show(update) }
      if let hook = report.hook, hook.failure == nil { Console.line("the command of [import] has ended well") }
      guard let medium else { return }
      Console.line(
        LastLine.text("read \(report.bundle) from", medium, seconds: TerminalReporter.clock - started)
      )
    }
  }

  private static func show(_ update: ServerUpdateReport) {
    guard !update.components.isEmpty else { return }
    let words: [(ServerUpdateReport.Component.State, String)] = [
      (.taken, "taken"), (.same, "there before"), (.newer, "newer there"), (.older, "older there"),
      (.missing, "not there"),
    ]
    let told = words.compactMap { update.count($0) > 0 ? "\(update.count($0)) \($1)" : nil }
    let count = Words.count(update.components.count, "component")
    Console.line("\(update.server): \(count), \(told.joined(separator: ", "))")
    for component in update.components where component.state == .older || component.state == .missing {
      let there = component.server.map { "of \(Timestamp.local($0)) there" } ?? "not there"
      Console.line("  \(component.name): of \(Timestamp.local(component.release)) here, \(there)")
    }
  }

  /// The stream to read, if it is one: standard input, or a plain file that is not part of a bundle.
  private static func stream(_ path: String) throws -> FileDescriptor? {
    if path == "-" { return .standardInput }
    let file = FilePath(path)
    guard path.hasSuffix(".tar"), try Files.status(file)?.kind == .file else { return nil }
    // Somebody may put a pipe in its place meanwhile, which must not hang the open.
    return try FileDescriptor.open(file, .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
  }
}
