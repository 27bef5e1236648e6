import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SyncRules
import SystemPackage
import UpdateIndex

/// Compares what a configuration selects with what the indexes of the newest snapshot know, so that a misspelt word is
/// seen before a sync.
package struct SelectionOfStore {
  private let store: ContentStore
  private let notes: SourceNotes
  private let snapshot: Int
  private let source: String
  private let tree: UpdateTreeSource

  /// The most bytes of an index.
  private static let maximumBytes = 64 << 20

  /// The selection of a source; `nil` where no snapshot of it is in the store.
  package init?(of source: String, _ tree: UpdateTreeSource, in folder: FilePath) throws {
    guard try Files.status(StoreMap(folder)[.catalogue]) != nil else { return nil }
    let store = try ContentStore.open(folder, access: .reading)
    guard let newest = try store.newestWhole(), let notes = SnapshotNotes(newest.notes)?.sources[source] else {
      return nil
    }
    self.store = store
    self.notes = notes
    snapshot = newest.number
    self.source = source
    self.tree = tree
  }

  /// Refuses words that no index knows, as far as that can be known: of a snapshot from which something was left out,
  /// indexes may be missing that know a word. A component that is like another one is misspelt all the same.
  ///
  /// - Throws: an error with ``ExitStatus/configuration``.
  package func refuseUnknown() throws {
    guard !tree.components.isEmpty || tree.narrows else { return }
    var vocabulary = SelectionVocabulary()
    var components: Set<String> = []
    for index in try indexes() {
      vocabulary.take(index)
      components.formUnion(index.entries.flatMap(\.components))
    }
    let isWhole = notes.selection?.isWhole ?? false
    if isWhole { try ComponentCheck.refuse(vocabulary.unknown(in: tree), in: source) }
    guard let roster = notes.roster else { return }
    let changes = ComponentChanges(listed: tree.components, before: roster, now: roster)
    let unknown = changes.unknown { components }.filter { isWhole || $0.nearest != nil }
    try ComponentCheck.refuse(unknown, in: source)
  }

  private func indexes() throws -> [IndexFile] {
    var found: [(TreePath, ObjectDigest)] = []
    try store.forEachFile(in: snapshot) { file in
      guard file.source == source, file.path.name.hasByteSuffix(".xml"), file.size <= Self.maximumBytes,
        let path = file.path.relative(to: StoreFolders.updates)
      else { return }
      found.append((path, file.object))
    }
    return found.compactMap { path, object in
      // Not each file of this kind is an index.
      try? IndexParser.parse(try Files.read(store.path(of: object), atMost: Self.maximumBytes), at: path)
    }
  }
}
