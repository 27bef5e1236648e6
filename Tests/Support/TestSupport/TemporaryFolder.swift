import Foundation
import SystemPackage

/// A folder of a test's own that is gone when the test is.
package final class TemporaryFolder: Sendable {
  /// Where it is.
  package let path: FilePath

  /// Makes a new, empty folder.
  ///
  /// - Parameter parent: where; `nil`: where temporary files lie.
  package init(in parent: FilePath? = nil) {
    let place = parent.map { URL(fileURLWithPath: $0.string) } ?? FileManager.default.temporaryDirectory
    let folder = place.appendingPathComponent("kscmirror-test-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      preconditionFailure("cannot make \(folder.path): \(error)")
    }
    path = FilePath(folder.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// A path below the folder.
  package subscript(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

  /// Makes a folder below it.
  package func subfolder(_ name: String) throws -> FilePath {
    try FileManager.default.createDirectory(atPath: self[name].string, withIntermediateDirectories: true)
    return self[name]
  }
}
