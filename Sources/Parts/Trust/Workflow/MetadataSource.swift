import FileSystem
import MirrorTypes

/// Where the metadata of a repository comes from: a folder on a stick, a server.
package protocol MetadataSource: Sendable {
  /// The bytes of a file of metadata; `nil` when there is none of this name.
  ///
  /// - Parameters:
  ///   - name: its name, such as `3.root.json`; percent-encoded where it has characters that names of files should not.
  ///   - limit: the most bytes to read; more is an error.
  func metadata(named name: String, atMost limit: Int) async throws -> [UInt8]?
}

/// Where a client keeps what it trusts.
package protocol MetadataCache: Sendable {
  /// What is kept under a name; `nil` for nothing.
  func load(_ name: String) throws -> [UInt8]?
  /// Keeps bytes under a name.
  mutating func save(_ name: String, _ bytes: [UInt8]) throws
  /// Forgets what is kept under a name.
  mutating func remove(_ name: String) throws
}

/// The metadata in a folder.
package struct MetadataFolder: MetadataSource {
  private let folder: Place

  /// The folder `folder`, in which files have their names in the repository.
  package init(_ folder: Place) { self.folder = folder }

  /// Reads a plain file of the folder.
  ///
  /// - Throws: ``TrustError`` for what is not a regular file or too large, ``FileError`` when it cannot be read.
  package func metadata(named name: String, atMost limit: Int) throws -> [UInt8]? {
    do {
      return try folder.appending(name).read(atMost: limit)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      if error.reason == .fileTooLarge { throw TrustError.tooLarge(file: name, limit: limit) }
      if error.isNoSuchPlainFile { throw TrustError.malformed(file: name, MetadataProblem("it is not a regular file")) }
      throw error
    }
  }
}
