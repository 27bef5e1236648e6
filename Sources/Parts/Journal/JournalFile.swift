import FileSystem
import Glibc
import SystemPackage

/// The open file of a journal: reads at any place, writes only at its end, and locks.
///
/// The lock is on the journal itself, so that a reader that may not write in its folder can take it too.
struct JournalFile: ~Copyable {
  /// Where the file is.
  let path: FilePath
  private let raw: Int32

  /// Opens a journal for reading; `nil` if there is none.
  init?(reading path: FilePath) throws(JournalError) {
    do {
      try self.init(path, O_RDONLY)
    } catch {
      guard case .file(let cause) = error, cause.reason == .noSuchFileOrDirectory else { throw error }
      return nil
    }
  }

  /// Opens a journal for appending, and makes it if there is none.
  init(appendingTo path: FilePath) throws(JournalError) { try self.init(path, O_RDWR | O_APPEND | O_CREAT) }

  private init(_ path: FilePath, _ mode: Int32) throws(JournalError) {
    // O_NONBLOCK: a pipe in the place of a journal must not hang the open. Whoever may read it may lock it, and so stop
    // every command: it is its owner's.
    let raw = open(path.string, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard raw >= 0 else { throw .file(.current("open", path)) }
    let record: stat
    do throws(FileError) {
      record = try OpenedKind.record(of: raw, at: path)
    } catch {
      Glibc.close(raw)
      throw .file(error)
    }
    self.path = path
    self.raw = raw
    if mode & O_APPEND != 0 && record.st_mode & 0o077 != 0 { fchmod(raw, 0o600) }
  }

  deinit { Glibc.close(raw) }

  /// Its size in bytes.
  var size: Int64 {
    get throws(JournalError) {
      var record = stat()
      guard fstat(raw, &record) == 0 else { throw .file(.current("examine", path)) }
      return Int64(record.st_size)
    }
  }

  /// The bytes of a range; fewer where the file ends before.
  func read(_ range: Range<Int64>) throws(JournalError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var filled = 0
    while filled < bytes.count {
      let offset = off_t(range.lowerBound) + filled
      let count = bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        return pread(raw, rest.baseAddress, rest.count, offset)
      }
      if count < 0 && errno != EINTR { throw .file(.current("read", path)) }
      if count == 0 { break }
      filled += max(count, 0)
    }
    return filled == bytes.count ? bytes : Array(bytes[..<filled])
  }

  /// Writes behind the end: one call of the operating system, unless it takes only a part.
  func append(_ bytes: [UInt8]) throws(JournalError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
      if written < 0 && errno != EINTR { throw .file(.current("write", path)) }
      rest = rest.dropFirst(max(written, 0))
    }
  }

  /// Cuts off what is behind `size` bytes.
  func truncate(to size: Int64) throws(JournalError) {
    guard ftruncate(raw, off_t(size)) == 0 else { throw .file(.current("cut", path)) }
  }

  /// Writes what the kernel still holds of the file to the disk.
  func sync() throws(JournalError) {
    guard fsync(raw) == 0 else { throw .file(.current("sync", path)) }
  }

  /// How a lock is shared.
  enum Lock {
    /// With other readers.
    case shared
    /// With nobody.
    case exclusive
  }

  /// Locks the file until ``unlock()`` or until this value is gone, and waits while others have it locked.
  ///
  /// - Parameter patience: how long to wait at most, in seconds.
  func lock(_ lock: Lock, patience: Int) throws(JournalError) {
    let pause: useconds_t = 10_000
    var attempts = patience * 1_000_000 / Int(pause)
    let kind = lock == .shared ? LOCK_SH : LOCK_EX
    while flock(raw, kind | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(.current("lock", path)) }
      guard attempts > 0 else { throw .busy(path, seconds: patience, holder: LockHolder.of(path)) }
      attempts -= 1
      // Not always the same, so that many who wait do not ask in step.
      usleep(pause / 2 + .random(in: 0...pause))
    }
  }

  /// Gives the lock back.
  func unlock() { flock(raw, LOCK_UN) }
}
