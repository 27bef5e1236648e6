import ContentStore
import MirrorTypes
import UpdateIndex

/// The files of an update tree as they will be published, after a walk.
struct PublishedTree {
  /// The files: the indexes and what they name, without what the server does not have.
  private(set) var files: [SnapshotFile] = []
  /// Facts for the snapshot.
  private(set) var notes = SourceNotes()

  /// Below which folder of a release update trees are published.
  static let folder = "updates"
  /// How many absent files are noted by name.
  private static let absentSample = 1000

  init(of walk: TreeWalk, _ memory: FileMemory, _ answers: IndexAnswers) throws(JobError) {
    files.reserveCapacity(walk.named.count + walk.indexes.count)
    for path in walk.indexes { try add(index: path, of: walk, memory.source, answers) }
    for (path, file) in walk.named where !walk.isIndex(path) {
      guard let known = memory[path], let object = known.object else {
        noteAbsent(path)
        continue
      }
      files.append(
        SnapshotFile(
          path: try Self.published(path),
          object: object,
          size: known.size,
          source: memory.source,
          component: file.components.joined(separator: ","),
          namedBy: file.namedBy.string,
          origin: known.server,
          fetched: known.fetched,
          modified: known.validators.lastModifiedSeconds
        )
      )
    }
    notes.absent.sort()
    notes.absent = Array(notes.absent.prefix(Self.absentSample))
    notes.drift = walk.walk.drift.findings.map { .init(name: $0.name, count: $0.count, sample: $0.sample) }
    for (path, date) in walk.walk.dates { notes.primaries[path.string] = date.secondsSince1970 }
  }

  private mutating func add(
    index path: TreePath,
    of walk: TreeWalk,
    _ source: String,
    _ answers: IndexAnswers
  ) throws(JobError) {
    guard let index = answers[path]?.index, let object = index.object else { return noteAbsent(path) }
    let facts = walk.indexFacts[path]
    files.append(
      SnapshotFile(
        path: try Self.published(path),
        object: object,
        size: index.size,
        source: source,
        component: facts?.components.joined(separator: ",") ?? "",
        namedBy: facts?.namedBy.string,
        origin: index.server,
        fetched: index.fetched,
        modified: index.validators.lastModifiedSeconds
      )
    )
  }

  private mutating func noteAbsent(_ path: TreePath) {
    notes.absent.append(path.string)
    notes.absentCount += 1
  }

  private static func published(_ path: TreePath) throws(JobError) -> TreePath {
    try translatingErrors { try TreePath(folder).appending(path) }
  }
}
