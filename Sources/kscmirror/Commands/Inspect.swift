import ArgumentParser
import Bundles
import Console
import JobCore
import MirrorTypes
import SystemPackage

/// `kscmirror inspect`
struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what bundles are in a folder, without unpacking them.",
    discussion: """
      Says whether the signatures lead to a root that is trusted in the store, if there is one.

        kscmirror inspect /media/stick
        kscmirror inspect --json /media/stick
      """
  )

  @Argument(help: "A folder with bundles, or a file of one.", completion: .file())
  var path: String

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("inspect", output, options) { context in
      try await InspectJob(context, path: FilePath(path)).run()
    } status: { report in
      report.status
    } show: { report in
      for bundle in report.bundles { show(bundle) }
    }
  }

  private func show(_ bundle: InspectReport.BundleFacts) {
    Console.line(bundle.bundle)
    var rows = [
      ["  trusted", bundle.isTrusted ? "yes" : "no: \(bundle.problem ?? "")"],
      ["  snapshot", "\(bundle.snapshot)"],
      ["  site", bundle.site ?? "any"],
      ["  kind", bundle.kind],
      ["  databases of", bundle.indexDate.map(Timestamp.local) ?? "-"],
      ["  sealed", "\(Timestamp.local(bundle.created)) by \(bundle.generator)"],
      ["  metadata", "version \(bundle.version), expires \(Timestamp.local(bundle.expires))"],
      ["  root", bundle.root],
      ["  content", "\(Words.count(bundle.files, "file")), \(Words.bytes(bundle.contentBytes))"],
    ]
    for name in bundle.programs { rows.append(["  program", name]) }
    for volume in bundle.volumes {
      rows.append(["  volume", "\(volume.name)  \(Words.bytes(volume.bytes))  \(volume.state.rawValue)"])
    }
    Console.lines(Console.table(rows))
  }
}
