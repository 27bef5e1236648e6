import FileSystem
internal import GRDB
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
    return try catalogue.lookingUp { db in
      let statement = try db.cachedStatement(sql: "SELECT 1 FROM object WHERE digest = ?")
      return try Bool.fetchOne(statement, arguments: [object.blob]) ?? false
    }
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

extension Catalogue {
  /// Names objects that are on the disk.
  func insert(_ objects: [ObjectDigest: Int64]) throws(StoreError) {
    try writing { db in
      let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO object (digest, size) VALUES (?, ?)")
      // In the order of the digests, the index on them grows at its end and reading all objects goes folder by folder.
      for (digest, size) in objects.sorted(by: { $0.key < $1.key }) {
        try statement.execute(arguments: [digest.blob, size])
      }
    }
  }

  /// The objects that were found damaged and not replaced since.
  func damagedObjects() throws(StoreError) -> Set<ObjectDigest> {
    try reading { db in
      let rows = try Row.fetchAll(db, sql: "SELECT digest FROM object WHERE id IN (SELECT object FROM damaged)")
      return Set(try rows.map { try $0.requiredDigest(0) })
    }
  }
}
