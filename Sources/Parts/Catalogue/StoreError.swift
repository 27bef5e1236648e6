import Failures
import FileSystem
import MirrorTypes
import SystemPackage

/// Why the store could not do what it was asked; whatever it was, the store and its releases are as they were.
package enum StoreError: Error, Hashable, Sendable {
  /// There is no store in this folder.
  case notAStore(FilePath)
  /// The folder holds files that are no store's.
  case foreign(FilePath)
  /// No store can be made in this folder, since its file system has not what a store needs.
  case unfit(FilePath, FileSystemLack)
  /// A newer version of the program has changed the catalogue; `version` is the first change that is unknown here.
  case tooNew(FilePath, version: String)
  /// An older version of the program made the catalogue, and it was opened for reading, which changes nothing.
  case needsUpgrade(FilePath)
  /// Another process writes to the store, or has a part of it locked: which one, where that can be seen.
  case busy(FilePath, holder: LockHolder?)
  /// The file system holding this path is full (blocks, inodes or quota).
  case outOfSpace(FilePath)
  /// A call to the operating system failed.
  case file(FileError)
  /// The catalogue is damaged, or is none; the text is SQLite's reason.
  case catalogue(FilePath, String)
  /// The catalogue cannot be read or written where it lies; nothing is known to be wrong with it.
  case trouble(FilePath, CatalogueTrouble)
  /// A change was asked of a store that was opened for reading.
  case openedForReading(FilePath)
  /// No snapshot has this number.
  case noSuchSnapshot(Int)
  /// A snapshot with this number is there already.
  case snapshotExists(Int)
  /// No release has this number; `nil`: there is no release before the current one.
  case noSuchRelease(Int?)
  /// An object that a file needs is not in the store, or was found damaged.
  case missingObject(ObjectDigest, path: TreePath?)
  /// A file was given another size than its object has.
  case sizeMismatch(TreePath, given: Int64, object: Int64)
  /// A snapshot names a path twice.
  case duplicatePath(TreePath)
  /// A snapshot names the same path as a file and as a folder.
  case fileIsFolder(TreePath)
  /// A snapshot gives two contents to paths that Windows, macOS or FAT take for one, ``FoldedPath``.
  case pathsAlike(TreePath, TreePath)
  /// The listing of a snapshot does not have the digest that was promised.
  case digestMismatch(expected: ObjectDigest, found: ObjectDigest)
  /// Objects are being written, so that nothing can be pruned now.
  case objectsInUse
  /// The object was finished or abandoned before.
  case writerClosed
}

extension StoreError {
  /// Where a store can be.
  package static let fitPlaces =
    "Keep it on a file system of Linux, such as ext4, XFS or btrfs: name a folder there with store = \"...\" in the configuration, or with --store. FAT and exFAT cannot hold a store."
}

extension StoreError: CustomStringConvertible {
  /// What failed, on what, why, and what to do next.
  package var description: String {
    switch self {
    case .notAStore(let path):
      "\(path) is not a kscmirror store: check the path, or let sync or import make a new one there"
    case .foreign(let path):
      "\(path) holds files that are not of a kscmirror store: choose an empty folder, nothing was changed there"
    case .unfit(let path, let lack):
      "no store can be made in \(path): \(lack.need.words) do not work on its file system\(lack.kind.isEmpty ? "" : " (\(lack.kind))"): \(lack.cause.reason)"
    case .tooNew(let path, let version):
      "the store \(path) was changed by a newer kscmirror (catalogue change \(version.debugDescription)): update this one"
    case .needsUpgrade(let path):
      "the store \(path) was made by an older kscmirror: run a command that writes to it (sync, import, prune) once"
    case .busy(let path, let holder):
      "the store \(path) is in use by \(holder?.description ?? "another process"): wait until it has finished"
    case .outOfSpace(let path):
      "no space left on the file system of \(path)"
    case .file(let error):
      error.description
    case .catalogue(let path, let reason):
      "the catalogue \(path) cannot be used: \(reason). Put it back from a copy, or move the store away and fill a new one"
    case .trouble(let path, let trouble):
      trouble.description(of: path)
    case .openedForReading(let path):
      "the store \(path) was opened for reading only"
    case .noSuchSnapshot(let number):
      "there is no snapshot \(number) in the store: kscmirror status lists those that there are"
    case .snapshotExists(let number):
      "snapshot \(number) is in the store already"
    case .noSuchRelease(let number?):
      "there is no release \(number) in the store: kscmirror status lists those that there are"
    case .noSuchRelease(nil):
      "there is no release before the current one"
    default:
      contentDescription
    }
  }

  private var contentDescription: String {
    switch self {
    case .missingObject(let digest, let path):
      "the object \(digest)\(path.map { " of \($0)" } ?? "") is not in the store whole: sync or import it again"
    case .sizeMismatch(let path, let given, let object):
      "\(path) was given as \(Words.exactBytes(given)) but its object has \(object)"
    case .duplicatePath(let path):
      "\(path) is named twice in one snapshot"
    case .fileIsFolder(let path):
      "\(path) is named both as a file and as a folder in one snapshot"
    case .pathsAlike(let first, let second):
      "'\(first.spelled)' and '\(second.spelled)' differ in case or in Unicode form only, and have two contents: Windows, "
        + "macOS and FAT take them for one file, and an isolated store refuses them. Leave one of them out of the source"
    case .digestMismatch(let expected, let found):
      "the listing of the snapshot has the digest \(found), not \(expected) as was promised: it is refused"
    case .objectsInUse:
      "objects are being written: prune when they are finished"
    case .writerClosed:
      "the object was finished or abandoned before"
    default:
      "the store failed"
    }
  }
}

extension StoreError {
  /// A failed call, as out of space where it is that.
  package init(_ error: FileError) {
    self = error.isOutOfSpace ? .outOfSpace(error.path) : .file(error)
  }
}

/// Runs file operations, with their failures as the store's.
package func withFiles<T>(_ body: () throws(FileError) -> T) throws(StoreError) -> T {
  do { return try body() } catch { throw StoreError(error) }
}

extension StoreError: Failure {
  package var status: ExitStatus {
    switch self {
    case .file(let cause): cause.status
    case .busy: .busy
    case .outOfSpace: .noSpace
    case .trouble(_, .readOnly), .trouble(_, .mayNotMake): .permission
    case .trouble(_, .shared), .trouble(_, .disk): .inputOutput
    case .notAStore, .noSuchSnapshot, .noSuchRelease: .notThere
    case .foreign, .unfit, .tooNew, .needsUpgrade, .catalogue: .badStore
    case .missingObject, .sizeMismatch, .digestMismatch: .damagedStore
    case .duplicatePath, .fileIsFolder, .pathsAlike: .hostileIndex
    case .openedForReading, .snapshotExists, .objectsInUse, .writerClosed: .software
    }
  }

  package var remedy: String? {
    switch self {
    case .file(let cause): cause.remedy
    case .outOfSpace:
      "Make room there, for example with 'kscmirror prune', which removes old snapshots, and run the command again."
    case .trouble(_, let trouble): trouble.remedy
    case .unfit: StoreError.fitPlaces
    default: nil
    }
  }
}
