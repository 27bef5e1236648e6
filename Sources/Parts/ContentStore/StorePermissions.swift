import Catalogue
import FileSystem
import Glibc
import SystemPackage

/// Who may see and lock what of a store.
///
/// Whoever can open a file can lock it, and one lock on the catalogue, the journal or a lock's file stops every command.
/// Others may therefore pass through the store's folder, so that a web server of another user goes on reading
/// `current`, `releases`, `objects` and `metadata`; they may not list it, and all the rest is closed to them.
enum StorePermissions {
  /// Of a new store's folder.
  private static let root: UInt32 = 0o751

  /// Makes a store's folder, and those above it.
  static func makeRoot(_ path: FilePath) throws(FileError) {
    let parent = path.removingLastComponent()
    if !parent.isEmpty { try Files.makeFolder(parent) }
    try Files.makeFolder(path, permissions: root)
  }

  /// Closes what an older version, or somebody's hand, has left open. The store's lock is held. What this user may not
  /// change stays as it is.
  static func apply(to layout: StoreLayout) {
    let map = StoreMap(layout.root)
    let wasOpen = isOpen(map)
    restrict(layout.root, 0o006)
    for entry in StoreMap.Entry.allCases where !entry.isServed {
      let path = map[entry]
      if entry.isCatalogue {
        PrivateFiles.close(path)
      } else if !isLock(path.lastComponent?.string ?? "") {
        restrict(path, entry.isShared ? 0o007 : 0o077)
      }
    }
    if wasOpen { closeLocks(map) }
  }

  /// Whether the store was made by a version that left its files open to all, or was opened by somebody's hand.
  private static func isOpen(_ map: StoreMap) -> Bool {
    let folder = (try? Files.status(map.root))?.permissions ?? 0
    let catalogue = (try? Files.status(map[.catalogue]))?.permissions ?? 0
    return folder & 0o006 != 0 || catalogue & 0o027 != 0
  }

  /// Each lock that is free is taken once, which leaves a new file that nobody else has open.
  private static func closeLocks(_ map: StoreMap) {
    for entry in StoreMap.Entry.allCases
    where entry != .lock && ![.objects, .releases, .partial, .keys].contains(entry) {
      let path = map[entry]
      if isLock(entry.rawValue), (try? Files.status(path))??.kind == .file { _ = try? FileLock.take(path) }
      guard (try? Files.status(path))??.kind == .folder else { continue }
      for name in (try? Files.entries(of: path))?.map(\.name) ?? [] where isLock(name) {
        _ = try? FileLock.take(path.appending(name))
      }
    }
  }

  private static func isLock(_ name: String) -> Bool { name == "lock" || name.hasSuffix(".lock") }

  /// Takes permissions away from a file or folder; a link is left alone.
  private static func restrict(_ path: FilePath, _ bits: UInt32) {
    guard let status = try? Files.status(path), [.file, .folder].contains(status.kind),
      status.permissions & bits != 0
    else { return }
    chmod(path.string, status.permissions & ~bits)
  }
}
