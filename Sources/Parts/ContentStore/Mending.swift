import FileSystem
internal import GRDB
import MirrorTypes
import SystemPackage

extension ContentStore {
  /// Notes objects that ``verify(concurrency:progress:)`` found damaged or missing, so that they can come again: what
  /// was known of the sources' files with these bytes is forgotten, ``contains(_:)`` denies them, and the next whole
  /// bytes take their place in the store and in all releases (``commitObjects()``).
  ///
  /// Objects that the catalogue does not name are skipped.
  ///
  /// - Returns: the sources that must be synced again; none for what came with a bundle, which is imported again.
  package func noteDamaged(_ objects: [ObjectDigest]) throws(StoreError) -> [String] {
    let sources = try catalogue.writing { db in
      var sources: Set<String> = []
      for object in objects {
        guard let id = try db.objectID(object) else { continue }
        try db.execute(sql: "INSERT OR IGNORE INTO damaged (object) VALUES (?)", arguments: [id])
        let ids = try Int64.fetchAll(
          db,
          sql: """
            SELECT source FROM known WHERE object = :object
            UNION SELECT source FROM version WHERE object = :object AND source IN (SELECT source FROM source_state)
            """,
          arguments: ["object": id]
        )
        try db.execute(sql: "DELETE FROM known WHERE object = ?", arguments: [id])
        for source in ids {
          try db.execute(sql: "DELETE FROM source_state WHERE source = ?", arguments: [source])
          if let name = try String.fetchOne(db, sql: "SELECT text FROM name WHERE id = ?", arguments: [source]) {
            sources.insert(name)
          }
        }
      }
      return sources.sorted()
    }
    intake.noteDamaged(try catalogue.damagedObjects())
    return sources
  }

  /// Gives whole bytes to the releases that have links to damaged ones.
  func mendReleases(_ replaced: Set<ObjectDigest>) throws(StoreError) {
    guard !replaced.isEmpty else { return }
    do {
      let mending = ReleaseMending(layout: layout, catalogue: catalogue)
      for object in replaced { try mending.mend(object) }
    } catch {
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
  }
}

/// Replaces links to the damaged file of an object by links to the whole one.
struct ReleaseMending {
  let layout: StoreLayout
  let catalogue: Catalogue

  func mend(_ object: ObjectDigest) throws {
    let temporary = layout.partial.appending("mend")
    try catalogue.read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT release.number, path.name
          FROM object JOIN version ON version.object = object.id JOIN path ON path.id = version.path
            JOIN member ON member.version = version.id JOIN release ON release.number = member.snapshot
          WHERE object.digest = ?
          """,
        arguments: [object.blob]
      )
      while let row = try rows.next() {
        let number: Int = row[0]
        let place = layout.release(number).pushing(FilePath(row[1] as String))
        try Files.remove(temporary)
        try linkOrCopy(layout.path(of: object), to: temporary)
        try Files.rename(temporary, to: place)
        // A rename of one name to another of the same file leaves both.
        try Files.remove(temporary)
      }
    }
    try Files.syncFileSystem(containing: layout.releases)
    try catalogue.writing { db in
      try db.execute(
        sql: "DELETE FROM damaged WHERE object = (SELECT id FROM object WHERE digest = ?)",
        arguments: [object.blob]
      )
    }
  }

  private func linkOrCopy(_ source: FilePath, to place: FilePath) throws(FileError) {
    do { try Files.link(source, to: place) } catch { try FileCopy.copy(source, to: place) }
  }
}
