import Catalogue
import ContentStore
import Crypto
import FileSystem
import JobCore
import MirrorTypes

/// Makes the tree beside the exported one into the new tree. Nobody reads it meanwhile; no file that has another name
/// elsewhere is changed: one that differs is removed, and made anew.
struct ExportBuilding {
  let store: ContentStore
  /// The tree that is built.
  let place: Place
  /// The tree that is read.
  let published: Place
  let plan: ExportPlan
  let reporter: any JobReporter

  /// Builds it, and reads what was written back from the disk.
  func build(clearing inventory: ExportInventory) throws {
    try clear(inventory)
    try makeFolders()
    var done: Int64 = 0
    let total = plan.files(.write).totalBytes { $0.size }
    for file in plan.files where file.step != .keep {
      if file.step == .link, try published.pushing(file.path.string).link(to: place.pushing(file.path.string)) {
        continue
      }
      try write(file)
      done.addBytes(file.size)
      reporter.report(.progress(JobProgress(bytes: done, totalBytes: max(total, done))))
    }
    try place.syncFileSystem()
    try readBack()
    try refuseIncomplete()
  }

  /// Takes away the mark, and then what is no part of the new tree.
  private func clear(_ inventory: ExportInventory) throws {
    try place.appending(ExportedTree.mark).remove()
    try place.syncFolder()
    for other in inventory.others { try other.removeTree() }
    for path in plan.removed { try place.pushing(path.string).remove() }
    let wanted = Set(plan.folders)
    for folder in inventory.folders.reversed() where !wanted.contains(folder) {
      try place.pushing(folder.string).removeTree()
    }
  }

  private func makeFolders() throws {
    for folder in plan.folders {
      let place = place.pushing(folder.string)
      try place.makeFolder(permissions: ExportPermissions.folder)
      try place.setPermissions(ExportPermissions.folder)
    }
  }

  /// Writes a file from the store, whose bytes are compared with their name on the way.
  private func write(_ file: ExportPlan.File) throws {
    let target = place.pushing(file.path.string)
    try target.remove()
    let source: InputFile
    do throws(FileError) {
      source = try InputFile(store.path(of: file.object))
    } catch {
      guard error.reason != .noSuchFileOrDirectory else { throw StoreError.missingObject(file.object, path: file.path) }
      throw error
    }
    var output = try OutputFile(target, permissions: ExportPermissions.file)
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 262_144)
    while true {
      let count = try source.read(into: &buffer)
      if count == 0 { break }
      try buffer.withUnsafeBytes { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        hash.update(bufferPointer: part)
        try output.write(part)
      }
    }
    try output.close()
    try target.setPermissions(ExportPermissions.file)
    guard ObjectDigest(hash.finalize()) == file.object else {
      throw JobError(
        .damagedStore,
        "object \(file.object) of \(file.path) is damaged in the store",
        remedy: "Run 'kscmirror verify', then sync or import it again. The exported folder is as it was."
      )
    }
  }

  /// Reads what was written, past what the kernel has of it in memory.
  private func readBack() throws {
    reporter.report(.phase("reading back what was written"))
    let files = plan.files(.write)
    let total = files.totalBytes { $0.size }
    var done: Int64 = 0
    for file in files {
      var hash = SHA256()
      try UncachedFile.read(place.pushing(file.path.string)) { bytes in
        hash.update(bufferPointer: bytes)
        done += Int64(bytes.count)
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: total)))
      }
      guard ObjectDigest(hash.finalize()) == file.object else {
        throw JobError(
          .wrongContent,
          "\(place.pushing(file.path.string)): what was read back is not what was written",
          remedy: "The disk or stick is failing: replace it. The exported folder is as it was."
        )
      }
    }
  }

  /// Looks at the names again: a file system may have taken two of them for one.
  private func refuseIncomplete() throws {
    let scan = try TreeScan(place)
    let folded = Set(scan.files.keys.map(\.folded))
    let lacking = plan.files.first { file in
      scan.files[file.path].map { $0.size != file.size } ?? !folded.contains(file.path.folded)
    }
    guard let lacking else { return }
    throw JobError(.inputOutput, "\(place.pushing(lacking.path.string)) was written and is not there", remedy: nil)
  }
}
