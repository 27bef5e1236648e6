import Catalogue
import ContentStore
import JobCore
import Sites
import StoreTrust

/// Gives a snapshot that is to be packed a number behind those that its receivers have: a site takes no bundle with a lower
/// number, and none with a number under which it has other files. Both come from a store that was put back from a backup; a
/// lower number alone from a rollback here, which reaches the sites so.
struct Renumbering: InContext {
  let context: JobContext
  let store: ContentStore
  /// The site that the bundle is for; `nil`: for any.
  let site: String?
  /// Whether nothing is sealed.
  let dryRun: Bool

  /// The number that another one has to be greater than; `nil` where a snapshot can keep its own.
  ///
  /// - Parameters:
  ///   - snapshot: what is to be packed.
  ///   - site: what the site has by its newest receipt.
  ///   - seen: what others have shown to be given.
  static func bound(of snapshot: Snapshot, _ site: Receipt?, _ seen: NumbersSeen) -> Int? {
    let highest = site?.held.map(\.snapshot).max() ?? 0
    if let site {
      // It has the very snapshot: nothing of it need be carried.
      let isCurrent = site.current.map { $0.snapshot == snapshot.number && $0.tree == snapshot.treeDigest } ?? false
      let isNewest = site.held.contains {
        $0.snapshot == highest && $0.snapshot == snapshot.number && $0.tree == snapshot.treeDigest
      }
      if isCurrent || isNewest { return nil }
    }
    let bound = max(highest, seen.snapshot)
    return snapshot.number > bound ? nil : bound
  }

  /// The snapshot, or the same files as a snapshot of a number that its receivers take.
  func renumbered(_ snapshot: Snapshot) throws -> Snapshot {
    let receipt = try site.flatMap { try SiteRegistry(folders).site(named: $0) }?.newest
    if let receipt, let same = try held(as: snapshot, receipt) { return same }
    guard let bound = Self.bound(of: snapshot, receipt, try NumbersSeen(of: folder)) else { return snapshot }
    let there = try store.snapshots().last {
      $0.selectedFrom != nil && $0.treeDigest == snapshot.treeDigest && $0.number > bound
    }
    if let there { return there }
    let who = site.map { "site \($0) has" } ?? "this store has given"
    let why = "\(who) numbers up to \(bound)"
    if dryRun {
      reporter.information(
        "renumbered",
        "\(why): the files of snapshot \(snapshot.number) would get a number after them"
      )
      return snapshot
    }
    let sealed = try seal(snapshot)
    reporter.information(
      "renumbered",
      "\(why): the files of snapshot \(snapshot.number) are packed as snapshot \(sealed.number)"
    )
    return sealed
  }

  /// The snapshot under whose number the site has these files, as what it publishes or as its newest: nothing of it need be
  /// carried, and it needs no other number.
  private func held(as snapshot: Snapshot, _ receipt: Receipt) throws -> Snapshot? {
    let newest = receipt.held.max { $0.snapshot < $1.snapshot }
    let has = [receipt.current.map { ($0.snapshot, $0.tree) }, newest.map { ($0.snapshot, $0.tree) }]
    let numbers = has.compactMap(\.self).filter { $0.1 == snapshot.treeDigest }.map(\.0)
    return try store.snapshots().first { numbers.contains($0.number) && $0.treeDigest == snapshot.treeDigest }
  }

  /// Seals the same files once more; it is never published here.
  private func seal(_ snapshot: Snapshot) throws -> Snapshot {
    let writing = try ContentStore.open(folder, access: .writing)
    let header = SnapshotHeader(
      created: snapshot.created,
      notes: snapshot.notes,
      treeDigest: snapshot.treeDigest,
      selectedFrom: snapshot.selectedFrom ?? snapshot.number
    )
    return try writing.seal(header) { add in
      try store.forEachFile(in: snapshot.number) { try add($0) }
    }
  }
}
