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
  /// - Throws: ``FileError``; `ELOOP` for a link, `EINVAL` for what is no plain file.
  package init(_ path: FilePath) throws(FileError) {
    // O_NONBLOCK: a pipe in the place of a file must not hang the open.
    let raw = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard raw >= 0 else { throw .current("open", path) }
    var record = stat()
    guard fstat(raw, &record) == 0, record.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(raw)
      throw FileError("open", path, .invalidArgument)
    }
    self.path = path
    self.size = FileStatus.believed(record.st_size)
    self.descriptor = FileDescriptor(rawValue: raw)
  }

  deinit { Glibc.close(descriptor.rawValue) }

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
  /// - Parameter append: keep what the file has and write behind it.
  package init(_ path: FilePath, permissions: UInt32 = 0o644, append: Bool = false) throws(FileError) {
    let mode = append ? O_APPEND : O_TRUNC
    raw = open(path.string, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | mode, permissions)
    self.path = path
    guard raw >= 0 else { throw .current("create", path) }
  }

  deinit { if raw >= 0 { Glibc.close(raw) } }

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

  /// Has the kernel begin to write what it holds of this file to the disk, and does not wait for it, so that ``sync()``
  /// finds little left to do. A file system that cannot do so is no failure.
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
