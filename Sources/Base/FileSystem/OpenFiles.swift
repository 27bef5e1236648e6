import CLinux
import Glibc
import SystemPackage

/// A plain file opened for reading: never a link, a device or a pipe.
package struct InputFile: ~Copyable, Sendable {
  /// Where the file is.
  package let path: FilePath
  /// Its size in bytes when it was opened.
  package let size: Int64
  /// The open file, for calls that this type does not have. It closes with this value.
  package let descriptor: FileDescriptor

  /// Opens a plain file.
  ///
  /// - Throws: ``FileError``; `ELOOP` for a link, `EINVAL` for what is not a regular file.
  package init(_ path: FilePath) throws(FileError) {
    let raw = path.withPlatformString { open_stored(working_folder, $0, O_RDONLY, 0) }
    guard raw >= 0 else { throw .current("open", path) }
    try self.init(taking: raw, path)
  }

  /// Opens a plain file by the folder that it lies below.
  ///
  /// - Throws: ``FileError``; `ELOOP` where a link is in the way, `EINVAL` for what is no plain file.
  package init(_ place: Place) throws(FileError) {
    try self.init(taking: try place.openRaw("open", O_RDONLY), place.shown)
  }

  private init(taking raw: Int32, _ path: FilePath) throws(FileError) {
    let record: stat
    do throws(FileError) {
      record = try OpenedKind.record(of: raw, at: path)
    } catch {
      Glibc.close(raw)
      throw error
    }
    self.path = path
    self.size = FileStatus.believed(record.st_size)
    self.descriptor = FileDescriptor(rawValue: raw)
  }

  deinit { Glibc.close(descriptor.rawValue) }

  /// Reads all that is left of a small file.
  ///
  /// - Parameter limit: the most bytes that it may have; a longer one fails with `EFBIG`.
  package func bytes(atMost limit: Int) throws(FileError) -> [UInt8] {
    guard size <= Int64(limit) else { throw FileError("read", path, Errno(rawValue: EFBIG)) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = try read(into: &buffer)
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw FileError("read", path, Errno(rawValue: EFBIG)) }
      bytes += buffer[..<count]
    }
  }

  /// Reads the next bytes into the beginning of `buffer`; 0 at the end of the file.
  ///
  /// - Parameters:
  ///   - buffer: takes the bytes.
  ///   - limit: the most bytes to read; by default what the buffer holds.
  package func read(into buffer: inout [UInt8], atMost limit: Int = .max) throws(FileError) -> Int {
    try buffer.withUnsafeMutableBufferPointer { (bytes) throws(FileError) in
      let count = min(limit, bytes.count)
      return try read(into: UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: count))
    }
  }

  /// Reads the next bytes into a buffer; 0 at the end of the file.
  package func read(into bytes: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(descriptor.rawValue, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw .current("read", path) }
    }
  }

  /// Fills a buffer with the bytes from `offset` on.
  ///
  /// - Throws: ``FileError``; `EINVAL` when the file ends before the buffer is full.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor.rawValue, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if count < 0 {
        guard errno == EINTR else { throw .current("read", path) }
        continue
      }
      guard count > 0 else { throw FileError("read", path, .invalidArgument) }
      done += count
    }
  }

  /// Tells the kernel that the whole file will be read once, from beginning to end.
  package func adviseSequential() {
    _ = posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_SEQUENTIAL)
  }
}

/// A new file being written.
package struct OutputFile: ~Copyable, Sendable {
  /// Where the file is.
  package let path: FilePath
  /// How many bytes were written.
  package private(set) var count: Int64 = 0
  private var raw: Int32

  /// Makes a new file, or empties one of that name; a link is refused.
  ///
  /// - Parameters:
  ///   - permissions: those of a new file, whatever the umask is. One that is there keeps its own.
  ///   - append: keep what the file has and write behind it.
  package init(_ path: FilePath, permissions: UInt32 = 0o644, append: Bool = false) throws(FileError) {
    raw = try Self.open(path, permissions, append)
    self.path = path
  }

  /// Makes a new file below an opened folder; `EEXIST` if there is anything of this name.
  package init(_ place: Place, permissions: UInt32 = 0o644) throws(FileError) {
    raw = try Self.make(place, permissions)
    path = place.shown
  }

  private static func open(_ path: FilePath, _ permissions: UInt32, _ append: Bool) throws(FileError) -> Int32 {
    // O_NONBLOCK: a pipe in the place of a file must not hang the open.
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (append ? O_APPEND : O_TRUNC)
    let new = path.withPlatformString { Glibc.open($0, flags | O_EXCL, permissions) }
    if new >= 0 {
      try closing(new) { () throws(FileError) in try ExactPermissions.restore(permissions, of: new, path) }
      return new
    }
    guard errno == EEXIST else { throw .current("create", path) }
    let raw = path.withPlatformString { Glibc.open($0, flags, permissions) }
    guard raw >= 0 else {
      let error = FileError.current("create", path)
      // What is said of a socket, and of a pipe that nobody reads, is also said of a disk that has gone.
      let isOther = path.withPlatformString { is_no_storage(working_folder, $0) } != 0
      throw isOther ? FileError("create", path, .invalidArgument) : error
    }
    try closing(raw) { () throws(FileError) in
      // A terminal is written to by whoever names it.
      _ = try OpenedKind.record(of: raw, at: path, kinds: [S_IFREG, S_IFCHR], operation: "create")
    }
    return raw
  }

  private static func make(_ place: Place, _ permissions: UInt32) throws(FileError) -> Int32 {
    let raw = try place.openRaw("create", O_WRONLY | O_CREAT | O_EXCL, permissions)
    try closing(raw) { () throws(FileError) in try ExactPermissions.restore(permissions, of: raw, place.shown) }
    return raw
  }

  /// Closes a file when something about it fails.
  private static func closing(_ raw: Int32, _ body: () throws(FileError) -> Void) throws(FileError) {
    do throws(FileError) { try body() } catch {
      Glibc.close(raw)
      throw error
    }
  }

  deinit { if raw >= 0 { Glibc.close(raw) } }

  /// The open file, for writers that this type does not have; ``count`` does not know what they write.
  package var descriptor: FileDescriptor { FileDescriptor(rawValue: raw) }

  /// Writes all bytes.
  package mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in try write(UnsafeRawBufferPointer(buffer)) }
  }

  /// Writes all bytes of a buffer.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let written = Glibc.write(raw, start, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw .current("write", path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      count += Int64(written)
    }
  }

  /// Locks the file for as long as it is open, so that others see that somebody is writing it.
  ///
  /// - Returns: whether it is still there, and in nobody else's hands.
  func hold() -> Bool {
    var record = stat()
    if flock(raw, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK { return false }
    return fstat(raw, &record) == 0 && record.st_nlink > 0
  }

  /// Has the kernel begin to write what it holds of this file to the disk, and does not wait for it, so that ``sync()``
  /// finds little left to do. A file system that cannot do so is not a failure.
  package func startWriting() { start_writing(raw) }

  /// Writes what the kernel still holds of this file to the disk.
  package mutating func sync() throws(FileError) {
    guard fsync(raw) == 0 else { throw .current("sync", path) }
  }

  /// Closes the file; some file systems report a full disk only here.
  package mutating func close() throws(FileError) {
    let result = Glibc.close(raw)
    raw = -1
    guard result == 0 else { throw .current("close", path) }
  }
}
