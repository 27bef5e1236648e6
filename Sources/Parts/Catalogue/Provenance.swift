internal import GRDB
import MirrorTypes

/// How a path came to be what it is in a run of snapshots.
package struct Provenance: Hashable, Sendable {
  /// The first snapshot of the run.
  package internal(set) var first: Int
  /// The last snapshot of the run. All that the store has in between have the file alike.
  package internal(set) var last: Int
  /// The file: its object, the index that names it, when and from where it came.
  package let file: SnapshotFile
  /// The releases that hold it.
  package internal(set) var releases: [Int]
}

extension Catalogued {
  /// The history of a path, oldest first: one entry for each run of snapshots that have it alike. Empty if none has it.
  package func history(of path: TreePath) throws(StoreError) -> [Provenance] {
    try catalogue.reading { db in
      let names = NameTable(db)
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT path.name, object.digest, object.size, version.source, version.component, version.named_by,
            version.origin, version.fetched, version.modified, version.id, snapshot.number, release.number
          FROM snapshot
            LEFT JOIN path ON path.name = ?
            LEFT JOIN member ON member.snapshot = snapshot.number AND member.path = path.id
            LEFT JOIN version ON version.id = member.version
            LEFT JOIN object ON object.id = version.object
            LEFT JOIN release ON release.number = snapshot.number
          ORDER BY snapshot.number
          """,
        arguments: [path.string]
      )
      var found: [Provenance] = []
      var lastVersion: Int64?
      while let row = try rows.next() {
        let version: Int64? = row[9]
        defer { lastVersion = version }
        guard version != nil else { continue }
        let number: Int = row[10]
        if version != lastVersion {
          found.append(Provenance(first: number, last: number, file: try SnapshotFile(row, names), releases: []))
        }
        found[found.count - 1].last = number
        if let release: Int = row[11] { found[found.count - 1].releases.append(release) }
      }
      return found
    }
  }
}
