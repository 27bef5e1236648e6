import FileSystem
import SystemPackage

/// Who writes below `parcels/`, and with what: one at a time each.
package enum ParcelsLock {
  /// Parcels that are being made, or written to a medium.
  case out
  /// Parcels that are being taken in.
  case intake
  /// What is noted of parcels that are here: held for moments only.
  case notes

  /// Runs `body` while nobody else does the same.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/busy`` when another run holds the lock for too long.
  package func holding<Result>(
    _ folders: StoreFolders,
    _ body: () throws(JobError) -> Result
  ) throws(JobError) -> Result {
    let lock = try PatientLock.take(folders.parcels.appending(name), for: what, permissions: 0o700)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  private var name: String {
    switch self {
    case .out: "out.lock"
    case .intake: "intake.lock"
    case .notes: "notes.lock"
    }
  }

  private var what: String {
    switch self {
    case .out: "making or writing parcels"
    case .intake: "taking parcels in"
    case .notes: "taking note of parcels"
    }
  }
}
