import FileSystem
import Glibc
import SystemPackage

/// A lock that is waited for a little while: its holders are done soon.
package enum PatientLock {
  /// How long another run is waited for, in tenths of a second.
  private static let patience = 100

  /// Takes the lock on a file, whose folder is made if need be.
  ///
  /// - Parameter what: what its holder does, as in "another run is writing receipts".
  /// - Throws: ``JobError`` with ``ExitStatus/busy`` when another run holds the lock for too long.
  package static func take(_ path: FilePath, for what: String, permissions: UInt32 = 0o755) throws(JobError) -> FileLock
  {
    try translatingErrors { try Files.makeFolder(path.removingLastComponent(), permissions: permissions) }
    for _ in 0..<patience {
      if let lock = try translatingErrors({ try FileLock.take(path) }) { return lock }
      usleep(100_000)
    }
    throw JobError(.busy, "\(path): another run of kscmirror is \(what)", remedy: "Try again later.")
  }
}
