import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import StoreTrust

/// Makes one snapshot of what the sources came to: new files of those that changed, the old ones of those that did
/// not, or failed.
struct SnapshotSealing {
  let store: ContentStore
  /// The names of all sources of the configuration: what another source had falls away.
  let configured: [String]
  /// The last snapshot.
  let last: Snapshot?
  let clock: WallClock

  /// Seals the snapshot, and then remembers what the sources knew when it was sealed.
  ///
  /// - Returns: the new snapshot, or the last one when nothing changed.
  /// - Throws: an error when two sources have different files of one path, or the store fails.
  func seal(_ outcomes: [SourceOutcome]) throws -> Snapshot {
    if let last = unchanged(outcomes) { return last }
    let header = SnapshotHeader(created: clock.now, notes: try notes(outcomes).text, owes: .sync)
    let snapshot = try store.seal(header, unlessLike: last) { add in try forEachFile(of: outcomes, add) }
    for outcome in outcomes {
      guard let state = outcome.state else { continue }
      try store.remember(
        outcome.remembered,
        state: state,
        of: outcome.source,
        forgetting: .only(outcome.forgotten),
        settingAside: outcome.setAside
      )
    }
    try forgetRemovedSources()
    return snapshot
  }

  /// The last snapshot, if the sources have sent nothing new; else `nil`.
  func unchanged(_ outcomes: [SourceOutcome]) -> Snapshot? {
    guard outcomes.allSatisfy({ $0.files == nil }), Set(sourcesOfLast).isSubset(of: configured) else { return nil }
    return last
  }

  /// What is known of a source keeps its objects from being pruned: one that is no longer configured lets them go.
  private func forgetRemovedSources() throws {
    for name in try store.knownSources() where !configured.contains(name) { try store.forget(name) }
  }

  private var sourcesOfLast: [String] { last.flatMap { SnapshotNotes($0.notes) }.map { Array($0.sources.keys) } ?? [] }

  /// Goes through the files of all sources.
  private func forEachFile(of outcomes: [SourceOutcome], _ add: (SnapshotFile) throws -> Void) throws {
    let renewed = outcomes.filter { $0.files != nil }
    let carried = Set(configured).subtracting(renewed.map(\.source))
    var merge = SourceMerge()
    for outcome in renewed {
      try outcome.files?.forEach { if try merge.takes($0, isAlone: configured.count == 1) { try add($0) } }
    }
    guard let last, !carried.isEmpty else { return }
    try store.forEachFile(in: last.number) { file in
      if carried.contains(file.source), try merge.takes(file, isAlone: false) { try add(file) }
    }
  }

  /// Two sources may have a file in common; they may not disagree on it.
  private struct SourceMerge {
    private var taken: [TreePath: (object: ObjectDigest, source: String)] = [:]

    /// Whether a file has not come before.
    mutating func takes(_ file: SnapshotFile, isAlone: Bool) throws -> Bool {
      if isAlone { return true }
      guard let before = taken.updateValue((file.object, file.source), forKey: file.path) else { return true }
      guard before.object == file.object else {
        throw JobError(
          .configuration,
          "\(file.path) differs between the sources \(before.source) and \(file.source); no snapshot is sealed",
          remedy: "Give one of them another selection, or remove it."
        )
      }
      return false
    }
  }

  private func notes(_ outcomes: [SourceOutcome]) -> SnapshotNotes {
    var notes = SnapshotNotes(sources: [:])
    let old = last.flatMap { SnapshotNotes($0.notes) }?.sources ?? [:]
    for name in configured { notes.sources[name] = outcomes.first { $0.source == name }?.notes ?? old[name] }
    return notes
  }
}
