import Glibc
import SystemPackage

/// Permissions are a property of what is made, and not of who made it: whatever makes a file or folder ends here, so that
/// the process's umask takes nothing away of what was meant. It never adds anything that was not asked for.
enum ExactPermissions {
  /// Gives what was made just now, and is open, the permissions that the umask has taken away. A file system without
  /// permissions (FAT) keeps those that it was mounted with: that is no failure.
  static func restore(_ permissions: UInt32, of raw: Int32, _ shown: FilePath) throws(FileError) {
    var record = stat()
    guard fstat(raw, &record) == 0 else { throw .current("examine", shown) }
    guard let wanted = lacking(permissions, record) else { return }
    guard fchmod(raw, wanted) == 0 || cannotBeChanged else { throw .current("change the permissions of", shown) }
  }

  /// The same of a folder that a path leads to.
  static func restore(_ permissions: UInt32, ofFolder path: FilePath) throws(FileError) {
    var record = stat()
    guard lstat(path.string, &record) == 0 else { throw .current("examine", path) }
    guard record.st_mode & S_IFMT == S_IFDIR, let wanted = lacking(permissions, record) else { return }
    guard chmod(path.string, wanted) == 0 || cannotBeChanged else { throw .current("change the permissions of", path) }
  }

  /// What has to be set, if bits are lacking; those of a folder that hand on its group (2000) stay.
  private static func lacking(_ permissions: UInt32, _ record: stat) -> mode_t? {
    let mode = UInt32(record.st_mode)
    return mode & permissions == permissions ? nil : mode & 0o7000 | permissions
  }

  private static var cannotBeChanged: Bool { [EPERM, EOPNOTSUPP, ENOTSUP, ENOSYS, EROFS].contains(errno) }
}
