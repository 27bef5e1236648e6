import FileSystem
import SystemPackage

/// One at a time writes below `receipts/`. The store's own lock will not do: a sync may hold it for hours, and receipts
/// have nothing to do with it.
package enum ReceiptsLock {
  /// Runs `body` while nobody else writes receipts.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/busy`` when another run holds the lock for too long.
  package static func holding<Result>(
    _ folders: StoreFolders,
    _ body: () throws(JobError) -> Result
  ) throws(JobError) -> Result {
    let lock = try PatientLock.take(folders.receipts.appending("lock"), for: "writing receipts")
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }
}
