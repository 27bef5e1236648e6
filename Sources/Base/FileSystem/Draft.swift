import Glibc
import SystemPackage

/// A new file that gets its name when it is whole: until then, it has a random one beside it. One that is not kept is
/// removed; what a run leaves that is killed is removed by the next one that makes a draft there (``DeadDrafts``).
package struct Draft: ~Copyable {
  /// The file being written.
  package var file: OutputFile
  private let place: Place
  private let temporary: Place
  private var isKept = false

  /// Makes the file beside `place`.
  package init(for place: Place, permissions: UInt32 = 0o644) throws(FileError) {
    DeadDrafts.remove(in: place.parent)
    // Each round but the last meets somebody who takes the new file for a dead one at this moment.
    for _ in 0..<15 {
      let name = place.parent.appending(DraftName.random())
      let made = try OutputFile(name, permissions: permissions)
      if made.hold() {
        self.init(place, name, made)
        return
      }
      try name.remove()
    }
    let name = place.parent.appending(DraftName.random())
    self.init(place, name, try OutputFile(name, permissions: permissions))
  }

  private init(_ place: Place, _ temporary: Place, _ file: consuming OutputFile) {
    self.place = place
    self.temporary = temporary
    self.file = file
  }

  deinit { if !isKept { try? temporary.remove() } }

  /// Syncs the file and gives it its name, in the place of what had it.
  package mutating func keep() throws(FileError) {
    try file.sync()
    // It is closed, and so free for others to remove, when it has its name.
    try temporary.rename(to: place)
    isKept = true
    try file.close()
  }
}

/// A folder for drafts, under a random name of its own, that nobody else reads. It goes away with this object.
package final class DraftFolder: Sendable {
  /// The folder.
  package let place: Place
  private let lock: Int32

  /// Makes the folder in another one.
  package init(in parent: Place) throws(FileError) {
    DeadDrafts.remove(in: parent)
    place = parent.appending(DraftName.random())
    try place.makeNewFolder(permissions: 0o700)
    do {
      lock = try place.openRaw("open", O_RDONLY | O_DIRECTORY)
    } catch {
      try? place.removeTree()
      throw error
    }
    flock(lock, LOCK_EX | LOCK_NB)
  }

  deinit {
    try? place.removeTree()
    close(lock)
  }
}

/// The names of what is not finished: nobody can guess one and lay something under it, and everybody knows what it is.
package enum DraftName {
  private static let prefix = ".kscmirror-"
  private static let suffix = ".tmp"

  /// A new name.
  package static func random() -> String {
    prefix + String(UInt64.random(in: .min ... .max), radix: 36) + suffix
  }

  /// Whether it is such a name.
  package static func isOne(_ name: String) -> Bool { isOne(bytes: Array(name.utf8)) }

  /// Whether it is such a name, by its bytes.
  package static func isOne(bytes name: [UInt8]) -> Bool {
    name.count <= 80 && name.starts(with: prefix.utf8) && name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }
}

/// Removes what runs have left that were killed: files and folders under names of drafts that nobody holds any more.
///
/// Whoever makes a draft holds a lock on it (`flock`), which ends with the process, however that ends. On a file system
/// without such locks a draft counts as dead when it is a day old. What cannot be removed is left for the next run.
enum DeadDrafts {
  /// How many names of a folder are looked at.
  private static let mostNames = 100_000
  /// In seconds.
  private static let oldEnough: Int64 = 86_400

  /// Removes those in a folder; once for each time that the folder around was opened.
  static func remove(in folder: Place) {
    guard folder.folder.isFirstLook(at: folder), let raw = try? folder.openRaw("read", O_RDONLY | O_DIRECTORY),
      let names = try? FolderStream(open: raw, folder.shown)
    else { return }
    for _ in 0..<mostNames {
      guard let entry = try? names.next() else { return }
      if DraftName.isOne(bytes: entry.bytes) { removeIfDead(folder.appending(entry)) }
    }
  }

  private static func removeIfDead(_ place: Place) {
    guard let kind = try? place.status()?.kind, kind == .file || kind == .folder,
      let raw = try? place.openRaw("look at", O_RDONLY)
    else { return }
    defer { close(raw) }
    var record = stat()
    guard fstat(raw, &record) == 0 else { return }
    if flock(raw, LOCK_EX | LOCK_NB) != 0 {
      guard errno != EWOULDBLOCK, Int64(time(nil)) - Int64(record.st_mtim.tv_sec) > oldEnough else { return }
    }
    try? place.removeTree()
  }
}
