import Catalogue
import JobCore
import Journal
import StoreTrust

// What became the published release, and why.

extension AuditNote {
  /// A rollback.
  static func rollback(to snapshot: Int, from previous: Int?) -> AuditNote {
    var facts: [String: JournalValue] = ["snapshot": .integer(Int64(snapshot))]
    if let previous { facts["before"] = .integer(Int64(previous)) }
    return AuditNote(.rollback, "rolled back to snapshot \(snapshot)", facts)
  }

  /// A rollback, or whatever else held the newest snapshot back, was ended.
  static func endOfRollback(_ snapshot: Int) -> AuditNote {
    AuditNote(
      .rollback,
      "nothing is held back any more: snapshot \(snapshot), the newest, is published",
      ["snapshot": .integer(Int64(snapshot))]
    )
  }

  /// An import that was cut short when all was verified and sealed, and that a later run has brought to its end.
  static func finishedImport(of snapshot: Snapshot, isCurrent: Bool) -> AuditNote {
    var bundle = ""
    if case .imported(let name) = snapshot.origin { bundle = name }
    return AuditNote(
      .import,
      "snapshot \(snapshot.number) of bundle \(bundle) had been imported by a run that was cut short, and is \(isCurrent ? "published" : "here")",
      [
        "bundle": .string(bundle), "snapshot": .integer(Int64(snapshot.number)),
        "files": .integer(Int64(snapshot.fileCount)), "bytes": .integer(snapshot.totalBytes),
        "outcome": .string(isCurrent ? "published" : "taken"),
      ]
    )
  }

  /// A snapshot of the sources was published.
  static func published(_ snapshot: Snapshot) -> AuditNote {
    let age = SnapshotAge(snapshot.notes)
    var facts: [String: JournalValue] = [
      "snapshot": .integer(Int64(snapshot.number)), "files": .integer(Int64(snapshot.fileCount)),
      "bytes": .integer(snapshot.totalBytes),
    ]
    if let date = age.date { facts["databases"] = .integer(date.seconds) }
    return AuditNote(.sync, "snapshot \(snapshot.number) was published\(age.logged)", facts)
  }

  /// From which stores the files of a snapshot were taken, where that is news against the snapshot before.
  static func hops(of snapshot: Snapshot, before: Snapshot?) -> [AuditNote] {
    let old = before.flatMap { SnapshotNotes($0.notes) }?.sources ?? [:]
    let new = SnapshotNotes(snapshot.notes)?.sources ?? [:]
    return new.sorted(by: { $0.key < $1.key }).compactMap { source, notes in
      guard let hops = notes.hops, let hop = hops.first, hops != old[source]?.hops else { return nil }
      return self.hops(hop, hops, source: source, snapshot: snapshot.number)
    }
  }

  private static func hops(_ hop: Hop, _ hops: [Hop], source: String, snapshot: Int) -> AuditNote {
    var facts: [String: JournalValue] = ["snapshot": .integer(Int64(snapshot)), "source": .string(source)]
    for (position, hop) in hops.enumerated() { facts["hop-\(position + 1)"] = .string(hop.line) }
    let earlier = hops.dropFirst().map { ", before that snapshot \($0.snapshot) of \($0.url)" }.joined()
    return AuditNote(
      .sync,
      "snapshot \(snapshot): source \(source) is snapshot \(hop.snapshot) of \(hop.url), timestamp \(hop.version) with SHA-256 \(hop.timestamp)\(earlier)",
      facts
    )
  }
}
