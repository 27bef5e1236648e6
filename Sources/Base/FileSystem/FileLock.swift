import Glibc
import SystemPackage

/// An exclusive lock on a file that dies with the process that holds it, however that process ends.
package final class FileLock: Sendable {
  private let descriptor: FileDescriptor

  private init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

  /// Takes the lock at once or not at all, and writes this process's number into the file.
  ///
  /// - Returns: `nil` when another process (or another lock of this one) holds it.
  /// - Throws: ``FileError`` if the file cannot be made or locked.
  package static func take(_ path: FilePath) throws(FileError) -> FileLock? {
    let raw = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard raw >= 0 else { throw .current("open", path) }
    let descriptor = FileDescriptor(rawValue: raw)
    guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
      let error = FileError.current("lock", path)
      close(raw)
      if error.reason == .wouldBlock { return nil }
      throw error
    }
    ftruncate(raw, 0)
    _ = try? descriptor.writeAll("\(getpid())\n".utf8)
    return FileLock(descriptor)
  }

  /// The number of the process that holds the lock on `path`, as it wrote it; `nil` if there is none to read.
  package static func holder(of path: FilePath) -> Int? {
    guard let text = try? Files.read(path, atMost: 32) else { return nil }
    return Int(String(decoding: text, as: UTF8.self).filter(\.isNumber))
  }

  deinit { try? descriptor.close() }
}
