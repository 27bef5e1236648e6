import Catalogue
import ContentStore
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SyncRules
import UpdateIndex
import VendorChecks

/// Judges what a source has come to: whether its new state may become part of a snapshot, and what of it a person
/// should know.
struct SourceJudgement {
  let configuration: Configuration
  let options: SyncJob.Options
  let store: ContentStore
  /// The newest whole snapshot.
  let last: Snapshot?
  let reporter: any JobReporter

  /// Decides whether a source's new state may become part of a snapshot, and tells what a person should know of it.
  ///
  /// - Throws: what forbids it: older primary indexes, absent files under `strict`, too much that is missing.
  func judge(_ outcome: SourceOutcome, of source: Source) throws {
    guard let files = outcome.files else { return }
    let before = last.flatMap { SnapshotNotes($0.notes) }?.sources[source.name]
    reportDrift(outcome.notes, before: before, source.name)
    reportDiffering(outcome.notes, before: before, source.name)
    if !options.allowOlder, let before {
      try PrimaryDates.refuseOlder(outcome.notes.primaries, than: before, at: "source \(source.name)")
    }
    try refuseAbsentIfStrict(outcome.notes, source)
    guard let last else { return }
    let summary = try store.summary(of: last.number)
    let retired = try reportComponents(outcome, files, of: source, before: before, last, summary)
    guard !options.acceptShrink else { return }
    let differences = (before?.differences ?? .init(), outcome.notes.differences ?? .init())
    let shrinking = ShrinkGuard(limit: configuration.sync.shrinkLimit)
    let changes = try changedDemand(outcome)
    if let changes {
      reporter.information("demand-changed", "source \(source.name): what the sites want has changed: \(changes)")
    }
    let isOtherSelection = before?.plan != outcome.notes.plan && changes == nil
    if isOtherSelection {
      reporter.information(
        "selection-changed",
        "source \(source.name): the selection in the configuration has changed: components may be gone, but not too much in all"
      )
    }
    try shrinking.check(
      source.name,
      before: summary,
      now: files,
      differences: differences,
      retired: retired,
      change: isOtherSelection ? .selection : changes.map(ShrinkGuard.Change.demand)
    )
  }

  /// How what the sites want differs from what the last sync took for them; `nil` where it does not, or did not depend on
  /// them.
  private func changedDemand(_ outcome: SourceOutcome) throws -> String? {
    guard let now = outcome.demand else { return nil }
    let state = try store.sourceState(outcome.source)
    return state.flatMap { TreeMemory($0.notes)?.demand }.flatMap(now.changes)
  }

  /// Warns of what in the indexes is unknown to us or skipped, and was not there the last time.
  private func reportDrift(_ notes: SourceNotes, before: SourceNotes?, _ source: String) {
    let known = Set(before?.drift.map(\.name) ?? [])
    let news = notes.drift.filter { !known.contains($0.name) }
    let skipped = news.compactMap { $0.name.removing(prefix: "\(DriftReport.skippedName) ") }
    if !skipped.isEmpty {
      reporter.warning(
        "skipped",
        "source \(source): \(Words.count(skipped.count, "file")) in the indexes skipped, since Windows keeps such names for devices: \(Words.list(skipped)). Everything else is mirrored."
      )
    }
    for finding in news where !finding.name.hasBytePrefix(DriftReport.skippedName) {
      reporter.warning(
        "drift",
        "source \(source): the indexes have something new: \(finding.name), \(Words.count(finding.count, "time")), such as \(finding.sample). All bytes are mirrored as they are; an update of kscmirror may read more in them."
      )
    }
  }

  /// Tells which components the vendor has retired, and which are new beside a list.
  ///
  /// - Returns: components that are gone from the source, and that the vendor has retired.
  private func reportComponents(
    _ outcome: SourceOutcome,
    _ files: SourceFiles,
    of source: Source,
    before: SourceNotes?,
    _ last: Snapshot,
    _ summary: [ComponentSummary]
  ) throws -> Set<String> {
    guard case .kaspersky(let tree) = source.kind, let word = outcome.vendorWord, let now = outcome.notes.roster
    else { return [] }
    let news = ComponentNews(
      source: source.name,
      changes: ComponentChanges(listed: tree.components, before: before?.roster, now: now),
      word: word
    )
    let gone = ShrinkGuard.gone(source.name, before: summary, now: files)
    let retired =
      gone.isEmpty ? [] : try news.accounted(gone) { body in try store.forEachFile(in: last.number, body) }
    // Of another selection, what is gone was left out by a person.
    let isSame = before?.plan == outcome.notes.plan
    for notice in news.notices(retired: isSame ? retired : []) { reporter.report(.notice(notice)) }
    return retired
  }

  /// Warns of primary indexes that the servers have in two forms, once.
  private func reportDiffering(_ notes: SourceNotes, before: SourceNotes?, _ source: String) {
    guard let differing = notes.differingPrimaries, differing != before?.differingPrimaries else { return }
    reporter.warning(
      "differing-primaries",
      "source \(source): the server's \(differing.joined(separator: ", ")) is not the one that its retranslation index carries; the server's own file was taken. If it stays so, the server has parts of two states."
    )
  }

  private func refuseAbsentIfStrict(_ notes: SourceNotes, _ source: Source) throws {
    guard notes.absentCount > 0, source.strict ?? configuration.sync.strict else { return }
    let sample = notes.absent.prefix(3).joined(separator: ", ") + (notes.absentCount > 3 ? ", …" : "")
    let text =
      "source \(source.name): \(Words.count(notes.absentCount, "file is", "files are")) listed in the indexes and missing on the servers: \(sample)"
    throw JobError(.absentFiles, text, remedy: "Try again later, or set strict = false.")
  }
}
