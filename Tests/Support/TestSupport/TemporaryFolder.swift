import Foundation
import SystemPackage

/// A folder of a test's own that is gone when the test is.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: FilePath

  /// Makes a new, empty folder.
  public init() {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kscmirror-test-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      preconditionFailure("cannot make \(folder.path): \(error)")
    }
    path = FilePath(folder.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// A path below the folder.
  public subscript(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

  /// Makes a folder below it.
  public func subfolder(_ name: String) throws -> FilePath {
    try FileManager.default.createDirectory(atPath: self[name].string, withIntermediateDirectories: true)
    return self[name]
  }
}
