import ContentStore
import FoundationEssentials
import MirrorTypes

/// Makes one snapshot of what the sources came to: new files of those that changed, the old ones of those that did
/// not, or failed.
struct SnapshotSealing {
  let store: ContentStore
  /// The names of all sources of the configuration: what another source had falls away.
  let configured: [String]
  /// The last snapshot.
  let last: Snapshot?

  /// Seals the snapshot, and then remembers what the sources knew when it was sealed.
  ///
  /// - Returns: the new snapshot, or the last one when nothing changed.
  /// - Throws: ``JobError`` when two sources have different files of one path, or the store fails.
  func seal(_ outcomes: [SourceOutcome]) throws(JobError) -> Snapshot {
    if let last, outcomes.allSatisfy({ $0.files == nil }), Set(sourcesOfLast).isSubset(of: configured) { return last }
    let files = try mergedFiles(outcomes)
    let snapshot = try seal(files, notes(outcomes))
    for outcome in outcomes {
      guard let state = outcome.state else { continue }
      try translatingErrors {
        try store.remember([:], state: state, of: outcome.source, forgetting: .only(outcome.forgotten))
      }
    }
    return snapshot
  }

  private func seal(_ files: [SnapshotFile], _ notes: SnapshotNotes) throws(JobError) -> Snapshot {
    var tree = TreeListing()
    for file in files { tree.append(file.object, size: file.size, path: file.path) }
    if let last, tree.digest() == last.treeDigest { return last }
    return try translatingErrors {
      try store.seal(SnapshotHeader(created: WallClock.seconds, notes: try notes.text)) { add in
        for file in files { try add(file) }
      }
    }
  }

  private var sourcesOfLast: [String] { last.flatMap { SnapshotNotes($0.notes) }.map { Array($0.sources.keys) } ?? [] }

  /// The files of all sources, ordered by path.
  private func mergedFiles(_ outcomes: [SourceOutcome]) throws(JobError) -> [SnapshotFile] {
    var files = outcomes.flatMap { $0.files ?? [] }
    let renewed = Set(outcomes.filter { $0.files != nil }.map(\.source))
    let carried = Set(configured).subtracting(renewed)
    if let last, !carried.isEmpty {
      try translatingErrors {
        try store.forEachFile(in: last.number) { file in
          if carried.contains(file.source) { files.append(file) }
        }
      }
    }
    files.sort { $0.path < $1.path }
    try refuseConflicts(&files)
    return files
  }

  /// Two sources may have a file in common; they may not disagree on it, nor may one's file be another's folder.
  private func refuseConflicts(_ files: inout [SnapshotFile]) throws(JobError) {
    var merged: [SnapshotFile] = []
    merged.reserveCapacity(files.count)
    var folders = Set<TreePath>()
    for file in files {
      if let previous = merged.last, previous.path == file.path {
        guard previous.object == file.object else {
          throw conflict("\(file.path) differs between the sources \(previous.source) and \(file.source)")
        }
        continue
      }
      var folder = file.path.folder
      while let path = folder, folders.insert(path).inserted { folder = path.folder }
      merged.append(file)
    }
    if let file = merged.first(where: { folders.contains($0.path) }) {
      throw JobError(
        .hostileIndex,
        "source \(file.source): \(file.path) is named as a file and as a folder; no snapshot is sealed"
      )
    }
    files = merged
  }

  private func conflict(_ what: String) -> JobError {
    JobError(
      .configuration,
      "\(what); no snapshot is sealed",
      remedy: "Give one of them another selection, or remove it."
    )
  }

  private func notes(_ outcomes: [SourceOutcome]) -> SnapshotNotes {
    var notes = SnapshotNotes(sources: [:])
    let old = last.flatMap { SnapshotNotes($0.notes) }?.sources ?? [:]
    for name in configured { notes.sources[name] = outcomes.first { $0.source == name }?.notes ?? old[name] }
    return notes
  }
}

/// What a snapshot notes of its sources, as JSON.
struct SnapshotNotes: Codable, Sendable {
  /// The notes by source.
  var sources: [String: SourceNotes]

  init(sources: [String: SourceNotes]) { self.sources = sources }

  /// Reads what ``text`` wrote; `nil` for anything else.
  init?(_ text: String) {
    guard let notes = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
    self = notes
  }

  /// The notes as a text: the same notes are the same text.
  var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
