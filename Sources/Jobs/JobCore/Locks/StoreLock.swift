import ContentStore
import FileSystem
import Glibc
import SystemPackage

/// The locks in a store but the store's own, in the order in which they are taken (DESIGN.md, section 4): whoever holds one
/// takes only those that stand below it, and the store's own between ``keyInstall`` and ``parcelsIntake``.
package enum StoreLock: CaseIterable, Sendable {
  /// A bundle is being read from a stream.
  case streamIn
  /// A bundle is being spread over several media.
  case spread
  /// A bundle is being made as a stream.
  case streamOut
  /// A bucket is being changed.
  case publish
  /// Packages of an Administration Server are being changed.
  case packages
  /// Exchange folders are being read or written.
  case exchange
  /// A spool for KSN is being read.
  case ksnExport
  /// What sites report of KSN is being used.
  case ksnIntake
  /// Statistics are being handed to KSN.
  case ksnDeliver
  /// Licence keys are being installed.
  case keyInstall
  /// Parcels or deliveries are being collected.
  case parcelsIntake
  /// Parcels are being made, or written to a medium.
  case parcelsOut
  /// What is noted of parcels that are here: held for moments only.
  case parcelsNotes
  /// Receipts, sites, the site's key or demand are being written. The store's own lock will not do: a sync may hold it for
  /// hours.
  case receipts
  /// Metadata is being signed.
  case metadata

  /// Where the lock lies.
  package func path(in store: FilePath) -> FilePath {
    let map = StoreMap(store)
    return switch self {
    case .streamIn: map[.trust].appending("stream.lock")
    case .spread: map[.outgoing].appending("lock")
    case .streamOut: map[.outgoing].appending("stream.lock")
    case .publish: map[.publishLock]
    case .packages: map[.packagesLock]
    case .exchange: map[.exchange].appending("lock")
    // No site's name begins with a dot.
    case .ksnExport: map[.ksn].appending(".export.lock")
    case .ksnIntake: map[.ksn].appending(".intake.lock")
    case .ksnDeliver: map[.ksn].appending(".deliver.lock")
    case .keyInstall: map[.licences].appending(".install.lock")
    case .parcelsIntake: map[.parcels].appending("intake.lock")
    case .parcelsOut: map[.parcels].appending("out.lock")
    case .parcelsNotes: map[.parcels].appending("notes.lock")
    case .receipts: map[.receipts].appending("lock")
    case .metadata: map[.metadata].appending("lock")
    }
  }

  /// Takes it; it goes with the value.
  ///
  /// - Parameters:
  ///   - store: the store. A lock at its root is taken only where there is a store.
  ///   - what: what its holder does, as in "another run is writing receipts", if that is not always the same.
  /// - Throws: an error with ``ExitStatus/busy`` when another run holds it for too long.
  package func take(in store: FilePath, for what: String? = nil) throws -> FileLock {
    let path = path(in: store)
    if isAtRoot {
      guard try Files.status(StoreMap(store)[.catalogue]) != nil else {
        throw JobError(.notThere, "\(store): there is no store here", remedy: "Run 'kscmirror sync' or import first.")
      }
    } else {
      try Files.makeFolder(path.removingLastComponent(), permissions: permissions)
    }
    for attempt in 0...(patience * 10) {
      if attempt > 0 { usleep(100_000) }
      if let lock = try FileLock.take(path) { return lock }
    }
    throw JobError(.busy, "\(path): another run of kscmirror is \(what ?? self.what)", remedy: "Try again later.")
  }

  /// Runs `body` while nobody else holds it.
  ///
  /// - Throws: an error with ``ExitStatus/busy`` when another run holds it for too long.
  package func holding<Result>(
    _ folders: StoreFolders,
    _ body: () throws -> Result
  ) throws -> Result {
    let lock = try take(in: folders.root)
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  private var isAtRoot: Bool { self == .publish || self == .packages }

  /// How many seconds another run is waited for.
  private var patience: Int {
    switch self {
    case .streamIn, .spread, .streamOut: 0
    case .metadata: 30
    default: 10
    }
  }

  private var permissions: UInt32 {
    switch self {
    case .exchange, .ksnExport, .ksnIntake, .ksnDeliver, .keyInstall, .parcelsIntake, .parcelsOut, .parcelsNotes: 0o700
    case .receipts, .streamIn, .spread, .streamOut: StoreFolders.shared
    default: 0o755
    }
  }

  private var what: String {
    switch self {
    case .streamIn: "reading a stream"
    case .spread: "writing sticks"
    case .streamOut: "making a stream"
    case .publish: "publishing to the bucket"
    case .packages: "changing packages of the Administration Server"
    case .exchange: "exchanging files"
    case .ksnExport: "exporting for KSN"
    case .ksnIntake: "taking in what sites report of KSN"
    case .ksnDeliver: "handing statistics to KSN"
    case .keyInstall: "installing keys"
    case .parcelsIntake: "taking parcels in"
    case .parcelsOut: "making or writing parcels"
    case .parcelsNotes: "taking note of parcels"
    case .receipts: "writing receipts"
    case .metadata: "signing"
    }
  }
}
