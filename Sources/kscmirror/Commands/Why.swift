import ArgumentParser
import Console
import MirrorTypes
import Upkeep

/// `kscmirror why`
struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show where a file came from: which index named it, when, from which server or bundle.",
    discussion: """
      PATH is as published, or without its `updates/`.

        kscmirror why updates/bases/av/kdb/i386/base001.kdc
      """
  )

  @Argument(help: "The file's path in the release.")
  var path: String

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("why", output, options) { context in
      try WhyJob(context, path: path).run()
    } show: { report in
      Console.line(report.path)
      for version in report.versions { show(version) }
    }
  }

  private func show(_ version: WhyReport.Version) {
    let snapshots = version.first == version.last ? "\(version.first)" : "\(version.first) to \(version.last)"
    let releases = version.releases.map(String.init).joined(separator: ", ")
    let rows = [
      ["  snapshots", snapshots],
      ["  releases", releases.isEmpty ? "none" : releases],
      ["  sha256", version.sha256],
      ["  size", Words.bytes(version.bytes)],
      ["  source", version.source],
      ["  component", version.component.isEmpty ? "-" : version.component],
      ["  named by", version.namedBy ?? "-"],
      ["  from", version.origin ?? "-"],
      ["  arrived", Timestamp.local(version.fetched)],
      ["  server's date", version.modified.map(Timestamp.local) ?? "-"],
    ]
    Console.lines(Console.table(rows))
    Console.line()
  }
}
