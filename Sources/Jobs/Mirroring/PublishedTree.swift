import Catalogue
import JobCore
import MirrorTypes
import StoreTrust
import SyncRules
import UpdateIndex

/// The files of an update tree as they will be published, after a walk: the indexes and what they name, without what
/// the servers do not have; and their difference files, if these are mirrored.
package struct PublishedTree {

  private let walk: TreeWalk
  /// `nil` when difference files are not mirrored.
  private let differences: DifferenceWalk?
  private let memory: FileMemory
  private let answers: IndexAnswers

  /// How many absent files are noted by name.
  private static let absentSample = 1000

  init(of walk: TreeWalk, with differences: DifferenceWalk?, _ memory: FileMemory, _ answers: IndexAnswers) {
    self.walk = walk
    self.differences = differences
    self.memory = memory
    self.answers = answers
  }

  /// Goes through the files, in no order.
  func forEach(_ body: (SnapshotFile) throws -> Void) throws {
    for path in walk.indexes {
      if let file = try file(index: path) { try body(file) }
    }
    try memory.forEachSaved { path, known in
      guard let object = known.object, let subject = subject(of: path) else { return }
      let facts = facts(of: subject)
      try body(
        SnapshotFile(
          path: try Self.published(path),
          object: object,
          size: known.size,
          source: memory.source,
          component: component(facts),
          namedBy: facts?.namedBy.string,
          origin: known.server,
          fetched: known.fetched,
          modified: known.validators.lastModifiedTime
        )
      )
    }
  }

  /// The file that something remembered is about: that file itself or, of a difference file, the one that it is of;
  /// `nil` when it is no longer of the tree.
  private func subject(of path: TreePath) -> TreePath? {
    if walk.isIndex(path) { return nil }
    return walk.named[path] != nil ? path : differences?.file(of: path)
  }

  /// What names a file that belongs to the tree; `nil` for a primary index.
  private func facts(of subject: TreePath) -> IndexWalk.NamedFile? {
    walk.isIndex(subject) ? walk.indexFacts[subject] : walk.named[subject]
  }

  /// What a file calls its components.
  private func component(_ facts: IndexWalk.NamedFile?) -> String { facts?.components.joined(separator: ",") ?? "" }

  private func file(index path: TreePath) throws -> SnapshotFile? {
    guard let index = answers[path]?.index, let object = index.object else { return nil }
    let facts = walk.indexFacts[path]
    return SnapshotFile(
      path: try Self.published(path),
      object: object,
      size: index.size,
      source: memory.source,
      component: component(facts),
      namedBy: facts?.namedBy.string,
      origin: index.server,
      fetched: index.fetched,
      modified: index.validators.lastModifiedTime
    )
  }

  private static func published(_ path: TreePath) throws(TreePathError) -> TreePath {
    try TreePath("\(StoreFolders.updates)/\(path.string)")
  }

  /// Facts for the snapshot, and what is remembered though nothing names it any more.
  func facts() throws -> (notes: SourceNotes, strays: Set<TreePath>) {
    var notes = SourceNotes()
    var strays: Set<TreePath> = []
    var absent = walk.indexes.filter { answers[$0]?.object == nil }.map(\.string)
    var dates = ComponentDates()
    for path in walk.indexes where answers[path]?.object != nil {
      if let date = walk.ownDates[path] { dates.add(date, of: component(walk.indexFacts[path])) }
    }
    var vendor = VendorNotes(indexes: walk.verifiedIndexes.count)
    vendor.notVerifiable = walk.indexes.count - absent.count - vendor.indexes
    var ofDifferences = SourceNotes.FileSum()
    try memory.forEachSaved { path, known in
      guard let subject = subject(of: path) else {
        strays.insert(path)
        return
      }
      if known.object != nil, let facts = facts(of: subject), let date = walk.ownDates[facts.namedBy] {
        dates.add(date, of: component(facts))
      }
      if subject != path {
        guard known.object != nil else { return }
        ofDifferences.files += 1
        ofDifferences.bytes.addBytes(known.size)
        vendor.notVerifiable += 1
      } else if known.object == nil {
        absent.append(path.string)
      } else if let checked = known.checked, checked == walk.named[path]?.dskm2 {
        vendor.files += 1
      } else {
        vendor.notVerifiable += 1
      }
    }
    notes.vendor = vendor
    notes.components = dates
    notes.differences = differences == nil ? nil : ofDifferences
    notes.absentCount = absent.count
    notes.absent = Array(absent.sorted().prefix(Self.absentSample))
    notes.drift = walk.drift.findings.map { .init(name: $0.name, count: $0.count, sample: $0.sample) }
    let differing = answers.differingFromCarried.map(\.string)
    notes.differingPrimaries = differing.isEmpty ? nil : differing
    let older = walk.indexDates.lasting.map(\.path.string)
    notes.olderIndexes = older.isEmpty ? nil : older
    for (path, date) in walk.dates { notes.primaries[path.string] = date.time }
    return (notes, strays)
  }
}
