import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

extension ContentStore {
  /// Notes objects that ``verify(concurrency:progress:)`` found damaged or missing, so that they can come again: what
  /// was known of the sources' files with these bytes is forgotten, ``contains(_:)`` denies them, and the next whole
  /// bytes take their place in the store and in all releases (``commitObjects()``).
  ///
  /// Objects that the catalogue does not name are skipped.
  ///
  /// - Returns: the sources that must be synced again; none for what came with a bundle, which is imported again.
  package func noteDamaged(_ objects: [ObjectDigest]) throws(StoreError) -> [String] {
    let sources = try catalogue.noteDamaged(objects)
    intake.noteDamaged(try catalogue.damagedObjects())
    return sources
  }

  /// Gives whole bytes to the releases that have links to damaged ones.
  func mendReleases(_ replaced: Set<ObjectDigest>) throws(StoreError) {
    guard !replaced.isEmpty else { return }
    do {
      let mending = ReleaseMending(layout: layout, catalogue: catalogue)
      for object in replaced { try mending.mend(object) }
    } catch {
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
  }
}

/// Replaces links to the damaged file of an object by links to the whole one.
struct ReleaseMending {
  let layout: StoreLayout
  let catalogue: Catalogue

  func mend(_ object: ObjectDigest) throws {
    let temporary = layout.partial.appending("mend")
    try catalogue.forEachPublished(object) { number, path in
      let place = layout.release(number).pushing(FilePath(path))
      try Files.remove(temporary)
      try linkOrCopy(layout.path(of: object), to: temporary)
      try Files.rename(temporary, to: place)
      // A rename of one name to another of the same file leaves both.
      try Files.remove(temporary)
    }
    try Files.syncFileSystem(containing: layout.releases)
    try catalogue.noteMended(object)
  }

  private func linkOrCopy(_ source: FilePath, to place: FilePath) throws(FileError) {
    do { try Files.link(source, to: place) } catch { try FileCopy.copy(source, to: place) }
  }
}
