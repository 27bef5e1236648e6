import CLinux
import Glibc
import SystemPackage

/// Removes a folder with all below it by open folders, of which it holds a bounded number: however others rename, link or
/// nest what is in it, nothing that lies elsewhere is touched.
struct TreeRemoval {
  /// How many folders are open at a time. What lies deeper is moved up before it is removed.
  private static let mostOpen = 48
  /// The most names that are looked at: a folder that others fill meanwhile has an end.
  private static let mostNames = 20_000_000
  /// How often a name, or a folder that should be empty, is tried anew while others change it.
  private static let mostTries = 8

  private let path: FilePath

  /// A removal of the tree that is called `path` in errors.
  init(_ path: FilePath) { self.path = path }

  /// A folder that is being emptied.
  private struct Level {
    let names: FolderStream
    /// Its name in the folder above.
    let name: [CChar]
    /// How many names the pass that is under way has seen.
    var seen = 0
    /// How many passes have seen none, while the folder was not empty.
    var empty = 0
  }

  /// Removes the name in an open folder.
  func remove(_ name: [CChar], in parent: Int32) throws(FileError) {
    guard let top = try unlinked(name, in: parent) else { return }
    let device = try device(of: top)
    var levels = [Level(names: top, name: name)]
    var seen = 0
    while var level = levels.popLast() {
      guard let entry = try level.names.next() else {
        let isLeft = try isLeft(&level, in: levels.last?.names.descriptor ?? parent)
        if isLeft { levels.append(level) }
        continue
      }
      level.seen += 1
      levels.append(level)
      seen += 1
      guard seen <= Self.mostNames else { throw failure(EOVERFLOW) }
      let text = entry.bytes.map { CChar(bitPattern: $0) } + [0]
      guard let inner = try unlinked(text, in: level.names.descriptor) else { continue }
      guard try self.device(of: inner) == device else { throw failure(EXDEV) }
      if levels.count < Self.mostOpen {
        levels.append(Level(names: inner, name: text))
      } else {
        try moveUp(text, from: level.names.descriptor, to: top.descriptor)
      }
    }
  }

  /// Removes what is no folder.
  ///
  /// - Returns: the folder, opened, if it is one; `nil` when nothing is left of the name.
  private func unlinked(_ name: [CChar], in folder: Int32) throws(FileError) -> FolderStream? {
    for _ in 0..<Self.mostTries {
      if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return nil }
      // POSIX says EPERM for a folder, Linux EISDIR.
      guard errno == EISDIR || errno == EPERM else { throw .current("remove", path) }
      let reason = errno
      let raw = open_name(folder, name, O_RDONLY | O_DIRECTORY, 0)
      if raw >= 0 { return try FolderStream(open: raw, path) }
      // Somebody has put something else in its place meanwhile.
      guard [ENOENT, ENOTDIR, ELOOP].contains(errno) else { throw .current("remove", path) }
      guard reason == EISDIR else { throw failure(reason) }
    }
    throw failure(EBUSY)
  }

  /// Removes a folder whose names are all read.
  ///
  /// - Returns: whether it has to be read again.
  private func isLeft(_ level: inout Level, in parent: Int32) throws(FileError) -> Bool {
    if unlinkat(parent, level.name, AT_REMOVEDIR) == 0 || errno == ENOENT { return false }
    if errno == ENOTDIR {
      // It was moved away, and something else has its name.
      guard unlinkat(parent, level.name, 0) == 0 || errno == ENOENT else { throw .current("remove", path) }
      return false
    }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw .current("remove", path) }
    if level.seen == 0 { level.empty += 1 }
    guard level.empty < Self.mostTries else { throw failure(ENOTEMPTY) }
    level.seen = 0
    level.names.rewind()
    return true
  }

  private func moveUp(_ name: [CChar], from folder: Int32, to top: Int32) throws(FileError) {
    let new = DraftName.random()
    guard renameat(folder, name, top, new) == 0 || errno == ENOENT else { throw .current("remove", path) }
  }

  private func device(of folder: FolderStream) throws(FileError) -> dev_t {
    var record = stat()
    guard fstat(folder.descriptor, &record) == 0 else { throw .current("examine", path) }
    return record.st_dev
  }

  private func failure(_ reason: Int32) -> FileError { FileError("remove", path, Errno(rawValue: reason)) }
}
