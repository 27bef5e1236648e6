import Catalogue
import MirrorTypes

/// The files of a source as they will be published. They are gone through where they lie, not gathered in memory.
package struct SourceFiles {
  /// Goes through the files, in any order.
  package let forEach: ((SnapshotFile) throws -> Void) throws -> Void
  /// How many there are.
  package private(set) var count = 0
  /// Their bytes.
  package private(set) var bytes: Int64 = 0
  /// What they call their components: several of a file are joined by commas.
  package private(set) var components: Set<String> = []

  /// Goes through the files once, for the sums.
  package init(_ forEach: @escaping ((SnapshotFile) throws -> Void) throws -> Void) throws {
    self.forEach = forEach
    var sums = (count: 0, bytes: Int64(0), components: Set<String>())
    try forEach { file in
      sums.count += 1
      sums.bytes.addBytes(file.size)
      sums.components.insert(file.component)
    }
    (count, bytes, components) = sums
  }
}
