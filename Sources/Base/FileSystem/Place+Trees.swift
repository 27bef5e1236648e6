import CLinux
import Glibc
import SystemPackage

/// What whole trees are built and switched by.
extension Place {
  /// Lets what is here and what is at another place of the same file system change their names in one step.
  ///
  /// - Returns: `false` where the file system or the kernel cannot do that (exFAT, NTFS by FUSE, Linux before 3.15);
  ///   nothing was changed then.
  package func exchange(with other: Place) throws(FileError) -> Bool {
    var isPossible = true
    try withParent("exchange") { (parent, name) throws(FileError) in
      try other.withParent("exchange") { (otherParent, otherName) throws(FileError) in
        if exchange_names(parent, name, otherParent, otherName) == 0 { return }
        guard [EINVAL, ENOSYS, EOPNOTSUPP, ENOTSUP].contains(errno) else {
          throw .current("exchange with \(other.shown)", shown)
        }
        isPossible = false
      }
    }
    return isPossible
  }

  /// Gives the file that is here a second name.
  ///
  /// - Returns: `false` where the file system takes no second name for it (FAT, exFAT, or one file has too many).
  package func link(to new: Place) throws(FileError) -> Bool {
    var isPossible = true
    try withParent("link") { (parent, name) throws(FileError) in
      try new.withParent("link") { (newParent, newName) throws(FileError) in
        if linkat(parent, name, newParent, newName, 0) == 0 { return }
        guard [EPERM, EMLINK, ENOSYS, EOPNOTSUPP, ENOTSUP, EXDEV, EINVAL].contains(errno) else {
          throw .current("link to \(new.shown)", shown)
        }
        isPossible = false
      }
    }
    return isPossible
  }

  /// Whether its file system may take a second name for a file, by its kind: FAT and exFAT never do. Only ``link(to:)``
  /// tells for certain.
  package var mayTakeLinks: Bool {
    // MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC
    ![0x4d44, 0x2011_bab0].contains(file_system_kind_of(folder.descriptor))
  }

  /// Gives what is here these permissions, whatever the process's umask is. A file system without permissions (FAT) keeps
  /// those that it was mounted with: that is not a failure.
  package func setPermissions(_ permissions: UInt32) throws(FileError) {
    let raw = try openRaw("change the permissions of", O_RDONLY)
    defer { close(raw) }
    guard fchmod(raw, permissions) == 0 || [EPERM, EOPNOTSUPP, ENOTSUP, ENOSYS].contains(errno) else {
      throw .current("change the permissions of", shown)
    }
  }

  /// Removes what is here; of a folder, all below it, too. Its name is free at once, and is no other's that could be guessed
  /// meanwhile. What a run leaves of it that is killed goes with the next draft there (``DeadDrafts``). What is not there is
  /// no error.
  package func vanish() throws(FileError) {
    let gone = parent.appending(DraftName.random())
    do {
      try rename(to: gone)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return }
      throw error
    }
    try gone.removeTree()
  }

  /// Removes an empty folder. One that is not there is no error.
  package func removeEmptyFolder() throws(FileError) {
    try withParent("remove") { (parent, name) throws(FileError) in
      guard unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw .current("remove", shown) }
    }
  }
}

extension OpenFolder {
  /// Takes the exclusive lock on the folder at once or not at all; it ends when the folder is closed. Whoever can open a
  /// folder can lock it: this is for folders that are their owner's alone.
  ///
  /// - Returns: whether the lock was had. A file system that knows no locks counts as one where nobody else is at work.
  package func tryLock() throws(FileError) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    guard [EINVAL, ENOLCK, EOPNOTSUPP, ENOTSUP, EBADF, ENOSYS].contains(errno) else { throw .current("lock", path) }
    return true
  }
}
