import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

// What of a store cannot be had again: it is what a backup holds. All else comes again with a sync or a bundle.

extension StoreMap.Entry {
  /// Whether it is precious. Each thing in a store is one or the other.
  var isPrecious: Bool {
    switch self {
    case .metadata, .keys, .trust, .journal, .receipts, .parcels, .licences, .ksn, .exchange, .numbers, .pendingPackage:
      true
    case .objects, .partial, .releases, .catalogue, .catalogueLog, .catalogueMemory, .catalogueJournal, .reserve, .lock,
      .current,
      .previous, .nextLink, .unsettled, .incoming, .outgoing, .program, .mounts, .publishLock, .packagesLock, .notices,
      .lostAndFound:
      false
    }
  }

  /// What is put back with which permissions: files and folders.
  var restoredModes: (file: UInt32, folder: UInt32) {
    switch self {
    case .metadata: (0o644, 0o755)
    case .trust, .receipts: (0o640, StoreFolders.shared)
    default: (0o600, 0o700)
    }
  }

  /// The precious ones, the keys last: without them a store that is put back signs nothing.
  static var precious: [Self] { allCases.filter { $0.isPrecious && $0 != .keys } + [.keys] }
}

/// The precious files of a store.
struct PreciousFiles {
  /// A file, and its path in a backup.
  struct File {
    let place: Place
    let path: TreePath
    let size: Int64
  }

  /// Below which folder of a backup the store lies.
  static let folder = "store"

  private(set) var files: [File] = []

  /// Looks for them. The caller holds the locks.
  init(of store: Place) throws {
    for entry in StoreMap.Entry.precious {
      let place = store.appending(entry.rawValue)
      guard let status = try place.status() else { continue }
      let path = try TreePath("\(Self.folder)/\(entry.rawValue)")
      switch status.kind {
      case .file: files.append(File(place: place, path: path, size: status.size))
      case .folder:
        for (inner, status) in try TreeScan(place).files.sorted(by: { $0.key < $1.key })
        where !Self.isFleeting(inner) {
          files.append(
            File(
              place: place.pushing(inner.string),
              path: try TreePath("\(path.string)/\(inner.string)"),
              size: status.size
            )
          )
        }
      case .link, .special: throw JobError(.badStore, "\(place): this is neither a plain file nor a folder")
      }
    }
  }

  /// Locks, and what runs have not finished.
  private static func isFleeting(_ path: TreePath) -> Bool {
    path.parts.contains { part in
      let name = Array(part.utf8)
      return DraftName.isOne(bytes: name) || name.elementsEqual("lock".utf8)
        || name.suffix(5).elementsEqual(".lock".utf8)
        || name.suffix(5).elementsEqual(".part".utf8)
    }
  }
}
