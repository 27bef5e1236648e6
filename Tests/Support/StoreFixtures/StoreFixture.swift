import Catalogue
import ContentStore
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage
import TestSupport

/// A folder with a store, and short ways to fill it.
package struct StoreFixture {
  package let folder = TemporaryFolder()

  package init() {}

  package var root: FilePath { folder["store"] }

  package func open(create: Bool = true) throws -> ContentStore {
    try ContentStore.open(root, access: .writing, create: create)
  }

  package func openForReading() throws -> ContentStore { try ContentStore.open(root, access: .reading) }

  /// The names in a folder of the store.
  package func names(_ path: String) throws -> [String] {
    try Files.entries(of: root.pushing(FilePath(path))).map(\.name)
  }

  /// A file as a release shows it; `nil` if it is not there.
  package func published(_ path: String) throws -> String? {
    let place = root.appending("current").pushing(FilePath(path))
    guard try Files.status(place) != nil else { return nil }
    return String(decoding: try Files.read(place, atMost: 1 << 20), as: UTF8.self)
  }

  /// Replaces the bytes of an object by others, as a failing disk would.
  package func damage(_ object: ObjectDigest, in store: ContentStore, with bytes: String) throws {
    // Written through the same inode, so that the releases see it too.
    let path = store.path(of: object)
    chmod(path.string, 0o644)
    let file = try FileDescriptor.open(path, .writeOnly, options: [.truncate])
    _ = try file.closeAfter { try file.writeAll(bytes.utf8) }
    chmod(path.string, 0o444)
  }
}

extension ContentStore {
  /// Puts an object into the store; it is not committed.
  @discardableResult
  package func put(_ bytes: [UInt8], key: String? = nil) throws -> FinishedObject {
    let writer = try writer(resuming: key)
    try bytes.withUnsafeBytes { try writer.append($0) }
    return try writer.finish()
  }

  @discardableResult
  package func put(_ text: String) throws -> FinishedObject { try put(Array(text.utf8)) }

  /// Puts files with these texts into the store and seals a snapshot of them.
  @discardableResult
  package func seal(_ files: [String: String], number: Int? = nil, created: UTCTime = 1000) throws -> Snapshot {
    let sealed = try files.map { path, text in
      let object = try put(text)
      return SnapshotFile(
        path: try TreePath(path),
        object: object.digest,
        size: object.size,
        source: "kaspersky",
        component: path.hasPrefix("packages/") ? "" : "KDB",
        namedBy: "index/u1901g.xml",
        origin: "https://s00.example",
        fetched: 500
      )
    }
    try commitObjects()
    return try seal(SnapshotHeader(number: number, created: created)) { add in try sealed.forEach(add) }
  }

  /// The files of a snapshot, in the order in which they come.
  package func files(in number: Int) throws -> [SnapshotFile] {
    var found: [SnapshotFile] = []
    try forEachFile(in: number) { found.append($0) }
    return found
  }
}
