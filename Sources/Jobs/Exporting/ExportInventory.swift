import FileSystem
import JobCore
import MirrorTypes

/// What lies in a tree that was exported, or is being built, by its bytes: times say nothing of them.
struct ExportInventory {
  /// Each file with its SHA-256; `nil` for one that is not kept, whatever it is: of another size than the release has at
  /// its path, or of another owner or other permissions than an export gives.
  private(set) var digests: [TreePath: ObjectDigest?] = [:]
  /// What is no part of any tree, but for the mark.
  let others: [Place]
  /// The folders, each before what lies in it.
  let folders: [TreePath]

  /// Reads a folder, of which nothing need be there.
  ///
  /// - Parameters:
  ///   - sizes: how many bytes the release has at each path: only what has as many is read.
  ///   - keepsOwners: whether the file system has owners and permissions.
  ///   - progress: told how many bytes were read.
  init(
    _ tree: Place,
    sizes: [TreePath: Int64],
    keepsOwners: Bool,
    progress: (Int64) -> Void
  ) throws {
    guard try tree.status()?.kind == .folder else {
      (others, folders) = ([], [])
      return
    }
    let scan = try TreeScan(tree)
    (others, folders) = (scan.others, scan.folders)
    for (path, status) in scan.files where !path.is(ExportedTree.mark) {
      guard sizes[path] == status.size, !keepsOwners || status.isExported else {
        digests[path] = .some(nil)
        continue
      }
      digests[path] = .some(Self.digest(of: tree.pushing(path.string)))
      progress(status.size)
    }
  }

  /// A file that cannot be read is as good as one with other bytes: it is written anew.
  private static func digest(of place: Place) -> ObjectDigest? { try? FileDigest.of(place).digest }

  /// Whether it has exactly these files.
  func holdsExactly(_ files: [TreeFile]) -> Bool {
    others.isEmpty && digests.count == files.count && files.allSatisfy { digests[$0.path] == .some($0.object) }
      && Set(folders) == Set(files.flatMap(\.path.folders))
  }
}
