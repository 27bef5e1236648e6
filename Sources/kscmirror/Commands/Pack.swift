import ArgumentParser
import MirrorConfiguration
import MirrorJobs
import SystemPackage

/// `kscmirror pack`
struct Pack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a snapshot to a medium, as a bundle.",
    discussion: """
      A bundle is a manifest, a listing and volumes of tar and zstd. The manifest is written last: when it is there,
      the bundle is whole.

        kscmirror pack --output /media/stick
        kscmirror pack --output /media/stick --volume-size 1GiB --dry-run
      """
  )

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("The folder to write to (default: the configuration's).", valueName: "folder"),
    completion: .directory
  )
  var folder: String?

  @Option(help: ArgumentHelp("Pack this snapshot (default: the newest).", valueName: "number"))
  var snapshot: Int?

  @Option(help: ArgumentHelp("The most bytes of one volume, such as 3.9GiB.", valueName: "size"), transform: Self.size)
  var volumeSize: Int64?

  @Option(name: .customLong("level"), help: ArgumentHelp("zstd's compression level, 1 to 19.", valueName: "level"))
  var compressionLevel: Int?

  @Flag(help: "Write over a bundle of the same snapshot.")
  var overwrite = false

  @Flag(help: "Remove other bundles from the folder when this one is whole.")
  var replace = false

  @Flag(help: "Pack even if the last sync ended with errors.")
  var evenAfterErrors = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would be written, and write nothing.")
  var dryRun = false

  func validate() throws {
    if let compressionLevel, !(1...19).contains(compressionLevel) {
      throw ValidationError("--level has to be from 1 to 19.")
    }
  }

  func run() async throws {
    try await perform("pack", output) { reporter in
      var settings = try options.optionalConfiguration()?.pack ?? PackSettings()
      if let folder { settings.output = FilePath(folder) }
      if let volumeSize { settings.volumeSize = volumeSize }
      if let compressionLevel { settings.compressionLevel = compressionLevel }
      let job = PackJob(
        store: try options.storeFolder(),
        settings: settings,
        options: .init(
          snapshot: snapshot,
          overwrite: overwrite,
          replace: replace,
          evenAfterErrors: evenAfterErrors,
          dryRun: dryRun
        ),
        reporter: reporter
      )
      return try job.run()
    } show: { report in
      let verb = report.dryRun ? "would write" : report.wasThere ? "was already there:" : "wrote"
      Console.line(
        "\(verb) \(report.manifest): snapshot \(report.snapshot), \(Words.count(report.files, "file")), \(Words.bytes(report.contentBytes))"
      )
      for volume in report.volumes { Console.line("  \(volume.name)  \(Words.bytes(volume.bytes))") }
      if report.dryRun {
        Console.line(
          "at most \(Words.bytes(report.bundleBytes)); \(Words.bytes(report.freeBytes)) free in \(report.folder)"
        )
      }
    }
  }

  private static func size(_ text: String) throws -> Int64 {
    guard let bytes = Quantity.bytes(text), bytes >= 1 << 20 else {
      throw ValidationError("'\(text)' is no size of at least 1 MiB, such as 3.9GiB.")
    }
    return bytes
  }
}
