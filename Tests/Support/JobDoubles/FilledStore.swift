import Catalogue
import ContentStore
import FileSystem
import MirrorTypes
import SystemPackage
import TestSupport

/// A store in a folder of its own, whose snapshots are given as texts.
package final class FilledStore {
  /// A file of a snapshot, whose bytes are a text.
  package struct File: Sendable, Hashable {
    package var path: String
    package var text: String
    package var source: String
    package var component: String

    package init(_ path: String, _ text: String, source: String = "kaspersky", component: String = "KDB") {
      self.path = path
      self.text = text
      self.source = source
      self.component = component
    }
  }

  private let folder = TemporaryFolder()
  package let store: ContentStore

  package init() throws { store = try ContentStore.open(folder["store"], access: .writing, create: true) }

  package var root: FilePath { store.root }

  /// Puts an object into the store.
  package func put(_ text: String) throws -> FinishedObject {
    let writer = try store.writer(resuming: nil)
    try Array(text.utf8).withUnsafeBytes { try writer.append($0) }
    let object = try writer.finish()
    try store.commitObjects()
    return object
  }

  /// A file as snapshots have it, after its object was put into the store.
  package func snapshotFile(_ file: File) throws -> SnapshotFile {
    let object = try put(file.text)
    return SnapshotFile(
      path: try TreePath(file.path),
      object: object.digest,
      size: object.size,
      source: file.source,
      component: file.component,
      fetched: 500
    )
  }

  /// Seals a snapshot of these files.
  package func seal(_ files: [File], notes: String = "{}") throws -> Snapshot {
    let sealed = try files.map(snapshotFile)
    return try store.seal(SnapshotHeader(created: 1000, notes: notes)) { add in try sealed.forEach(add) }
  }

  /// The files of a snapshot by their paths.
  package func files(of number: Int) throws -> Set<File> {
    var files: Set<File> = []
    try store.forEachFile(in: number) { file in
      let bytes = try Files.read(store.path(of: file.object), atMost: 1 << 20)
      let text = String(decoding: bytes, as: UTF8.self)
      files.insert(File(file.path.string, text, source: file.source, component: file.component))
    }
    return files
  }
}
