import FileSystem
import SystemPackage

/// What of a store is nobody else's to read: keys, what sites send, the journal, and what others could lock.
package enum StoreSecrets {
  /// Something that others can open.
  package struct Exposure: Sendable, Hashable {
    /// The file or folder at the store's root.
    package let path: FilePath
    /// Its permission bits.
    package let permissions: UInt32
    /// Those that it should have.
    package let closed: UInt32
  }

  /// What is open to others than it should be, by the permissions that every writer sets (``StorePermissions``): a folder
  /// that is closed closes what lies in it.
  ///
  /// - Throws: ``FileError`` where that cannot be looked up.
  package static func exposed(in root: FilePath) throws(FileError) -> [Exposure] {
    let map = StoreMap(try Files.resolvingLinks(root))
    var found: [Exposure] = []
    for entry in Self.entries {
      guard let status = try Files.status(map[entry]), status.kind == .file || status.kind == .folder else { continue }
      let bits = bits(of: entry, in: map.root)
      guard status.permissions & bits != 0 else { continue }
      found.append(
        Exposure(path: map[entry], permissions: status.permissions, closed: status.permissions & ~bits)
      )
    }
    return found
  }

  private static let entries: [StoreMap.Entry] = [
    .keys, .parcels, .licences, .ksn, .exchange, .receipts, .journal, .lock, .catalogue, .catalogueLog,
    .catalogueMemory, .catalogueJournal,
  ]

  /// The permissions that it must not have.
  private static func bits(of entry: StoreMap.Entry, in root: FilePath) -> UInt32 {
    if entry.isCatalogue { return 0o077 & ~PrivateFiles.permissions(in: root) }
    return entry.isShared ? 0o007 : 0o077
  }
}
