import Bundle
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
    /// Files that are new, and resemble one that is there by their names.
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
    let siblings = try Siblings(of: files.filter { $0.old == nil }.map(\.path), store, base.number, snapshot.number)
    var plan = GroupPlan(limits: limits, objectPath: store.path(of:))
    var shares: [String: Share] = [:]
    for file in files {
      var bases: [Extent] = []
      if let old = file.old {
        bases = [Extent(file.path, old.object, size: old.size)]
      } else if let sibling = siblings.nearest(to: file.path) {
        bases = [Extent(sibling.path, sibling.content.object, size: sibling.content.size)]
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
    bytes += file.content.size
  }
}

/// The files of a snapshot among which a new one's predecessor may be: `keds-251028a.keb` for `keds-251028b.keb`.
private struct Siblings {
  struct Candidate {
    let path: TreePath
    let content: LackingFile.Content
    /// Whether the new snapshot no longer has it: the new file may well have taken its place.
    let isGone: Bool
  }

  private var inFolder: [String: [Candidate]] = [:]
  private var byName: [String: Candidate] = [:]

  /// The most candidates of a folder that are looked at for one file.
  private static let mostCandidates = 4000

  /// Looks for files in the folders of `orphans`, and for files of their names elsewhere.
  init(of orphans: [TreePath], _ store: ContentStore, _ base: Int, _ snapshot: Int) throws {
    guard !orphans.isEmpty else { return }
    let folders = Set(orphans.map { $0.folder?.string ?? "" })
    let names = Set(orphans.map { String($0.name) })
    var gone = Set<TreePath>()
    try store.paths(of: base, goneIn: snapshot) { gone.insert($0) }
    try store.forEachContent(in: base) { path, content in
      guard content.size > 0 else { return }
      let folder = path.folder?.string ?? ""
      let isNear = folders.contains(folder)
      let isNamesake = names.contains(String(path.name))
      guard isNear || isNamesake else { return }
      let candidate = Candidate(path: path, content: content, isGone: gone.contains(path))
      if isNear { inFolder[folder, default: []].append(candidate) }
      if isNamesake, byName[String(path.name)].map({ candidate.isGone && !$0.isGone }) ?? true {
        byName[String(path.name)] = candidate
      }
    }
  }

  /// The file that a new one's name comes nearest to; `nil` when none is near.
  func nearest(to path: TreePath) -> Candidate? {
    if let namesake = byName[String(path.name)] { return namesake }
    let name = Array(path.name.utf8)
    var best: (score: Int, candidate: Candidate)?
    for candidate in inFolder[path.folder?.string ?? ""]?.prefix(Self.mostCandidates) ?? [] {
      let score = Self.likeness(name, Array(candidate.path.name.utf8)) + (candidate.isGone ? 4 : 0)
      if score > best?.score ?? 3 { best = (score, candidate) }
    }
    return best?.candidate
  }

  /// How many bytes two names have in common at both ends.
  private static func likeness(_ one: [UInt8], _ other: [UInt8]) -> Int {
    let start = zip(one, other).prefix { $0 == $1 }.count
    let end = zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count
    return min(start + end, max(one.count, other.count))
  }
}
