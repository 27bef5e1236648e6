import ArgumentParser
import Console
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Upkeep

/// `kscmirror metrics`
struct MetricsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Write figures for Prometheus to a file, for the text file collector of its node exporter.",
    discussion: """
      The file is replaced in one step, so that a collector never reads half of it. Its name has to end in .prom.

        kscmirror metrics /var/lib/prometheus/node-exporter/kscmirror.prom
        kscmirror metrics -
      """
  )

  @Argument(help: "The file; - for standard output.", completion: .file(extensions: ["prom"]))
  var file: String

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard file == "-" || file.hasSuffix(".prom") else {
      throw ValidationError("'\(file)' does not end in .prom: the collector reads no other files.")
    }
    if file == "-", output.json { throw ValidationError("--json needs a file to write the figures to.") }
  }

  func run() async throws {
    if file == "-" {
      return try await perform("metrics", output, options, .settings) { context in
        Console.write(Array(try MetricsJob(context).text().utf8))
        return MetricsReport(file: "-", bytes: 0)
      } show: { _ in
      }
    }
    try await perform("metrics", output, options, .settings) { context in
      try MetricsJob(context).write(to: FilePath(file))
    } show: { report in
      Console.line("wrote \(Words.bytes(Int64(report.bytes))) of figures to \(report.file)")
    }
  }
}
