import FileSystem
import SystemPackage

/// Trusted metadata in a folder of its own: `root.json`, `timestamp.json` and so on.
package struct FileCache: MetadataCache {
  /// The folder.
  package let folder: FilePath
  private let names: Set<String>?

  /// The most bytes that are read of a file that we have written.
  private static let maximumSize = 256 << 20

  /// A cache in a folder, which is made when something is kept.
  ///
  /// - Parameter names: what is kept; anything else is forgotten at once. `nil`: all.
  package init(_ folder: FilePath, keeping names: Set<String>? = nil) {
    self.folder = folder
    self.names = names
  }

  /// What is kept under a name.
  package func load(_ name: String) throws -> [UInt8]? {
    do {
      return try Files.read(folder.appending(name), atMost: Self.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// Keeps bytes under a name: a reader, now or after a power cut, sees the old or the new ones, whole.
  package func save(_ name: String, _ bytes: [UInt8]) throws {
    guard names?.contains(name) ?? true else { return }
    try Files.makeFolder(folder)
    try Files.replace(folder.appending(name), with: bytes)
  }

  /// Forgets what is kept under a name.
  package func remove(_ name: String) throws { try Files.remove(folder.appending(name)) }
}
