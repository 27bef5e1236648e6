import ArgumentParser
import FoundationEssentials
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import SystemPackage
import Trust

/// Makes and opens parcels as the commands do that export and import: for tests, which kill it.
@main
struct ParcelTool: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "parcel-tool", subcommands: [Make.self, Open.self])

  /// `parcel-tool make STORE SITE KIND FILE …`
  struct Make: ParsableCommand {
    @Argument var store: String
    @Argument var site: String
    @Argument var kind: String
    @Argument var files: [String]
    @Option var keep: Int?

    func run() throws {
      let kind = try readKind(kind)
      var context = ParcelTool.context(store)
      if let keep { context.configuration.parcels.keep = keep }
      let outbox = try ParcelOutbox(context, site: site)
      let sent = try outbox.make(carrying: [kind]) { writer in
        for file in files {
          try writer.add(file: FilePath(file), as: TreePath(FilePath(file).lastComponent?.string ?? ""), of: kind)
        }
      }
      print("\(sent.number) \(sent.digest)")
    }
  }

  /// `parcel-tool open STORE SITE NUMBER KIND FOLDER`
  struct Open: ParsableCommand {
    @Argument var store: String
    @Argument var site: String
    @Argument var number: Int64
    @Argument var kind: String
    @Argument var folder: String

    func run() throws {
      let kind = try readKind(kind)
      let inbox = ParcelInbox(ParcelTool.context(store))
      guard let parcel = try inbox.parcels(of: site).first(where: { $0.number == number }) else {
        throw ValidationError("no parcel \(number)")
      }
      let isUsed = try inbox.consume(parcel, as: kind) { reader in
        _ = try reader.extract(kind, to: FilePath(folder))
      }
      print(isUsed ? "used" : "used before")
    }
  }

  private static func readKind(_ text: String) throws -> ParcelKind {
    guard let kind = ParcelKind(rawValue: text) else { throw ValidationError("no kind '\(text)'") }
    return kind
  }

  private static func context(_ store: String) -> JobContext {
    JobContext(Configuration(store: FilePath(store)), reporter: Mute())
  }

  private struct Mute: JobReporter {
    func report(_ event: JobEvent) {}
  }
}
