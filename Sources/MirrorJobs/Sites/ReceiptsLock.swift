import FileSystem
import Glibc
import SystemPackage

/// One at a time writes below `receipts/`. The store's own lock will not do: a sync may hold it for hours, and receipts
/// have nothing to do with it.
enum ReceiptsLock {
  /// How long another run is waited for, in tenths of a second.
  private static let patience = 100

  /// Runs `body` while nobody else writes receipts.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/busy`` when another run holds the lock for too long.
  static func holding<Result>(
    _ folders: StoreFolders,
    _ body: () throws(JobError) -> Result
  ) throws(JobError) -> Result {
    let lock = try take(folders)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  private static func take(_ folders: StoreFolders) throws(JobError) -> FileLock {
    let path = folders.receipts.appending("lock")
    try translatingErrors { try Files.makeFolder(folders.receipts) }
    for _ in 0..<patience {
      if let lock = try translatingErrors({ try FileLock.take(path) }) { return lock }
      usleep(100_000)
    }
    throw JobError(.busy, "\(path): another run of kscmirror is writing receipts", remedy: "Try again later.")
  }
}
