import ArgumentParser
import Console
import MirrorTypes
import Upkeep
import Views

/// `kscmirror status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what the store holds, what is published, how old it is, and how the last runs ended.",
    discussion: """
        kscmirror status
        kscmirror status --json --store /srv/kscmirror
      """
  )

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("status", output, options) { context in
      try StatusJob(context).run()
    } show: { report in
      show(report)
    }
  }

  private func show(_ report: StatusReport) {
    Console.line("store \(report.store)")
    if let current = report.current {
      Console.line("current: snapshot \(current)\(report.heldBack == nil ? "" : ", because of a rollback")")
      if let age = report.age, age != .noIndex {
        Console.line("databases of: \(AgeView.text(report.indexDate, age))")
      }
    } else {
      Console.line("nothing is published yet")
    }
    if !report.snapshots.isEmpty {
      var rows = [["snapshot", "sealed", "files", "size", "published"]]
      rows += report.snapshots.map { snapshot in
        [
          "\(snapshot.number)", Timestamp.local(snapshot.created), Words.count(snapshot.files),
          Words.bytes(snapshot.bytes),
          snapshot.number == report.current ? "current" : snapshot.isPublished ? "yes" : "no",
        ]
      }
      Console.lines(Console.table(rows, rightAligned: [0, 2, 3]))
    }
    for warning in report.warnings { Console.line("warning: \(warning)") }
    if let trust = report.trust {
      Console.line()
      TrustView.show(trust)
    }
    for source in report.sources { show(source) }
    if !report.components.isEmpty {
      var rows = [["component", "source", "files", "size", "index of", "age"]]
      rows += report.components.map { component in
        [
          component.name.isEmpty ? "-" : component.name, component.source, Words.count(component.files),
          Words.bytes(component.bytes), component.indexDate.map(Timestamp.local) ?? "-", component.age.rawValue,
        ]
      }
      Console.line()
      Console.lines(Console.table(rows, rightAligned: [2, 3]))
    }
    if !report.runs.isEmpty { Console.line() }
    for run in report.runs {
      Console.line(
        "\(Timestamp.local(run.started))  \(run.job): \(run.outcome)\(run.message.isEmpty ? "" : ": " + run.message)"
      )
    }
  }

  private func show(_ source: StatusReport.SourceFacts) {
    Console.line()
    Console.line("source \(source.name)")
    for (path, date) in source.primaries.sorted(by: { $0.key < $1.key }) {
      Console.line("  \(path) of \(Timestamp.local(date))")
    }
    for drift in source.drift { Console.line("  unknown: \(drift)") }
    if source.absentCount > 0 {
      var parts: [String] = []
      if source.absentIndexCount > 0 { parts.append("\(Words.count(source.absentIndexCount)) of them indexes") }
      if source.refusedCount > 0 { parts.append("\(Words.count(source.refusedCount)) refused by the server") }
      let detail = parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
      Console.line("  \(Words.count(source.absentCount, "file")) named and absent on the servers\(detail):")
      for path in source.absent { Console.line("    \(path)") }
      if source.absentCount > source.absent.count { Console.line("    …") }
    }
  }
}
