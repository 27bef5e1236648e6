import FileSystem
internal import GRDB
import Glibc
import SystemPackage

/// Why SQLite could not do something with a catalogue with which, as far as is known, nothing is wrong.
package enum CatalogueTrouble: Hashable, Sendable {
  /// Nothing can be written where it lies, and the log beside it, which SQLite would have to read first, has no index.
  case readOnly
  /// This user may not make the files that SQLite needs beside it.
  case mayNotMake([String], owner: String)
  /// It lies on a file system of this kind, ``SharedFileSystem``; SQLite's reason.
  case shared(String, reason: String)
  /// The disk or the file system failed; SQLite's reason.
  case disk(reason: String)
}

extension CatalogueTrouble {
  /// What failed, as the end of a sentence.
  func description(of catalogue: FilePath) -> String {
    let name = catalogue.lastComponent?.string ?? ""
    return switch self {
    case .readOnly:
      "the catalogue \(catalogue) cannot be opened: nothing can be written there, and \(name)-wal beside it has changes that \(name)-shm, which is missing, would have to tell of"
    case .mayNotMake(let names, _):
      "the catalogue \(catalogue) cannot be opened: \(names.joined(separator: " and ")) beside it \(names.count == 1 ? "is" : "are") missing, and this user may not make files there"
    case .shared(let kind, let reason):
      "the catalogue \(catalogue) cannot be used: \(reason). It lies on a file system (\(kind)) that other hosts may use, or that a program serves"
    case .disk(let reason):
      "the catalogue \(catalogue) cannot be used: \(reason)"
    }
  }

  /// What to do next.
  var remedy: String {
    switch self {
    case .readOnly:
      "Mount the file system for writing, and run a command that writes to the store once, such as 'kscmirror prune'; or copy the store again, with all of its files."
    case .mayNotMake(_, let owner):
      "As user \(owner), run a command that writes to the store once, such as 'kscmirror prune': it makes them, and they stay."
    case .shared:
      "Keep the store on a disk of this host (ext4, XFS, btrfs): elsewhere locks and shared memory do not always work. 'kscmirror verify' tells whether the store is whole."
    case .disk:
      "Look at the disk, its file system and how it is mounted (dmesg, fsck), and run the command again. 'kscmirror verify' tells whether the store is whole."
    }
  }
}

/// What is known of the place where a catalogue lies: what SQLite says of a failure tells little without it.
struct CataloguePlace: Hashable, Sendable {
  /// The catalogue.
  let path: FilePath
  /// Whether it is there.
  var isThere = true
  /// Whether nothing can be written to its file system.
  var isReadOnly = false
  /// Whether its file system has no room for what SQLite needs beside it: a page of memory, or a further file.
  var isFull = false
  /// The one of its files that this user may not read.
  var unreadable: FilePath?
  /// Whether this user may make files beside it.
  var isWritable = true
  /// The names of the files that SQLite needs beside it and that are missing.
  var missing: [String] = []
  /// Whether the log beside it has something in it.
  var hasChanges = false
  /// Whose the store is.
  var owner = ""
  /// The kind of its file system, where that is a ``SharedFileSystem``.
  var kind: String?
}

extension CataloguePlace {
  /// Room that is too little for SQLite to work with: it makes its memory in pieces of 32 KiB.
  private static let little: Int64 = 64 << 10

  /// Looks.
  init(_ path: FilePath) {
    self.path = path
    let folder = path.removingLastComponent()
    isThere = ((try? Files.status(path)) ?? nil) != nil
    if let space = try? FreeSpace(at: folder) {
      isReadOnly = space.isReadOnly
      isFull = !space.isUnknown && !space.isReadOnly && (space.bytes < Self.little || space.inodes == 0)
    }
    unreadable = StoreError.files(of: path).first { access($0.string, R_OK) != 0 && errno == EACCES }
    isWritable = access(folder.string, W_OK) == 0
    for suffix in ["-wal", "-shm"] {
      let status = (try? Files.status(FilePath(path.string + suffix))) ?? nil
      if status == nil { missing.append((path.lastComponent?.string ?? "") + suffix) }
      if suffix == "-wal", let status, status.size > 0 { hasChanges = true }
    }
    owner = ((try? Files.status(folder)) ?? nil).map { SystemUser.name(of: $0.owner) } ?? ""
    kind = SharedFileSystem.name(at: folder)
  }

  /// Whether nobody can change the catalogue at this moment, and it is complete without the files beside it, which SQLite
  /// could not make: so it is with a store that was copied or restored to what is mounted read-only.
  var isUnchanging: Bool { isThere && isReadOnly && !missing.isEmpty && !hasChanges }
}

extension StoreError {
  /// What an answer of SQLite means for a catalogue.
  ///
  /// Only an answer that says so means that something is wrong with the catalogue. All others are of the disk, of
  /// permissions, of room, or of the file system.
  ///
  /// - Parameters:
  ///   - code: SQLite's primary code.
  ///   - reason: SQLite's words.
  static func judged(_ code: ResultCode, _ reason: String, at place: CataloguePlace) -> StoreError {
    switch code {
    case .SQLITE_FULL: return .outOfSpace(place.path)
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_NOLFS: break
    case .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_ABORT: return .trouble(place.path, .disk(reason: reason))
    default: return .catalogue(place.path, reason)
    }
    if !place.isThere { return .file(FileError("open", place.path, .noSuchFileOrDirectory)) }
    if let file = place.unreadable { return .file(FileError("open", file, .permissionDenied)) }
    if place.isFull { return .outOfSpace(place.path) }
    if place.isReadOnly {
      if place.hasChanges, !place.missing.isEmpty { return .trouble(place.path, .readOnly) }
      if code == .SQLITE_READONLY { return .file(FileError("write", place.path, .readOnlyFileSystem)) }
    } else if !place.isWritable, !place.missing.isEmpty {
      return .trouble(place.path, .mayNotMake(place.missing, owner: place.owner))
    } else if !place.isWritable, code == .SQLITE_READONLY {
      return .file(FileError("write", place.path, .permissionDenied))
    }
    return .trouble(place.path, place.kind.map { .shared($0, reason: reason) } ?? .disk(reason: reason))
  }
}
