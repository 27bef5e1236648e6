import FileSystem
internal import GRDB
import MirrorTypes
import SystemPackage

/// A file of a release as it is served.
package struct ServedFile: Sendable {
  /// Its path, as published.
  package let path: String
  /// Its bytes.
  package let object: ObjectDigest
  /// Its size in bytes.
  package let size: Int64
  /// Since when the current release has had these bytes under this path, in seconds since 1970. Never earlier than the
  /// truth.
  package let changed: Int64
}

/// Which release `current` leads to, and since when.
package struct CurrentRelease: Hashable, Sendable {
  /// The release's number.
  package let number: Int
  /// When `current` was made to lead to it, in seconds since 1970.
  package let moved: Int64
  /// What tells one move from another, however soon it comes.
  fileprivate let link: UInt64
}

extension ContentStore {
  /// Looks at `current`; `nil` if it leads to no release. Costs two calls to the system.
  package func currentRelease() throws(StoreError) -> CurrentRelease? {
    guard let number = try Publication.current(layout) else { return nil }
    let path = layout.current
    guard let status = try withFiles({ () throws(FileError) in try Files.status(path) }) else { return nil }
    return CurrentRelease(number: number, moved: status.modified, link: status.inode)
  }

  /// The number of the release that was current before; `nil` if none was, or it is gone.
  package func previousRelease() throws(StoreError) -> Int? {
    guard let number = try Publication.release(layout.previous) else { return nil }
    if number == (try Publication.current(layout)) { return nil }
    return try catalogue.releaseNumbers().contains(number) ? number : nil
  }

  /// The files of a snapshot, ordered by the bytes of their paths, with the time since when each is served.
  ///
  /// - Parameter moved: the time for files of which the catalogue knows none, as when a run was killed just after it had
  ///   moved `current`.
  package func forEachServedFile(
    in number: Int,
    moved: Int64,
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

  /// Keeps since when each path of the current release has its content: what is the same as before stays as old as it
  /// was. Done after `current` has moved; what is killed in between is made good by ``forEachServedFile(in:moved:_:)``.
  func noteServed(_ number: Int) throws(StoreError) {
    guard let current = try currentRelease(), current.number == number else { return }
    try catalogue.writing { db in
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
        arguments: ["moved": current.moved, "number": number]
      )
    }
  }
}
