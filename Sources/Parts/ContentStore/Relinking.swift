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
  /// reader sees the copy or the link, which have the same bytes.
  ///
  /// - Parameter damaged: objects that are not what their names say: their copies stay.
  /// - Throws: ``StoreError``; what was linked until then stays so.
  package func relink(besides damaged: Set<ObjectDigest> = []) throws(StoreError) -> RelinkReport {
    try requireWriting()
    var report = RelinkReport()
    do {
      for release in try releases() {
        var relinking = Relinking(layout: layout, root: layout.release(release.number))
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
  let root: FilePath

  mutating func look(at path: String, _ object: ObjectDigest, _ size: Int64, _ report: inout RelinkReport) throws {
    let place = root.pushing(FilePath(path))
    // What is missing, or no plain file, is verify's business.
    guard let copy = try Files.status(place), copy.kind == .file,
      let original = try Files.status(layout.path(of: object)), original.kind == .file, original.size == size,
      copy.inode != original.inode || copy.device != original.device
    else { return }
    // Removed by the next writer if this one is killed.
    let temporary = layout.partial.appending("mend")
    try Files.remove(temporary)
    do throws(FileError) {
      try Files.link(layout.path(of: object), to: temporary)
    } catch {
      guard [EMLINK, EPERM, EXDEV, ENOTSUP, ENOSYS].contains(error.reason.rawValue) else { throw error }
      report.left += 1
      return
    }
    try Files.rename(temporary, to: place)
    report.files += 1
    report.bytes.addBytes(size)
  }
}
