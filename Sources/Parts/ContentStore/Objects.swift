import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

extension ContentStore {
  /// Starts an object.
  ///
  /// - Parameter key: a name for these very bytes (a source with an address) under which an unfinished large file
  ///   outlives this process, so that a later run goes on at ``ObjectWriter/offset``; `nil`: it is never resumed.
  package func writer(resuming key: String? = nil) throws(StoreError) -> ObjectWriter {
    try requireWriting()
    return try ObjectWriter(store: self, resuming: key)
  }

  /// Removes all unfinished files that a later run could go on with: to be called when nothing is left to go on with.
  package func forgetPartials() throws(StoreError) {
    try requireWriting()
    guard !intake.isBusy else { return }
    try withFiles { () throws(FileError) in
      let boot = PartialFiles.boot()
      for entry in try Files.entries(of: layout.partial)
      where PartialFiles.isTrusted(entry.name, boot: boot) || PartialFiles.keyOfTag(entry.name) != nil {
        try Files.remove(layout.partial.appending(entry.name))
      }
    }
  }

  /// Whether the store has an object, whole as far as is known, in the catalogue or waiting for the next commit.
  package func contains(_ object: ObjectDigest) throws(StoreError) -> Bool {
    if intake.isPending(object) { return true }
    if intake.isDamaged(object) { return false }
    return try catalogue.names(object)
  }

  /// Makes all finished objects durable, then names them in the catalogue: one `syncfs` and one transaction,
  /// however many there are. Does nothing if there are none.
  package func commitObjects() throws(StoreError) {
    try requireWriting()
    let batch = intake.drain()
    guard !batch.objects.isEmpty else { return }
    do {
      try withFiles { () throws(FileError) in try Files.syncFileSystem(containing: layout.objects) }
      try catalogue.insert(batch.objects)
      try mendReleases(batch.replaced)
      try withFiles { () throws(FileError) in try intake.settle(batch) }
    } catch {
      intake.restore(batch)
      throw error
    }
  }
}
