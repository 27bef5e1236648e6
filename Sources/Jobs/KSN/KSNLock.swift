import FileSystem
import JobCore
import SystemPackage

/// Who works below `ksn/`, and with what: one at a time each.
enum KSNLock: String {
  /// Bodies of a spool that are put into a parcel.
  case export
  /// What has come of sites, and is kept.
  case intake
  /// Bodies that are handed to KSN.
  case deliver

  /// Takes the lock in the store in the folder `store`; it is held as long as the result is there.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/busy`` when another run holds the lock for too long.
  func take(_ store: FilePath) throws(JobError) -> FileLock {
    // No site's name begins with a dot.
    try PatientLock.take(KSNShelf.root(store).appending(".\(rawValue).lock"), for: what, permissions: 0o700)
  }

  private var what: String {
    switch self {
    case .export: "exporting for KSN"
    case .intake: "taking in what sites tell of KSN"
    case .deliver: "handing statistics to KSN"
    }
  }
}
