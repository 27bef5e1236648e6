import ContentStore
import FileSystem
import JobCore
import Trust

/// The metadata of an imported bundle, laid where the web store of a site without keys of its own serves it.
///
/// All but the timestamp carry their versions in their names and change nothing for readers: they are laid down before
/// the snapshot is sealed, and the timestamp, which leads to them, follows when that is published. Whoever comes after a
/// run that ended in between has all that it takes.
package struct BundleMetadata {
  private let folders: StoreFolders

  package init(_ folders: StoreFolders) { self.folders = folders }

  private static let timestamp = "timestamp.json"

  /// Lays down the files that readers do not come to yet.
  package func prepare(_ files: [(name: String, bytes: [UInt8])]) throws {
    let cache = FileCache(folders.metadata)
    for file in files where file.name != Self.timestamp { try cache.save(file.name, file.bytes) }
  }

  /// Leads readers to the metadata that was trusted last, if it is of what is published, and all of it is there.
  package func switchOver(of store: ContentStore) throws {
    let (trusted, served) = (FileCache(folders.trust), FileCache(folders.metadata))
    guard let timestamp = try trusted.load(Self.timestamp), try served.load(Self.timestamp) != timestamp,
      let current = try store.current()?.number
    else { return }
    let facts = try TimestampMetadata(SignedMetadata(parsing: timestamp).signed).snapshot
    guard let bytes = try served.load("\(facts.version).snapshot.json"),
      let signed = try? SignedMetadata(parsing: bytes).signed, let snapshot = try? SnapshotMetadata(signed),
      signed[SignedSnapshot.field]?.object?["snapshot"]?.integer == Int64(current)
    else { return }
    let isWhole = try snapshot.files.allSatisfy { name, file in
      try Files.status(folders.metadata.appending("\(file.version).\(name)"))?.size == file.length
    }
    if isWhole { try served.save(Self.timestamp, timestamp) }
  }
}
