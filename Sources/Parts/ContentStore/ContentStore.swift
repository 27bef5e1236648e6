import Catalogue
import FileSystem
import Glibc
import MirrorTypes
import Synchronization
import SystemPackage

/// What a process wants of a store.
package enum StoreAccess: Sendable {
  /// Look at it: never waits for a writer, changes nothing.
  case reading
  /// Change it: one process at a time.
  case writing
  /// Change it to make room, though there may be none: what the store keeps for that is given back first.
  case makingRoom

  /// Whether the store is changed.
  package var isWriting: Bool { self != .reading }
}

/// A folder of objects named by their SHA-256, a catalogue of snapshots that name them, and releases made of links to
/// them.
///
/// - One writer at a time holds the lock, which dies with its process. Readers never wait for it.
/// - Whatever ends a writer, the next one repairs what it left when it opens the store: see ``repairs``.
/// - The catalogue names only objects that are on the disk, whole.
/// - No link inside the store is followed; its own folder may be reached by one.
///
/// All methods may be called from any thread. Only ``ObjectWriter`` is made for threads that must not wait for the
/// catalogue. The store is closed when the last reference to it, or to one of its writers, is gone.
package final class ContentStore: Catalogued {
  /// The store's folder, all links followed.
  package let root: FilePath
  /// Whether this process may change the store.
  package let access: StoreAccess
  /// What opening had to mend after a writer that did not end well. Empty for a store opened for reading.
  package let repairs: RepairReport

  let layout: StoreLayout
  package let catalogue: Catalogue
  let intake: Intake
  private let lock: FileLock?

  /// Opens a store.
  ///
  /// - Parameters:
  ///   - root: the store's folder.
  ///   - access: with `.writing` the lock is taken and what a killed writer left is repaired.
  ///   - create: make a new store where there is nothing, or an empty folder. Only to change it.
  /// - Throws: ``StoreError/notAStore(_:)``, ``StoreError/foreign(_:)``, ``StoreError/tooNew(_:version:)``,
  ///   ``StoreError/busy(_:holder:)`` at once if another process writes; ``StoreError/catalogue(_:_:)`` if the
  ///   catalogue is damaged.
  package static func open(
    _ root: FilePath,
    access: StoreAccess,
    create: Bool = false
  ) throws(StoreError) -> ContentStore {
    try ContentStore(root, access: access, create: create)
  }

  private init(_ path: FilePath, access: StoreAccess, create: Bool) throws(StoreError) {
    self.access = access
    let opening = StoreOpening(path)
    let found = try opening.recognise()
    if found == .nothing {
      guard create, access.isWriting else { throw .notAStore(path) }
      try StoreOpening.makeRoot(path)
    }
    layout = StoreLayout(try withFiles { () throws(FileError) in try Files.resolvingLinks(path) })
    root = layout.root
    switch access {
    case .reading:
      lock = nil
      catalogue = try Catalogue(layout.catalogue, readOnly: true)
      try catalogue.migrate()
      intake = Intake(layout: layout, damaged: [])
      repairs = RepairReport()
    case .writing, .makingRoom:
      let path = layout.lock
      guard let lock = try withFiles({ () throws(FileError) in try FileLock.take(path) }) else {
        throw .busy(layout.root, holder: FileLock.holder(of: path))
      }
      self.lock = lock
      try StoreOpening.makeFolders(layout)
      StorePermissions.apply(to: layout)
      if access == .makingRoom { try StoreRepair.makeRoom(layout) }
      if found == .nothing { try Catalogue.create(layout.catalogue, workingIn: layout.partial) }
      catalogue = try Catalogue(layout.catalogue, readOnly: false)
      try catalogue.migrate()
      var repair = StoreRepair(layout: layout, catalogue: catalogue)
      try repair.run()
      repairs = repair.report
      intake = Intake(layout: layout, damaged: try catalogue.damagedObjects())
    }
  }

  // The catalogue is closed before the lock goes.
  deinit {
    catalogue.close()
    if access.isWriting { Reserve(layout).keep() }
  }

  /// Where an object lies, whether or not it is there.
  package func path(of object: ObjectDigest) -> FilePath { layout.path(of: object) }

  /// - Throws: ``StoreError/openedForReading(_:)``.
  func requireWriting() throws(StoreError) {
    guard access.isWriting else { throw .openedForReading(root) }
  }

  /// The present.
  static var now: UTCTime { UTCTime(seconds: Int64(time(nil))) }
}
