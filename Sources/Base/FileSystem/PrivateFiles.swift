import Glibc
import SystemPackage

/// Who may open the files of a store that are not for everybody.
///
/// They are their owner's (0600). A folder with the bit "set group" was given to a group on purpose
/// (`chgrp kscmirror-web STORE; chmod g+s STORE`): its members may read such files in it (0640).
package enum PrivateFiles {
  /// The permissions of a private file in a folder.
  package static func permissions(in folder: FilePath) -> UInt32 {
    var record = stat()
    return stat(folder.string, &record) == 0 && record.st_mode & S_ISGID != 0 ? 0o640 : 0o600
  }

  /// Gives a file at a path these permissions, and the folder's group where that has a part in them. One that is not there, or is none, is left as it is; so
  /// is another user's, which only that user or root can change.
  package static func close(_ path: FilePath) {
    var record = stat()
    guard lstat(path.string, &record) == 0, record.st_mode & S_IFMT == S_IFREG else { return }
    let mode = permissions(in: path.removingLastComponent())
    // By its path, and not by a descriptor: closing one would give back the locks that SQLite has on the file.
    if record.st_mode & 0o177 != mode & 0o177 { chmod(path.string, mode) }
    var folder = stat()
    if mode == 0o640, stat(path.removingLastComponent().string, &folder) == 0, folder.st_gid != record.st_gid {
      chown(path.string, uid_t.max, folder.st_gid)
    }
  }
}
