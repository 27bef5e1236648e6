import FileSystem
import SystemPackage

/// The folder of reports and evidence sheets: what was private in the store is not for everybody in a report.
package enum ReportFolder {
  /// Of a folder that is made here; one that is there stays as it is.
  private static let permissions: UInt32 = 0o750
  /// Of each file in it.
  package static let filePermissions: UInt32 = 0o640

  /// Opens the folder that an administrator has named, and makes it if it is not there.
  package static func open(_ path: FilePath) throws(FileError) -> Place {
    try OpenFolder.making(path, permissions: permissions).place
  }

  /// Opens the folder before it is needed, so that nothing that is mounted in its place meanwhile gets the reports: one
  /// that is not there by the folder that it will lie in. ``make(_:)`` makes it when it is needed.
  package static func reserve(_ path: FilePath) throws(FileError) -> Place {
    do {
      return try writable(OpenFolder(path).place)
    } catch {
      guard error.reason == .noSuchFileOrDirectory else { throw error }
      let parent = path.removingLastComponent()
      guard (try? Files.status(parent.isEmpty ? "." : parent)) != nil else { return try open(path) }
      let place = try Place(at: path)
      _ = try writable(place.parent)
      return place
    }
  }

  /// What is write-protected is an error now, and not when the work is done.
  private static func writable(_ place: Place) throws(FileError) -> Place {
    if try place.freeSpace().isReadOnly { throw FileError("write to", place.shown, .readOnlyFileSystem) }
    return place
  }

  /// Makes a folder that was reserved.
  package static func make(_ place: Place) throws(FileError) { try place.makeFolder(permissions: permissions) }
}
