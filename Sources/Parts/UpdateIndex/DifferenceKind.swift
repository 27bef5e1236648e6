import MirrorTypes

/// What the vendor's servers offer beside a file, named by no index, so that clients need not fetch the whole of it
/// (FORMAT.md, section 5): clients ask for the difference, then for the compressed twin, then for the file.
package enum DifferenceKind: Sendable, Hashable, CaseIterable {
  /// The list of further differences: `diffs/FOLDER/~NAME.diffs`; they lie beside it. See ``DifferenceList``.
  case list
  /// The difference: `FOLDER/NAME.dif`.
  case difference
  /// The compressed twin: `FOLDER/NAME.klz`.
  case compressedTwin

  /// The folder of the lists, and of what they name.
  package static let folder = TreePath(constant: "diffs")
  /// That folder as an index tells it by `DiffsPath`. No index has told another; one that does is reported as drift.
  static let folderInIndexes = "@ServerPath@/diffs"

  private static let listMark = "~"
  private static let listSuffix = ".diffs"

  private var suffix: String {
    switch self {
    case .list: Self.listSuffix
    case .difference: ".dif"
    case .compressedTwin: ".klz"
    }
  }

  /// Where what is of this kind lies for a file; `nil` when that would be no path, so that there is nothing.
  package func path(of file: TreePath) -> TreePath? {
    guard self == .list else { return try? TreePath(file.string + suffix) }
    let folder = file.folder.map { "\(Self.folder)/\($0)" } ?? Self.folder.string
    return try? TreePath("\(folder)/\(Self.listMark)\(file.name)\(suffix)")
  }

  /// The kind of which a path is, by its form alone, and the file that it is of; `nil` for any other path.
  package static func split(_ path: TreePath) -> (kind: DifferenceKind, file: TreePath)? {
    for kind in [difference, compressedTwin] where path.hasSuffix(kind.suffix) {
      return path.removing(suffix: kind.suffix).map { (kind, $0) }
    }
    guard let inner = path.relative(to: folder),
      let name = inner.name.removing(suffix: listSuffix)?.removing(prefix: listMark),
      let file = try? TreePath(name)
    else { return nil }
    guard let place = inner.folder else { return (list, file) }
    return (try? place.appending(file)).map { (list, $0) }
  }
}
