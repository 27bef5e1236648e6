import ArgumentParser
import Console
import JobCore
import MirrorConfiguration
import Mirroring
import MirrorTypes
import Releases

/// `kscmirror sync`
struct Sync: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch what is new from all sources into the store, and publish it.",
    discussion: """
      Only what changed is fetched. A snapshot is sealed when every index and file belongs together; a source that \
      fails does not stop the others and keeps what it had.

        kscmirror sync
        kscmirror sync --source kaspersky --accept-shrink
        kscmirror sync --quiet --jitter 20m
      """
  )

  @Option(
    name: .customLong("source"),
    help: ArgumentHelp("Only this source; can be given several times.", valueName: "name")
  )
  var sources: [String] = []

  @Flag(help: "Seal the snapshot even if much of the last one is missing in it.")
  var acceptShrink = false

  @Flag(help: "Ask for every file again, also for those that were absent or did not change.")
  var recheck = false

  @Flag(help: "Take primary indexes that are older than those of the last snapshot.")
  var allowOlder = false

  @Option(
    help: ArgumentHelp(
      "Begin after a random time, at most so long: for cron, so that not all hosts ask in the same minute.",
      valueName: "time"
    )
  )
  var jitter: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let jitter, !(Quantity.seconds(jitter).map { (0...86_400).contains($0) } ?? false) {
      throw ValidationError("'\(jitter)' is not a time such as 20m, of at most a day.")
    }
  }

  private func wait(_ context: JobContext) async throws {
    guard let seconds = jitter.flatMap({ Quantity.seconds($0) }), seconds > 0 else { return }
    var lot = context.randomness
    let chosen = Double.random(in: 0...seconds, using: &lot)
    context.reporter.report(.phase("waiting \(Words.span(Int64(chosen))), by --jitter"))
    try await Task.sleep(for: .seconds(chosen))
  }

  func run() async throws {
    try await perform("sync", output, options, .all, reports: true) { context in
      try await wait(context)
      RunLimit.start("sync", seconds: context.configuration.sync.timeLimit, json: output.json)
      let chosen = SyncJob.Options(
        sources: sources,
        acceptShrink: acceptShrink,
        recheck: recheck,
        allowOlder: allowOlder
      )
      return try await SyncJob(context, options: chosen).run()
    } status: { report in
      report.failures.isEmpty ? .success : .partial
    } show: { report in
      show(report)
    }
  }

  private func show(_ report: SyncReport) {
    for source in report.sources {
      var line = "\(source.name): \(Words.count(source.files, "file")), \(Words.bytes(source.bytes))"
      line +=
        source.fetchedFiles == 0
        ? "; nothing fetched"
        : "; fetched \(Words.count(source.fetchedFiles, "file")), \(Words.bytes(source.fetchedBytes))"
      if source.absent > 0 { line += "; \(Words.count(source.absent)) absent" }
      if source.vendorChecked > 0 {
        line += "; \(Words.count(source.vendorChecked)) checked against the vendor's digest"
      }
      Console.line(line)
    }
    for failure in report.failures { Console.line("\(failure.source): failed, kept as it was") }
    if report.isNew {
      Console.line("snapshot \(report.snapshot) sealed and published")
    } else if let held = report.heldBack {
      Console.line("nothing new; \(held.text)")
    } else {
      Console.line("nothing new; snapshot \(report.snapshot) stays current")
    }
  }
}
