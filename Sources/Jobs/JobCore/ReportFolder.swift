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
}
