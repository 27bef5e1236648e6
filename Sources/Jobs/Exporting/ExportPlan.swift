import Catalogue
import ContentStore
import MirrorTypes

/// What has to be done so that the tree beside the exported one becomes the new one: decided by digests alone.
struct ExportPlan: Hashable {
  /// How a file gets into the new tree.
  enum Step: Hashable {
    /// It lies there already.
    case keep
    /// The tree that is read now has it: it gets a second name.
    case link
    /// It is written from the store.
    case write
  }

  /// A file of the new tree.
  struct File: Hashable {
    let path: TreePath
    let object: ObjectDigest
    let size: Int64
    let step: Step
  }

  /// The files of the new tree, by the bytes of their paths.
  let files: [File]
  /// What lies in the tree beside and is not in the new one, or is something else there.
  let removed: [TreePath]

  /// - Parameters:
  ///   - wanted: the files of the release, by the bytes of their paths.
  ///   - beside: what lies in the tree beside the one that is read; `nil` for a digest: whatever it is, it is not kept.
  ///   - published: the same of the tree that is read.
  ///   - canLink: whether the file system takes hard links.
  init(
    wanted: [TreeFile],
    beside: [TreePath: ObjectDigest?],
    published: [TreePath: ObjectDigest?],
    canLink: Bool
  ) {
    var kept = Set<TreePath>()
    files = wanted.map { file in
      let step: Step
      if beside[file.path] == .some(file.object) {
        kept.insert(file.path)
        step = .keep
      } else if canLink && published[file.path] == .some(file.object) {
        step = .link
      } else {
        step = .write
      }
      return File(path: file.path, object: file.object, size: file.size, step: step)
    }
    removed = beside.keys.filter { !kept.contains($0) }.sorted()
  }

  /// The files with a step.
  func files(_ step: Step) -> [File] { files.filter { $0.step == step } }

  /// The folders of the new tree, each before what lies in it.
  var folders: [TreePath] { Set(files.flatMap(\.path.folders)).sorted() }

  /// What the file system has to have room for, with each file in whole blocks.
  var bytesNeeded: Int64 {
    let block: Int64 = 4096
    return files(.write).totalBytes { ($0.size + block - 1) / block * block }
  }
}

/// A file of an update tree: its path from the tree's root, and its bytes.
struct TreeFile: Hashable {
  let path: TreePath
  let object: ObjectDigest
  let size: Int64
}
