import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import UpdateIndex
import VendorChecks

/// The components of a release's update tree, and how old each is, by its own indexes.
struct ReleaseComponents {
  /// The date of a component below a primary index.
  private(set) var dates: [Place: UTCTime] = [:]

  /// A component below a primary index.
  struct Place: Hashable {
    /// The primary index, such as `index/u1313g.xml`.
    let primary: String
    /// The component, such as `KDB`.
    let component: String
  }

  /// The largest index that is read, in bytes.
  private static let mostBytes = 64 << 20

  /// Their names, in order.
  var names: [String] { Set(dates.keys.map(\.component)).sorted() }

  /// Reads the primary indexes of a snapshot, and the indexes that they name.
  ///
  /// - Throws: an error for an index that cannot be read.
  init(of snapshot: Int, _ store: ContentStore) throws {
    let tree = try StoreTree(indexesOf: snapshot, store)
    for primary in try tree.primaries() {
      guard let index = try Self.parse(primary, tree) else { continue }
      for entry in index.entries where entry.kind == .index && !entry.components.isEmpty {
        guard let date = try Self.parse(entry.path, tree)?.date else { continue }
        for component in entry.components {
          let place = Place(primary: primary.string.lowercased(), component: component)
          dates[place] = dates[place].map { max($0, date.time) } ?? date.time
        }
      }
    }
  }

  /// An index; `nil` where the release does not carry it.
  private static func parse(_ path: TreePath, _ tree: StoreTree) throws -> IndexFile? {
    guard let place = try tree.place(of: path) else { return nil }
    return try IndexParser.parse(try Files.read(place, atMost: mostBytes), at: path)
  }
}
