import Console
import Glibc
import MirrorTypes
import Upkeep
import Watching

/// A store's state as people read it: ages and next steps first, in 80 columns.
package struct StatusView {
  private let report: StatusReport
  private var watch: WatchFacts { report.watch }

  /// How many sites, next steps and components are shown on the one screen.
  private static let shownSites = 6
  private static let shownSteps = 5
  private static let shownComponents = 4
  /// How wide the screen is that all of it fits.
  private static let width = 80

  /// A view of a report.
  package init(_ report: StatusReport) { self.report = report }

  /// Shows it.
  ///
  /// - Parameter all: whether the long lists are shown too.
  package func show(all: Bool) {
    showAge()
    showRunning()
    showRuns()
    showEnds()
    showPlace()
    showSites()
    for warning in report.warnings { Self.wrapped("warning: \(warning)", indent: "  ") }
    showSteps()
    if all { StatusLists.show(report) }
  }

  /// Writes a text broken at blanks, so that no line is wider than the screen.
  static func wrapped(_ text: String, indent: String) {
    let width = min(width, Screen.width(of: STDOUT_FILENO) ?? width)
    for line in WrappedText.lines(text, width: width, indent: indent) { Console.line(line) }
  }

  private func showPlace() {
    let site = watch.site.map { ", site \($0)" } ?? ""
    Self.wrapped("store: \(report.store) (\(watch.side)\(site))", indent: "  ")
  }

  private func showRunning() {
    for run in watch.running {
      let since = run.since.map { " since \(Timestamp.local($0)) (\(Words.span(watch.now.seconds(since: $0))))" } ?? ""
      Self.wrapped("running: \(run.command ?? "a run")\(since), \(run.holder)", indent: "  ")
    }
  }

  private func showAge() {
    guard let current = report.current, let release = watch.release else {
      return Console.line("nothing is published yet")
    }
    if let age = report.age, age != .noIndex {
      Console.line("databases of: \(AgeView.text(report.indexDate, age))")
      let counts = [IndexAge.veryOld, .old, .unknown, .fresh].map { ($0, watch.count($0)) }.filter { $0.1 > 0 }
      let words = counts.map { "\(Words.count($0.1)) \($0.0 == .unknown ? "of unknown age" : $0.0.rawValue)" }
      if !words.isEmpty { Self.wrapped("components: \(words.joined(separator: ", "))\(oldest)", indent: "  ") }
    }
    let held = report.heldBack == nil ? "" : ", because of a rollback"
    let content = "\(Words.count(release.files, "file")), \(Words.bytes(release.bytes))"
    let sealed = Timestamp.local(release.sealed)
    Self.wrapped("current: snapshot \(current)\(held), sealed \(sealed), \(content)", indent: "  ")
  }

  /// The components with the oldest indexes, where not all are fresh.
  private var oldest: String {
    let old = watch.components.filter { $0.age == .old || $0.age == .veryOld }
      .sorted { ($0.indexDate ?? .epoch, $0.name) < ($1.indexDate ?? .epoch, $1.name) }
    guard !old.isEmpty, old.count < watch.components.count else { return "" }
    let names = old.map { component in
      let first = component.name.split(separator: ",").first.map(String.init) ?? "-"
      return String(first.prefix(12))
    }
    return "; oldest: \(Words.list(names, atMost: Self.shownComponents))"
  }

  private func showRuns() {
    for job in watch.jobs where job.job != "rollback" || job.failures > 0 {
      let good =
        job.succeeded.map { "succeeded \(Words.span(watch.now.seconds(since: $0))) ago" } ?? "has not succeeded yet"
      let bad =
        job.failures == 0
        ? "" : "; then \(Words.count(job.failures, "run")) failed, the last: \(job.message)"
      Self.wrapped("\(job.job): \(good)\(bad)", indent: "  ")
    }
  }

  private func showEnds() {
    var parts: [String] = []
    if let expires = watch.expires { parts.append("expires \(Timestamp.local(expires))") }
    if let root = watch.rootExpires { parts.append("root \(Timestamp.day(root))") }
    if !parts.isEmpty { Console.line("signatures: \(parts.joined(separator: ", "))") }
    if let room = watch.room { Self.wrapped("disk: \(room.words)", indent: "  ") }
    guard let forecast = watch.forecast else { return }
    let days = [("old", forecast.old), ("very old", forecast.veryOld), ("expired", forecast.expires)]
    let words = days.compactMap { word, time in time.map { "\(word) \(Timestamp.day($0))" } }
    if !words.isEmpty { Self.wrapped("without a newer bundle: \(words.joined(separator: ", "))", indent: "  ") }
  }

  private func showSites() {
    guard !watch.sites.isEmpty else { return }
    func day(_ time: UTCTime?) -> String { time.map { Timestamp.day($0) } ?? "-" }
    func ago(_ time: UTCTime?) -> String { time.map { "\(Words.span(watch.now.seconds(since: $0))) ago" } ?? "none" }
    // The most urgent first.
    let sites = watch.sites.sorted { ($0.forecast.leave ?? .last, $0.name) < ($1.forecast.leave ?? .last, $1.name) }
    let rows = sites.prefix(Self.shownSites).map { site in
      [
        String(site.name.prefix(16)), site.snapshot.map(String.init) ?? "-", ago(site.received),
        day(site.forecast.old), day(site.forecast.veryOld), day(site.forecast.expires), day(site.forecast.leave),
      ]
    }
    Console.line()
    let head = ["site", "has", "receipt", "old", "very old", "expires", "stick by"]
    Console.lines(Console.table([head] + rows, rightAligned: [1], below: [2, 4]))
    if sites.count > Self.shownSites {
      Console.line("\(sites.count - Self.shownSites) more: 'kscmirror site list'")
    }
  }

  /// What is to be done, by what is not in order.
  private func showSteps() {
    // What a warning above says already is not said twice.
    let trouble = report.points.filter { $0.state > .ok && !($0.name == "published" && !report.warnings.isEmpty) }
      .sorted { $0.state > $1.state }
    Console.line()
    guard !trouble.isEmpty else {
      return Console.line(report.warnings.isEmpty ? "next: nothing to do; all is well" : "next: see the warnings above")
    }
    Console.line("next:")
    for point in trouble.prefix(Self.shownSteps) {
      let isKnown = point.name == "age" && report.current != nil
      let words = isKnown ? point.remedy ?? point.text : "\(point.text). \(point.remedy ?? "")"
      Self.wrapped("- \(words)", indent: "  ")
    }
    if trouble.count > Self.shownSteps {
      Console.line("- \(trouble.count - Self.shownSteps) more: 'kscmirror check --json'")
    }
  }
}

/// The long lists of a store's state: everything that there is.
private enum StatusLists {
  static func show(_ report: StatusReport) {
    showSnapshots(report)
    if let trust = report.trust {
      Console.line()
      TrustView.show(trust)
    }
    showComponents(report)
    for source in report.sources { show(source) }
    if !report.runs.isEmpty { Console.line() }
    for run in report.runs {
      let message = run.message.isEmpty ? "" : ": \(run.message)"
      StatusView.wrapped("\(Timestamp.local(run.started))  \(run.job): \(run.outcome)\(message)", indent: "  ")
    }
  }

  private static func showSnapshots(_ report: StatusReport) {
    guard !report.snapshots.isEmpty else { return }
    var rows = [["snapshot", "sealed", "files", "size", "published"]]
    rows += report.snapshots.map { snapshot in
      [
        "\(snapshot.number)", Timestamp.local(snapshot.created), Words.count(snapshot.files),
        Words.bytes(snapshot.bytes),
        snapshot.number == report.current ? "current" : snapshot.isPublished ? "yes" : "no",
      ]
    }
    Console.line()
    Console.lines(Console.table(rows, rightAligned: [0, 2, 3]))
  }

  /// The oldest first. The name stands last: it may be long.
  private static func showComponents(_ report: StatusReport) {
    guard !report.components.isEmpty else { return }
    var rows = [["index of", "age", "files", "size", "source", "component"]]
    rows += report.components.sorted { ($0.indexDate ?? .epoch, $0.name) < ($1.indexDate ?? .epoch, $1.name) }.map {
      component in
      [
        component.indexDate.map(Timestamp.local) ?? "-", component.age.rawValue, Words.count(component.files),
        Words.bytes(component.bytes), component.source, component.name.isEmpty ? "-" : component.name,
      ]
    }
    Console.line()
    Console.lines(Console.table(rows, rightAligned: [2, 3]))
  }

  private static func show(_ source: StatusReport.SourceFacts) {
    Console.line()
    Console.line("source \(source.name)")
    for (path, date) in source.primaries.sorted(by: { $0.key < $1.key }) {
      Console.line("  \(path) of \(Timestamp.local(date))")
    }
    for drift in source.drift { Console.line("  unknown or skipped: \(drift)") }
    guard source.absentCount > 0 else { return }
    var parts: [String] = []
    if source.absentIndexCount > 0 { parts.append("\(Words.count(source.absentIndexCount)) of them indexes") }
    if source.refusedCount > 0 { parts.append("\(Words.count(source.refusedCount)) refused by the server") }
    let detail = parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
    Console.line("  \(Words.count(source.absentCount, "file")) listed in the indexes are not on the servers\(detail):")
    for path in source.absent { Console.line("    \(path)") }
    if source.absentCount > source.absent.count { Console.line("    …") }
  }
}
