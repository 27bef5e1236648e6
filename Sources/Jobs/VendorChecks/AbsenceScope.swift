import FileSystem
import MirrorTypes
import StoreTrust
import UpdateIndex

/// Which names count as absent when a tree does not have them: what was never chosen is not missed.
package enum AbsenceScope: Sendable {
  /// All but application patches, which few mirror: for a folder of which nothing more is known.
  case everything
  /// What the selections of a snapshot take.
  case selections([NotedSelection])
  /// Nobody knows what was chosen: all is counted, and nothing follows.
  case unknown

  /// The scope of a snapshot by what it notes.
  package init(_ text: String) {
    guard let notes = SnapshotNotes(text), notes.selection == nil else {
      self = .unknown
      return
    }
    // A source without a plan is not an update tree.
    let trees = notes.sources.values.filter { !$0.plan.isEmpty }
    let selections = trees.compactMap(\.selection)
    self = selections.count == trees.count && !trees.isEmpty ? .selections(selections) : .unknown
  }

  /// Whether it follows from an absence that something is wrong.
  var isKnown: Bool { if case .unknown = self { false } else { true } }

  /// What is chosen of a tree: the paths of indexes and files; `nil`: all.
  ///
  /// - Parameters:
  ///   - primaries: the primary indexes that the tree has.
  ///   - maximumBytes: the most bytes of an index.
  func names(in tree: any VendorTree, primaries: [TreePath], maximumBytes: Int) throws -> Set<TreePath>? {
    switch self {
    case .unknown: return nil
    case .everything: return try Self.names(in: tree, primaries, Selection(), maximumBytes)
    case .selections(let selections):
      var names: Set<TreePath> = []
      for noted in selections {
        guard let selection = noted.selection else { return nil }
        let wanted = Set(noted.primaries)
        let roots = primaries.filter { wanted.contains($0.string) }
        names.formUnion(try Self.names(in: tree, roots, selection, maximumBytes))
      }
      return names
    }
  }

  private static func names(
    in tree: any VendorTree,
    _ primaries: [TreePath],
    _ selection: Selection,
    _ maximumBytes: Int
  ) throws -> Set<TreePath> {
    var walk = IndexWalk(primaries: primaries, selection: selection)
    var queue = primaries
    var names: Set<TreePath> = []
    var position = 0
    while position < queue.count {
      let path = queue[position]
      position += 1
      names.insert(path)
      guard let place = try tree.place(of: path) else { continue }
      // An index that cannot be read is found by the verification itself.
      guard let step = try? walk.take(try Files.read(place, atMost: maximumBytes), of: path) else { continue }
      queue += step.indexes.map(\.path)
      for file in step.files { names.insert(file.path) }
    }
    return names
  }
}
