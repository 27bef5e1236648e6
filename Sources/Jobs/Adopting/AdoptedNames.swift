import FileSystem
import JobCore
import MirrorTypes
import UpdateIndex

/// How the indexes of an adopted folder write the names of its files. A server has files in lower case that an index
/// writes with capitals, and a sync knows a file by what the index writes.
///
/// The indexes are anybody's: what is taken from them is how a name that is there is written, and nothing else.
struct AdoptedNames {
  /// What an index writes, by the name in lower case, where the two differ.
  private var written: [TreePath: TreePath] = [:]

  /// The most bytes of an index: the vendor's largest has 0.8 MB.
  private static let maximumIndexBytes = 64 << 20

  /// Reads the indexes of a folder, from its primary ones on. One that is missing or cannot be read is passed over.
  init(_ folder: Place, _ files: Set<TreePath>) throws {
    let primaries = files.filter(PrimaryIndexes.contains).sorted()
    var walk = IndexWalk(primaries: primaries, selection: try Selection(patches: true))
    var queue = primaries
    var seen = Set(primaries)
    while let path = queue.popLast() {
      guard let name = [path, path.withLowercasedName].first(where: files.contains),
        let bytes = try? folder.pushing(name.string).read(atMost: Self.maximumIndexBytes),
        let step = try? walk.take(bytes, of: path)
      else { continue }
      note(path)
      for file in step.files { note(file.path) }
      for index in step.indexes.map(\.path) where seen.insert(index).inserted { queue.append(index) }
    }
  }

  private mutating func note(_ path: TreePath) {
    let lowered = path.withLowercasedName
    if lowered != path { written[lowered] = path }
  }

  /// The path of a file as indexes write it.
  subscript(path: TreePath) -> TreePath { written[path] ?? path }
}
