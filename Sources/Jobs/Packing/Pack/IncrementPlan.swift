import BundleFormat
import Catalogue
import ContentStore
import MirrorTypes

/// What an incremental bundle carries, and why.
struct IncrementPlan {
  /// What a component adds to it.
  struct Share: Sendable, Hashable, Encodable {
    /// The component; empty for files that belong to none.
    let component: String
    /// Files of which an older version is there.
    fileprivate(set) var changed = 0
    /// Files that are new, and resemble one that is there by their content or names.
    fileprivate(set) var renewed = 0
    /// Files that are new.
    fileprivate(set) var new = 0
    /// The bytes of all of them.
    fileprivate(set) var bytes: Int64 = 0
  }

  /// The snapshot that it builds on.
  let base: Snapshot
  /// What is compressed together.
  private(set) var groups: [PatchGroup] = []
  /// What each component adds.
  private(set) var shares: [Share] = []

  /// Compares two snapshots.
  init(of snapshot: Snapshot, from base: Snapshot, in store: ContentStore, limits: GroupPlan.Limits) throws {
    self.base = base
    var files: [LackingFile] = []
    try store.lacking(from: base.number, to: snapshot.number) { files.append($0) }
    let orphans = files.filter { $0.old == nil }
    let siblings = try Siblings(of: orphans.map(\.path), store, base.number, snapshot.number)
    let likenesses = try Likenesses(of: orphans, among: siblings, in: store, limit: min(limits.piece, limits.bases))
    var plan = GroupPlan(limits: limits, objectPath: store.path(of:))
    var shares: [String: Share] = [:]
    for file in files {
      let bases: [Extent]
      if let old = file.old {
        bases = [Extent(file.path, old.object, size: old.size)]
      } else {
        var kin = likenesses.bases(of: file)
        if kin.isEmpty, let sibling = siblings.nearest(to: file.path) { kin = [sibling] }
        bases = kin.map { Extent($0.path, $0.content.object, size: $0.content.size) }
      }
      shares[file.component, default: Share(component: file.component)].add(file, resemblesOne: !bases.isEmpty)
      try plan.add(NewFile(Extent(file.path, file.content.object, size: file.content.size), bases: bases))
    }
    plan.close()
    groups = plan.groups
    self.shares = shares.values.sorted { ($1.bytes, $0.component) < ($0.bytes, $1.component) }
  }
}

extension IncrementPlan.Share {
  fileprivate mutating func add(_ file: LackingFile, resemblesOne: Bool) {
    if file.old != nil { changed += 1 } else if resemblesOne { renewed += 1 } else { new += 1 }
    bytes.addBytes(file.content.size)
  }
}
