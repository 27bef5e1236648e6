import Catalogue
import FileSystem
import Glibc
import MirrorTypes
import SystemPackage

/// What became of the copies in releases.
package struct RelinkReport: Hashable, Sendable {
  /// How many files of releases are links to their objects now, and were copies.
  package internal(set) var files = 0
  /// Their bytes, which are free now.
  package internal(set) var bytes: Int64 = 0
  /// How many copies stay, since an object takes no more links.
  package internal(set) var left = 0
}

extension ContentStore {
  /// Makes the files of all releases links to their objects again, as after a store was copied without its hard links. A
  /// reader sees the copy or the link, which has the bytes that the release promises. No link to a folder is followed: what
  /// lies behind one is somebody else's.
  ///
  /// - Parameter damaged: objects that are not what their names say: their copies stay.
  /// - Throws: ``StoreError``; what was linked until then stays so.
  package func relink(besides damaged: Set<ObjectDigest> = []) throws(StoreError) -> RelinkReport {
    try requireWriting()
    var report = RelinkReport()
    do {
      for release in try releases() {
        guard let root = try OpenFolder.ifFolder(layout.release(release.number))?.place else { continue }
        let relinking = Relinking(layout: layout, root: root)
        try forEachListed(in: release.number) { object, size, path in
          guard !damaged.contains(object) else { return }
          try relinking.look(at: path, object, size, &report)
        }
      }
      if report.files > 0 { try Files.syncFileSystem(containing: layout.releases) }
    } catch {
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
    return report
  }
}

/// Relinks the files of one release.
private struct Relinking {
  let layout: StoreLayout
  let root: Place

  func look(at path: String, _ object: ObjectDigest, _ size: Int64, _ report: inout RelinkReport) throws {
    let place = root.pushing(path)
    // What is missing, is no plain file, or lies behind a link, is verify's business.
    guard let copy = try status(of: place), copy.kind == .file,
      let original = try Files.status(layout.path(of: object)), original.kind == .file, original.size == size,
      copy.inode != original.inode || copy.device != original.device
    else { return }
    // Removed by the next writer if this one is killed.
    let temporary = try Place(at: layout.partial.appending("mend"))
    try temporary.remove()
    guard try Place(at: layout.path(of: object)).link(to: temporary) else {
      report.left += 1
      return
    }
    try temporary.rename(to: place)
    report.files += 1
    report.bytes.addBytes(size)
  }

  private func status(of place: Place) throws(FileError) -> FileStatus? {
    do { return try place.status() } catch {
      if error.reason == .tooManySymbolicLinkLevels { return nil }
      throw error
    }
  }
}
