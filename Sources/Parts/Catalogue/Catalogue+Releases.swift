internal import GRDB
import MirrorTypes

/// A release as the catalogue has it.
package struct ListedRelease: Hashable, Sendable {
  /// The number of its snapshot.
  package let number: Int
  /// When it was made.
  package let published: UTCTime
  /// How many of its files are copies, because the file system refused a link.
  package let copiedFiles: Int

  package init(number: Int, published: UTCTime, copiedFiles: Int) {
    self.number = number
    self.published = published
    self.copiedFiles = copiedFiles
  }
}

/// A file of a release as it is served.
package struct ServedFile: Sendable {
  /// Its path, as published.
  package let path: String
  /// Its bytes.
  package let object: ObjectDigest
  /// Its size in bytes.
  package let size: Int64
  /// Since when the current release has had these bytes under this path. Never earlier than the truth.
  package let changed: UTCTime
}

/// Releases.
extension Catalogue {
  /// All releases, by number.
  package func listedReleases() throws(StoreError) -> [ListedRelease] {
    try reading { db in
      try Row.fetchAll(db, sql: "SELECT number, published, copied FROM release ORDER BY number").map { row in
        ListedRelease(number: row[0], published: row[1], copiedFiles: row[2])
      }
    }
  }

  /// Lists a release.
  package func list(_ release: ListedRelease) throws(StoreError) {
    try writing { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO release (number, published, copied) VALUES (?, ?, ?)",
        arguments: [release.number, release.published, release.copiedFiles]
      )
    }
  }

  /// The numbers of the releases that the catalogue knows.
  package func releaseNumbers() throws(StoreError) -> Set<Int> {
    try reading { db in Set(try Int.fetchAll(db, sql: "SELECT number FROM release")) }
  }

  /// Adopts a release whose folder is whole; `false` if there is no snapshot of its number.
  package func adoptRelease(_ number: Int, at time: UTCTime) throws(StoreError) -> Bool {
    try writing { db in
      try db.execute(
        sql: """
          INSERT INTO release (number, published, copied)
          SELECT number, ?, 0 FROM snapshot WHERE number = ?
          """,
        arguments: [time, number]
      )
      return db.changesCount > 0
    }
  }

  /// Strikes out releases that have no folder.
  package func forgetReleases(_ numbers: Set<Int>) throws(StoreError) {
    try writing { db in
      for number in numbers { try db.execute(sql: "DELETE FROM release WHERE number = ?", arguments: [number]) }
    }
  }

  /// Keeps since when each path of a release has its content: what is the same as before stays as old as it was.
  package func noteServed(_ number: Int, since moved: UTCTime) throws(StoreError) {
    try writing { db in
      // Two changes within a second, or a clock that was set back, must not have the same time.
      try db.execute(
        sql: """
          INSERT INTO served (path, digest, since)
          SELECT member.path, object.digest, :moved
          FROM member JOIN version ON version.id = member.version JOIN object ON object.id = version.object
          WHERE member.snapshot = :number
          ON CONFLICT (path) DO UPDATE SET digest = excluded.digest, since = max(excluded.since, served.since + 1)
          WHERE served.digest <> excluded.digest
          """,
        arguments: ["moved": moved, "number": number]
      )
    }
  }
}

extension Catalogued {
  /// The files of a snapshot, ordered by the bytes of their paths, with the time since when each is served.
  ///
  /// - Parameter moved: the time for files of which the catalogue knows none, as when a run was killed just after it had
  ///   moved `current`.
  package func forEachServedFile(
    in number: Int,
    moved: UTCTime,
    _ body: (ServedFile) throws -> Void
  ) throws {
    try catalogue.read { db in
      guard try db.snapshotExists(number) else { throw StoreError.noSuchSnapshot(number) }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT path.name, object.digest, object.size, served.since
          FROM member JOIN version ON version.id = member.version JOIN object ON object.id = version.object
            JOIN path ON path.id = member.path
            LEFT JOIN served ON served.path = member.path AND served.digest = object.digest
          WHERE member.snapshot = ? ORDER BY path.name
          """,
        arguments: [number]
      )
      while let row = try rows.next() {
        try body(
          ServedFile(path: row[0], object: try row.requiredDigest(1), size: row[2], changed: row[3] ?? moved)
        )
      }
    }
  }
}
