import ArgumentParser
import Console
import JobCore
import MirrorConfiguration
import MirrorTypes
import Packing
import Parcels
import SystemPackage
import Views

/// `kscmirror pack`
struct Pack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a snapshot to a stick, as a bundle.",
    discussion: """
      A bundle is a folder with signed metadata (a TUF repository) and volumes of tar and zstd; it is a BagIt bag too, \
      which 'sha256sum -c' can check. It gets its name when it is whole.

        kscmirror pack /media/stick
        kscmirror pack /media/stick --site plant-7 --with-program ./packages
        kscmirror pack /media/stick --volume-size 1GiB --dry-run
      """
  )

  @Argument(
    help: "The folder to write to, such as a stick's (default: the configuration's).",
    completion: .directory
  )
  var stick: String?

  @OptionGroup(title: "Several sticks") var sticks: SpreadOptions

  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("The same, as an option.", valueName: "folder"),
    completion: .directory
  )
  var folder: String?

  @Option(help: ArgumentHelp("Pack this snapshot (default: the newest).", valueName: "number"), completion: .snapshots)
  var snapshot: Int?

  @Option(
    help: ArgumentHelp(
      "Carry only what a site lacks that has this snapshot: an incremental bundle.",
      valueName: "number"
    ),
    completion: .snapshots
  )
  var base: Int?

  @Flag(help: "Carry everything, whatever the site has by its receipt.")
  var full = false

  @Option(
    help: ArgumentHelp(
      "Leave out components that do not fit into so many bytes, such as 7.5G, or into what is 'free', by the priority of the configuration.",
      valueName: "size"
    ),
    transform: { $0 == "free" ? .max : try Size.read($0) }
  )
  var fit: Int64?

  @Option(
    help: ArgumentHelp(
      "Leave this component out, also if the site has it; can be given several times.",
      valueName: "component"
    )
  )
  var without: [String] = []

  @Option(
    help: ArgumentHelp(
      "For a site without receipts: every COUNT bundles a full one, and incremental ones on it between.",
      valueName: "number"
    )
  )
  var fullEvery: Int?

  @Option(help: ArgumentHelp("The most bytes of one volume, such as 3.9GiB.", valueName: "size"), transform: Size.read)
  var volumeSize: Int64?

  @Option(name: .customLong("level"), help: ArgumentHelp("zstd's compression level, 1 to 19.", valueName: "level"))
  var compressionLevel: Int?

  @Option(help: ArgumentHelp("Make so many parity volumes, 0 to 99.", valueName: "count"))
  var parity: Int?

  @Option(
    help: ArgumentHelp(
      "Write the bundle as one file, for data diodes and pipes; - is standard output.",
      valueName: "file"
    ),
    completion: .file()
  )
  var stream: String?

  @Flag(help: "Do not read back from the stick what was written.")
  var noReadBack = false

  @OptionGroup var place: HereOption
  @OptionGroup var wording: LanguageOption

  @Flag(help: "Write over a bundle of the same name, also of another site or store.")
  var overwrite = false

  @Flag(help: "Remove older bundles for the same site from the folder when this one is whole.")
  var replace = false

  @Flag(help: "Pack even if the sync that made the snapshot ended with errors.")
  var evenAfterErrors = false

  @Option(help: ArgumentHelp("Make it for this site only (default: for any).", valueName: "name"), completion: .sites)
  var site: String?

  @Flag(help: "The site is a new one: no receipt of it was collected, and no bundle made for it.")
  var newSite = false

  @Option(
    name: .customLong("with-program"),
    defaultAsFlag: Self.programAsBefore,
    help: ArgumentHelp(
      "Carry packages of kscmirror too: a .deb, a .tar.gz or a folder with them; without a path, those of the last time.",
      valueName: "path"
    ),
    completion: .file()
  )
  var withProgram: String?

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be written, and write nothing.")
  var dryRun = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  /// What stands for no path: no path is empty.
  private static let programAsBefore = ""

  private var program: ProgramWish {
    guard let withProgram else { return .none }
    return withProgram == Self.programAsBefore ? .asBefore : .from(FilePath(withProgram))
  }

  func validate() throws {
    if let stick, let folder, stick != folder {
      throw ValidationError("Two folders are named, '\(stick)' and '\(folder)': a bundle is written to one.")
    }
    if withProgram != nil && (stream != nil || sticks.isWanted) {
      throw ValidationError("--with-program cannot be used with --stream, nor with several sticks.")
    }
    if let compressionLevel, !(1...19).contains(compressionLevel) {
      throw ValidationError("--level has to be from 1 to 19.")
    }
    if let parity, !(0...99).contains(parity) { throw ValidationError("--parity has to be from 0 to 99.") }
    if sticks.isWanted && (replace || dryRun) {
      throw ValidationError("--replace and --dry-run do not go with several sticks.")
    }
    if newSite && site == nil { throw ValidationError("--new-site needs --site.") }
    if let site, !SiteName.isValid(site) { throw ValidationError("--site \(SiteName.rule).") }
    guard [full, base != nil, fullEvery != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("--full, --base and --full-every exclude each other.")
    }
    if stream != nil && sticks.isWanted { throw ValidationError("--stream and several sticks exclude each other.") }
    if let fullEvery, fullEvery < 1 || site == nil {
      throw ValidationError("--full-every needs a number from 1, and --site.")
    }
  }

  func run() async throws {
    if sticks.isWanted { return try await spread() }
    let streamed = try streamOutput()
    let started = TerminalReporter.clock
    try await perform("pack", output, options, .settings, reports: true) { context in
      guard let stream else { return try await job(context).run() }
      return try await StreamJob(context)
        .run(to: stream == "-" ? nil : FilePath(stream), output: streamed) { try await job(context, to: $0).run() }
    } show: { report in
      PackView(report, seconds: TerminalReporter.clock - started, isStreamed: stream != nil).show()
    }
  }

  /// Where a stream goes. Messages go to standard error then, if that is standard output.
  private func streamOutput() throws -> FileDescriptor {
    guard stream == "-" else { return .standardOutput }
    let streamed = try FileDescriptor.standardOutput.duplicate()
    _ = try FileDescriptor.standardError.duplicate(as: .standardOutput)
    return streamed
  }

  /// The settings, as the configuration and the flags say.
  private func settings(_ context: JobContext) -> PackSettings {
    var settings = context.configuration.pack
    if let place = folder ?? stick { settings.output = FilePath(place) }
    if let volumeSize { settings.volumeSize = volumeSize }
    if let compressionLevel { settings.compressionLevel = compressionLevel }
    if let parity { settings.parity = parity }
    if noReadBack { settings.readBack = false }
    if place.here { settings.mount = .never }
    return settings
  }

  /// The job that writes the bundle, to another folder if one is named.
  private func job(_ context: JobContext, to staging: FilePath? = nil) -> PackJob {
    var settings = settings(context).fittingMedium(context.reporter)
    if let staging {
      settings.output = staging
      // What is staged is read back when it lies on the sticks.
      settings.readBack = false
    }
    return PackJob(
      wording.spoken(context),
      settings: settings,
      options: .init(
        snapshot: snapshot,
        base: base,
        full: full,
        fullEvery: fullEvery,
        fit: fit,
        without: without,
        overwrite: overwrite,
        replace: replace,
        evenAfterErrors: evenAfterErrors,
        site: site,
        isNewSite: newSite,
        dryRun: dryRun,
        isStaged: staging != nil,
        program: program
      )
    )
  }

  private func spread() async throws {
    try await perform("pack", output, options, .settings, reports: true) { context in
      let settings = settings(context)
      return try await sticks.run(
        context,
        folder: settings.output,
        overwrite: overwrite,
        readBack: settings.readBack,
        mount: settings.mount,
        asks: !output.json
      ) { try await job(context, to: $0).run() }
    } status: { report in
      report.isComplete ? .success : .incompleteBundle
    } show: { report in
      sticks.show(report)
    }
  }
}
