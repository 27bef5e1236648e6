import CLinux
import Glibc
import SystemPackage

// Locks that other hosts hold.

extension FileLock {
  /// Whether a file lies on a file system that other hosts may use at the same time: NFS, SMB, or one that a program serves.
  package static func isOnNetwork(_ path: FilePath) throws(FileError) -> Bool {
    let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == EACCES { return false }
      throw .current("open", path)
    }
    defer { close(descriptor) }
    return SharedFileSystem.name(ofKind: Int(file_system_kind_of(descriptor))) != nil
  }

  /// Whether somebody holds the lock whom this kernel does not show.
  package static func isHeldElsewhere(_ path: FilePath) -> Bool {
    guard LockHolder.of(path) == nil else { return false }
    let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
