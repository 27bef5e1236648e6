import BundleFormat
import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage

/// Makes a smaller selection of a snapshot, whole components of it, whose bundle fits a stick.
///
/// What is left behind is missing from the selection altogether: a site never gets an index whose files did not come.
struct Fitting {
  /// A component that stays behind.
  struct LeftBehind: Sendable, Hashable {
    let component: String
    let files: Int
    let bytes: Int64
  }

  /// What fits.
  struct Selection {
    /// The snapshot to pack; in a dry run that leaves something behind, the one that the selection would be made of.
    let snapshot: Snapshot
    let left: [LeftBehind]
    /// About how many bytes the bundle will have; `nil` where nothing was measured.
    let bytes: Int64?
    /// What a dry run would seal; `nil` where there is nothing to seal.
    var planned: PlannedSelection?
  }

  /// A selection that was not sealed.
  struct PlannedSelection {
    /// The number that it would get, if nothing else is sealed before.
    let number: Int
    let files: Int
    let bytes: Int64
  }

  let folder: FilePath
  let store: ContentStore
  let base: Snapshot?
  /// The most bytes that the bundle may take; `nil`: as many as it needs.
  let room: Int64?
  /// The blocks of the medium that it is for.
  let blocks: MediumBlocks
  let priority: [String]
  /// Components that stay behind in any case.
  let without: [String]
  /// What the site has, if it is known; by it what must not stay behind unasked is known.
  let held: Snapshot?
  let site: String?
  /// Whether nothing is sealed.
  let dryRun: Bool
  let writer: BundleWriter
  let limits: GroupPlan.Limits
  /// The most bytes of a volume.
  let volumeSize: Int64
  /// How many parity volumes the bundle has.
  let parity: Int
  let reporter: any JobReporter

  /// What a file costs in metadata and lists, in an incremental and in a full bundle.
  private var bytesPerFile: Int64 { base == nil ? 300 : 60 }
  private static let fixedBytes: Int64 = 128 << 10

  /// The components that go first where the configuration names none: the databases are what a bundle is for. Their
  /// names begin so.
  private static let databases = "KDB"

  /// Chooses components: those that ``priority`` names first, in its order, or else the databases, then the smallest
  /// first. Files that belong to no component, such as primary indexes and packages, always come along.
  ///
  /// - Throws: an error with ``ExitStatus/noSpace`` when the site would lose a component that nobody has given up.
  func select(from snapshot: Snapshot) throws -> Selection {
    let shares = try self.shares(of: snapshot)
    try refuseUnknown(in: shares)
    if room != nil { reporter.report(.phase("measuring what fits")) }
    // Frames, headers and the archive's end are not measured.
    let whole = room.map(roomOfVolumes) ?? .max
    var left = whole
    var included: Set<String> = []
    var behind: [LeftBehind] = []
    for share in ordered(shares) {
      if isGivenUp(share) {
        behind.append(LeftBehind(component: share.component, files: share.allFiles, bytes: share.allBytes))
        continue
      }
      let bytes = try room == nil ? 0 : weight(of: share, atMost: left)
      if bytes <= left {
        included.insert(share.component)
        left -= bytes
      } else if share.component.isEmpty {
        throw JobError(
          .noSpace,
          "primary indexes and packages alone do not fit into \(room ?? 0) bytes: they need about \(bytes)",
          remedy: "Give it more room with --fit, or a larger stick."
        )
      } else {
        behind.append(LeftBehind(component: share.component, files: share.allFiles, bytes: share.allBytes))
      }
    }
    let used = room.map { $0 - left }
    guard !behind.isEmpty else { return Selection(snapshot: snapshot, left: [], bytes: used) }
    try refuseLosses(behind)
    if dryRun { return try plan(included, of: snapshot, behind, used) }
    let sealed = try seal(included, of: snapshot, behind)
    return Selection(snapshot: sealed, left: behind, bytes: used)
  }

  /// Of `bytes` bytes, what the volumes that are measured may have: the rest is for what is not measured, for parity, and for
  /// whole blocks.
  private func roomOfVolumes(_ bytes: Int64) -> Int64 {
    let parityBytes = min(volumeSize, bytes / Int64(parity + 1)) * Int64(parity)
    let volumes = Int(clamping: bytes / max(1, volumeSize)) + 1 + parity
    return blocks.left(of: bytes - bytes / 64 - Self.fixedBytes - parityBytes, volumes: volumes)
  }

  // MARK: - What stays behind on purpose

  private func isGivenUp(_ share: Share) -> Bool { Self.isNamed(share.component, in: without) }

  private static func isNamed(_ component: String, in names: [String]) -> Bool {
    let parts = component.split(separator: ",").map { $0.uppercased() }
    return names.contains { parts.contains($0.uppercased()) }
  }

  private func refuseUnknown(in shares: [Share]) throws {
    let known = Set(shares.flatMap { $0.component.split(separator: ",").map(String.init) }).sorted()
    guard let unknown = without.first(where: { name in !known.contains { $0.uppercased() == name.uppercased() } })
    else {
      return
    }
    throw JobError(
      .usage,
      "--without \(unknown): the snapshot has no such component",
      remedy: NearestName.of(unknown, among: known).map { "Did you mean '\($0)'?" }
        ?? "It has \(Words.list(known, atMost: 20))."
    )
  }

  /// A site that imports the bundle publishes a tree without what stays behind: what it has is not taken from it unasked.
  private func refuseLosses(_ behind: [LeftBehind]) throws {
    let unasked = behind.filter { !Self.isNamed($0.component, in: without) }
    guard !unasked.isEmpty else { return }
    let names = unasked.map(\.component).sorted()
    guard let held else {
      return reporter.warning(
        "left-behind",
        "\(Words.list(names, atMost: 8)) \(names.count == 1 ? "does" : "do") not fit and \(names.count == 1 ? "stays" : "stay") behind: a site that imports the bundle publishes a tree without \(names.count == 1 ? "it" : "them")"
      )
    }
    let there = Set(try store.summary(of: held.number).map(\.component))
    let lost = names.filter(there.contains)
    guard !lost.isEmpty else { return }
    throw JobError(
      .noSpace,
      "\(Words.list(lost, atMost: 8)) \(lost.count == 1 ? "does" : "do") not fit, and \(site.map { "site '\($0)'" } ?? "the site") has \(lost.count == 1 ? "it" : "them") (snapshot \(held.number)): it would publish a tree without \(lost.count == 1 ? "it" : "them")",
      remedy:
        "Use a larger stick, spread the bundle over several with --spread, or give \(lost.count == 1 ? "it" : "them") up with \(lost.map { "--without \($0.prefix { $0 != "," })" }.joined(separator: " ")). Nothing was written."
    )
  }

  /// What would be sealed.
  private func plan(
    _ components: Set<String>,
    of snapshot: Snapshot,
    _ behind: [LeftBehind],
    _ used: Int64?
  ) throws -> Selection {
    let kept = try store.summary(of: snapshot.number).filter { components.contains($0.component) }
    let planned = PlannedSelection(
      number: (try store.snapshots().last?.number ?? 0) + 1,
      files: kept.clampedSum { $0.files },
      bytes: kept.totalBytes { $0.bytes }
    )
    return Selection(snapshot: snapshot, left: behind, bytes: used, planned: planned)
  }

  private func ordered(_ shares: [Share]) -> [Share] {
    func rank(_ share: Share) -> Int {
      if share.component.isEmpty { return -1 }
      let names = share.component.split(separator: ",").map { $0.uppercased() }
      if priority.isEmpty { return names.contains { $0.hasPrefix(Self.databases) } ? 0 : 1 }
      return priority.firstIndex { names.contains($0.uppercased()) } ?? priority.count
    }
    return shares.sorted { (rank($0), $0.carriedBytes, $0.component) < (rank($1), $1.carriedBytes, $1.component) }
  }
}

// MARK: - Weighing

extension Fitting {
  /// A component of the snapshot.
  fileprivate struct Share {
    let component: String
    var allFiles = 0
    var allBytes: Int64 = 0
    /// What the bundle has to carry of it.
    var carried: [NewFile] = []
    var carriedBytes: Int64 = 0
  }

  fileprivate func shares(of snapshot: Snapshot) throws -> [Share] {
    var shares: [String: Share] = [:]
    var seen = Set<ObjectDigest>()
    try store.forEachFile(in: snapshot.number) { file in
      var share = shares.removeValue(forKey: file.component) ?? Share(component: file.component)
      share.allFiles += 1
      share.allBytes.addBytes(file.size)
      if base == nil, seen.insert(file.object).inserted {
        share.carried.append(NewFile(Extent(file.path, file.object, size: file.size), bases: []))
        share.carriedBytes.addBytes(file.size)
      }
      shares[file.component] = share
    }
    guard let base else { return Array(shares.values) }
    try store.lacking(from: base.number, to: snapshot.number) { file in
      let old = file.old.map { [Extent(file.path, $0.object, size: $0.size)] } ?? []
      let new = Extent(file.path, file.content.object, size: file.content.size)
      shares[file.component]?.carried.append(NewFile(new, bases: old))
      shares[file.component]?.carriedBytes.addBytes(file.content.size)
    }
    return Array(shares.values)
  }

  /// How many bytes a component adds to the bundle: measured, unless it fits in any case.
  fileprivate func weight(of share: Share, atMost room: Int64) throws -> Int64 {
    let lists = Int64(share.allFiles) * bytesPerFile
    var plan = GroupPlan(limits: limits, objectPath: store.path(of:))
    for file in share.carried { try plan.add(file) }
    plan.close()
    return lists + (try writer.measure(plan.groups, objectPath: store.path(of:)))
  }
}

// MARK: - Sealing

extension Fitting {
  /// Seals the selection as a snapshot of its own, which is never published here; the same one is not sealed twice.
  fileprivate func seal(
    _ components: Set<String>,
    of snapshot: Snapshot,
    _ behind: [LeftBehind]
  ) throws -> Snapshot {
    var notes = SnapshotNotes(snapshot.notes) ?? SnapshotNotes(sources: [:])
    notes.selection = .init(of: snapshot.number, left: behind.map(\.component).sorted())
    notes.keepDates(of: components)
    let writing = try ContentStore.open(folder, access: .writing)
    let like = try writing.snapshots().last { SnapshotNotes($0.notes)?.selection == notes.selection }
    return try writing.seal(
      SnapshotHeader(
        created: snapshot.created,
        notes: notes.text,
        selectedFrom: snapshot.number
      ),
      unlessLike: like
    ) { add in
      try store.forEachFile(in: snapshot.number) { file in
        if components.contains(file.component) { try add(file) }
      }
    }
  }
}
