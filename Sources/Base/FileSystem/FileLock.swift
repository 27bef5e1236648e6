import Glibc
import SystemPackage

/// An exclusive lock on a file that dies with the process that holds it, however that process ends.
///
/// Whoever can open a file can lock it, also for reading: the file is its owner's alone (0600). One that others could
/// open is replaced by a new one as soon as the lock on it is had, since they may still have it open.
package final class FileLock: Sendable {
  private let file: LockFile

  private init(_ file: LockFile) {
    self.file = file
    file.write("\(getpid())\n")
  }

  /// Takes the lock at once or not at all, and writes this process's number into the file.
  ///
  /// - Returns: `nil` when another process (or another lock of this one) holds it.
  /// - Throws: ``FileError`` if the file cannot be made or locked.
  package static func take(_ path: FilePath) throws(FileError) -> FileLock? {
    // Each round but the last meets somebody who replaces the file at this moment.
    for _ in 0..<16 {
      let file = try LockFile(opening: path)
      guard try file.lock() else { return nil }
      guard file.isStill(at: path) else { continue }
      return FileLock(file.isOthersToo ? try LockFile(replacing: file) : file)
    }
    return nil
  }

  /// Who holds the lock on `path`: as the kernel shows it, else as the holder wrote it; `nil` if there is nothing to read.
  package static func holder(of path: FilePath) -> LockHolder? {
    if let holder = LockHolder.of(path) { return holder }
    guard let text = try? Files.read(path, atMost: 32) else { return nil }
    return Int(String(decoding: text, as: UTF8.self).filter(\.isNumber)).map(LockHolder.init(process:))
  }
}

/// An open file that serves as a lock, and is unlocked when the last reference to it is gone.
private final class LockFile: Sendable {
  private let raw: Int32
  private let path: FilePath

  /// Opens the file, or makes it.
  convenience init(opening path: FilePath) throws(FileError) {
    // O_NONBLOCK: a pipe in the place of the file must not hang the open.
    try self.init(path, O_RDWR | O_CREAT | O_NONBLOCK)
    guard let record, record.st_mode & S_IFMT == S_IFREG else { throw FileError("lock", path, .invalidArgument) }
  }

  /// Makes a new file, locked, of the same owner, which takes the place of another one.
  convenience init(replacing old: LockFile) throws(FileError) {
    // A kill before the renaming leaves what the next run that makes a draft there removes.
    let new = old.path.removingLastComponent().appending(DraftName.random())
    try self.init(new, O_RDWR | O_CREAT | O_EXCL)
    // Root works in stores of others too.
    if let record = old.record { _ = fchown(raw, record.st_uid, record.st_gid) }
    guard try lock(), rename(new.string, old.path.string) == 0 else {
      let error = FileError.current("replace", old.path)
      unlink(new.string)
      throw error
    }
  }

  private init(_ path: FilePath, _ mode: Int32) throws(FileError) {
    raw = open(path.string, mode | O_CLOEXEC | O_NOFOLLOW, 0o600)
    self.path = path
    guard raw >= 0 else { throw .current("open", path) }
  }

  /// A child that is just being started has a copy of the descriptor, and with it the lock, until it runs its program: to
  /// close this one alone would leave the lock to it.
  deinit {
    guard raw >= 0 else { return }
    flock(raw, LOCK_UN)
    close(raw)
  }

  private var record: stat? {
    var record = stat()
    return fstat(raw, &record) == 0 ? record : nil
  }

  /// Whether the lock was had.
  func lock() throws(FileError) -> Bool {
    if flock(raw, LOCK_EX | LOCK_NB) == 0 { return true }
    let error = FileError.current("lock", path)
    if error.reason == .wouldBlock { return false }
    throw error
  }

  /// Whether this file still has its name: somebody may have replaced it between the opening and the locking.
  func isStill(at path: FilePath) -> Bool {
    var named = stat()
    guard let record, lstat(path.string, &named) == 0 else { return false }
    return named.st_ino == record.st_ino && named.st_dev == record.st_dev
  }

  /// Whether others than its owner may open it, or could.
  var isOthersToo: Bool { record.map { $0.st_mode & 0o077 != 0 } ?? false }

  /// Gives the file a new content, as far as that can be done: it is there for people.
  func write(_ text: String) {
    ftruncate(raw, 0)
    _ = try? FileDescriptor(rawValue: raw).writeAll(text.utf8)
  }
}
