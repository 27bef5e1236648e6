import Glibc
import SystemPackage

extension Files {
  /// Whose a file would be that this process makes in a folder, by making one and removing it: a server of a network file
  /// system may give all files to one user, whoever makes them. `nil` where none can be made.
  package static func ownerOfNewFile(in folder: FilePath) -> UInt32? {
    let name = folder.appending(DraftName.random()).string
    let raw = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard raw >= 0 else { return nil }
    defer {
      close(raw)
      unlink(name)
    }
    var record = stat()
    return fstat(raw, &record) == 0 ? UInt32(record.st_uid) : nil
  }
}
