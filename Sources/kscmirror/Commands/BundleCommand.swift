import ArgumentParser
import Console
import MirrorConfiguration
import MirrorTypes
import Packing
import SystemPackage
import Views

/// `kscmirror bundle`
struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Work on bundles, without a store and without keys.",
    subcommands: [Resplit.self]
  )

  /// `kscmirror bundle resplit`
  struct Resplit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cut the volumes of a bundle into smaller pieces, or join them again.",
      discussion: """
        The pieces of a volume, concatenated, are the volume: no new signature is needed, and 'import' reads them as \
        it reads whole volumes. The bag's manifest and the label name whole volumes, as before.

          kscmirror bundle resplit outbox/kscmirror-000042 --size 700M --output stick
        """
    )

    @Argument(help: "A folder with a bundle, or the bundle's own.", completion: .directory)
    var path: String

    @Option(help: ArgumentHelp("The most bytes of one file, such as 700M.", valueName: "size"), transform: Size.read)
    var size: Int64

    @Option(
      name: [.customLong("output"), .customShort("o")],
      help: ArgumentHelp("The folder to write to; it has to exist.", valueName: "folder"),
      completion: .directory
    )
    var folder: String

    @OptionGroup var place: HereOption
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await perform("bundle resplit", output) { context in
        try ResplitJob(place.here(context), path: FilePath(path), size: size, output: FilePath(folder)).run()
      } show: { report in
        Console.line("wrote \(report.folder)")
        for file in report.files { Console.line("  \(file.name)  \(Words.bytes(file.bytes))") }
      }
    }
  }
}

/// Sizes of volumes, pieces and sticks on the command line.
enum Size {
  /// Reads a size of at least 1 MiB.
  static func read(_ text: String) throws -> Int64 {
    guard let bytes = Quantity.bytes(text), bytes >= 1 << 20 else {
      throw ValidationError("'\(text)' is not a size of at least 1 MiB, such as 3.9GiB.")
    }
    return bytes
  }
}
