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
    let snapshot: Snapshot
    let left: [LeftBehind]
    /// About how many bytes the bundle will have; `nil` where nothing was measured.
    let bytes: Int64?
  }

  let folder: FilePath
  let store: ContentStore
  let base: Snapshot?
  let room: Int64
  let priority: [String]
  let writer: BundleWriter
  let limits: GroupPlan.Limits
  let reporter: any JobReporter

  /// What a file costs in metadata and lists, in an incremental and in a full bundle.
  private var bytesPerFile: Int64 { base == nil ? 300 : 60 }
  private static let fixedBytes: Int64 = 128 << 10

  /// Chooses components: those that ``priority`` names first, in its order, then the smallest first. Files that belong to
  /// no component, such as primary indexes and packages, always come along.
  func select(from snapshot: Snapshot) throws -> Selection {
    let shares = try self.shares(of: snapshot)
    reporter.report(.phase("measuring what fits"))
    // Frames, headers and the archive's end are not measured.
    var left = room - room / 64 - Self.fixedBytes
    var included: Set<String> = []
    var behind: [LeftBehind] = []
    for share in ordered(shares) {
      let bytes = try weight(of: share, atMost: left)
      if bytes <= left {
        included.insert(share.component)
        left -= bytes
      } else if share.component.isEmpty {
        throw JobError(
          .noSpace,
          "primary indexes and packages alone do not fit into \(room) bytes: they need about \(bytes)",
          remedy: "Give it more room with --fit, or a larger stick."
        )
      } else {
        behind.append(LeftBehind(component: share.component, files: share.allFiles, bytes: share.allBytes))
      }
    }
    let used = room - left
    guard !behind.isEmpty else { return Selection(snapshot: snapshot, left: [], bytes: used) }
    let sealed = try seal(included, of: snapshot, behind)
    return Selection(snapshot: sealed, left: behind, bytes: used)
  }

  private func ordered(_ shares: [Share]) -> [Share] {
    func rank(_ share: Share) -> Int {
      if share.component.isEmpty { return -1 }
      let names = share.component.split(separator: ",").map { $0.uppercased() }
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
