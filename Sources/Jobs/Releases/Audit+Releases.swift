import ContentStore
import JobCore
import Journal
import StoreTrust

// What became the published release, and why.

extension Audit {
  /// Notes a rollback.
  func noteRollback(to snapshot: Int, from previous: Int?) throws {
    var facts: [String: JournalValue] = ["snapshot": .integer(Int64(snapshot))]
    if let previous { facts["before"] = .integer(Int64(previous)) }
    _ = try append(.rollback, .ok, "rolled back to snapshot \(snapshot)", facts)
  }

  /// Notes that a rollback, or whatever else held the newest snapshot back, was ended.
  func noteEndOfRollback(_ snapshot: Int) throws {
    _ = try append(
      .rollback,
      .ok,
      "nothing is held back any more: snapshot \(snapshot), the newest, is published",
      ["snapshot": .integer(Int64(snapshot))]
    )
  }

  /// Notes an import that was cut short when all was verified and sealed, and that a later run has brought to its end.
  func noteFinishedImport(of snapshot: Snapshot, isCurrent: Bool) throws {
    var bundle = ""
    if case .imported(let name) = snapshot.origin { bundle = name }
    _ = try append(
      .import,
      .ok,
      "snapshot \(snapshot.number) of bundle \(bundle) had been imported by a run that was cut short, and is \(isCurrent ? "published" : "here")",
      [
        "bundle": .string(bundle), "snapshot": .integer(Int64(snapshot.number)),
        "files": .integer(Int64(snapshot.fileCount)), "bytes": .integer(snapshot.totalBytes),
        "outcome": .string(isCurrent ? "published" : "taken"),
      ]
    )
  }

  /// Notes from which stores the files of a snapshot were taken, where that is news against the snapshot before.
  func noteHops(of snapshot: Snapshot, before: Snapshot?) throws {
    let old = before.flatMap { SnapshotNotes($0.notes) }?.sources ?? [:]
    let new = SnapshotNotes(snapshot.notes)?.sources ?? [:]
    for (source, notes) in new.sorted(by: { $0.key < $1.key }) {
      guard let hops = notes.hops, let hop = hops.first, hops != old[source]?.hops else { continue }
      try noteHops(hop, hops, source: source, snapshot: snapshot.number)
    }
  }

  private func noteHops(_ hop: Hop, _ hops: [Hop], source: String, snapshot: Int) throws {
    var facts: [String: JournalValue] = ["snapshot": .integer(Int64(snapshot)), "source": .string(source)]
    for (position, hop) in hops.enumerated() { facts["hop-\(position + 1)"] = .string(hop.line) }
    let earlier = hops.dropFirst().map { ", before that snapshot \($0.snapshot) of \($0.url)" }.joined()
    _ = try append(
      .sync,
      .ok,
      "snapshot \(snapshot): source \(source) is snapshot \(hop.snapshot) of \(hop.url), timestamp \(hop.version) with SHA-256 \(hop.timestamp)\(earlier)",
      facts
    )
  }
}
