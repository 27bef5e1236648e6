import FileSystem
import JobCore
import SystemPackage
import Trust

/// Makes way for wholly new keys, where those that were are lost: whoever trusted the old root has to trust the new one anew.
struct KeyReplacement {
  let folders: StoreFolders
  /// Where the root's private key is to lie.
  let rootKey: FilePath

  /// What a key that was set aside is called: it may be found again, or its pass phrase.
  private static let aside = ".replaced"

  /// Whether there were keys, of which some are lost.
  static func areLost(in folders: StoreFolders) throws -> Bool {
    try PendingRoot(folders).current() != nil && !OnlineKeys.arePresent(in: folders)
  }

  /// Sets all keys that sign bundles aside, and removes the roots that list them, with what they have signed. Versions of
  /// what is signed go on; keys of parcels, and a site's own, stay.
  func makeWay() throws {
    let roles = OnlineKeys.Role.allCases.map(\.rawValue) + [TopRole.root.rawValue]
    for path in roles.map(folders.key) + [rootKey] where try Files.status(path) != nil {
      try Files.rename(path, to: FilePath(path.string + Self.aside))
    }
    for role in roles { try Files.remove(PendingRoot(folders).nextKey(role)) }
    guard try Files.status(folders.metadata) != nil else { return }
    // The root in force goes last: as long as it is there, this can be done again.
    for entry in try Files.entries(of: folders.metadata)
    where RepositoryState.parts(of: entry.name)?.role == TopRole.root.rawValue {
      try Files.remove(folders.metadata.appending(entry.name))
    }
    for name in [PendingRoot.name, "root.json"] { try Files.remove(folders.metadata.appending(name)) }
  }
}
