import Catalogue
import ContentStore
import Demand
import FileSystem
import JobCore
import MirrorTypes
import Mirroring
import Sites
import StoreTrust
import SystemPackage
import UpdateIndex

/// Makes a smaller selection of a snapshot: what one site needs, where the snapshot has more, since other sites need
/// more.
///
/// A source with `products = "as reported"` remembers what its last sync took for which site. The indexes of the
/// snapshot are walked again with that alone; what they do not name then stays behind. Files of other sources, and sites
/// of which nothing is remembered, are not narrowed. The selection is sealed as a snapshot of its own, as for a stick
/// that not all fits on.
struct SiteSelection: InContext {
  let context: JobContext
  let store: ContentStore
  let site: String
  /// Whether nothing is sealed.
  let dryRun: Bool

  /// The most bytes of one index.
  private static let maximumIndexBytes = 64 << 20

  /// What the site gets of a snapshot: a selection, or the snapshot itself where the site needs all of it.
  func narrowed(_ whole: Snapshot) throws -> Snapshot {
    let wanted = try wanted(of: whole)
    guard !wanted.isEmpty else { return whole }
    let known = try SiteRegistry(folders).site(named: site)
    warnOfNews(known, wanted)
    // A site takes no bundle with a lower number than it has.
    let highest = max(known?.newest?.held.map(\.snapshot).max() ?? 0, known?.packed?.snapshot ?? 0)
    let mark = SnapshotNotes.Selection.Wanted(wanted)
    if let there = try existing(of: whole, mark), there.number >= highest { return there }
    reporter.report(.phase("choosing what site \(site) needs"))
    let kept = try self.kept(of: whole, wanted)
    if kept.isAll && whole.number >= highest { return whole }
    if dryRun {
      reporter.information(
        "narrowed",
        "site \(site) needs \(Words.count(kept.files)) of \(Words.count(whole.fileCount, "file")) by its report, and the bundle would have these in a snapshot of their own; what follows is about all files"
      )
      return whole
    }
    let sealed = try seal(kept, of: whole, mark)
    reporter.information(
      "narrowed",
      "site \(site) needs \(Words.count(kept.files)) of \(Words.count(whole.fileCount, "file")) by its report: snapshot \(sealed.number) has these"
    )
    return sealed
  }

  /// What was taken for the site, by source.
  private func wanted(of whole: Snapshot) throws -> [String: DemandNotes.Site] {
    var wanted: [String: DemandNotes.Site] = [:]
    for source in SnapshotNotes(whole.notes)?.sources.keys.sorted() ?? [] {
      let state = try store.sourceState(source)
      wanted[source] = state.flatMap { TreeMemory($0.notes)?.demand?.sites[site] }
    }
    return wanted
  }

  /// Warns where the site wants other things than the last sync knew.
  private func warnOfNews(_ known: KnownSite?, _ wanted: [String: DemandNotes.Site]) {
    guard let demand = known?.demand else { return }
    let now = Set(demand.applications.map(\.text))
    let news = wanted.values.flatMap { now.subtracting($0.wishes) }
    guard !news.isEmpty else { return }
    reporter.warning(
      "newer-report",
      "site \(site) has reported since the last sync that it has \(Set(news).sorted().joined(separator: ", ")): run 'kscmirror sync' to carry what that needs"
    )
  }

  private func existing(
    of whole: Snapshot,
    _ mark: SnapshotNotes.Selection.Wanted
  ) throws -> Snapshot? {
    try store.snapshots().last {
      $0.selectedFrom == whole.number && SnapshotNotes($0.notes)?.selection?.wanted == mark
    }
  }
}

// MARK: - Choosing

extension SiteSelection {
  /// What of a snapshot is kept.
  private struct Kept {
    /// By source the paths that the walk with the site's own selection names; sources that are not narrowed have none.
    var named: [String: Set<TreePath>] = [:]
    var files = 0
    var isAll = true
    /// The components of which something is kept.
    var components: Set<String> = []
    /// The components of which nothing is kept.
    var left: [String] = []

    func has(_ file: SnapshotFile) -> Bool {
      guard let named = named[file.source] else { return true }
      if named.contains(file.path) { return true }
      // Difference files go with the file that they are of; what the lists of differences name with its folder.
      guard let beside = SiteSelection.besides(file.path) else { return false }
      return beside.map(named.contains) ?? true
    }
  }

  /// What a difference file is of; `nil` inside for one that a list of differences names, and `nil` for any other file.
  fileprivate static func besides(_ path: TreePath) -> TreePath?? {
    guard let inner = path.relative(to: StoreFolders.updates) else { return nil }
    if let (_, file) = DifferenceKind.split(inner) { return .some(try? published(file)) }
    return inner.isInside(DifferenceKind.folder) ? .some(nil) : nil
  }

  private static func published(_ path: TreePath) throws(TreePathError) -> TreePath {
    try TreePath("\(StoreFolders.updates)/\(path.string)")
  }

  private func kept(of whole: Snapshot, _ wanted: [String: DemandNotes.Site]) throws -> Kept {
    var objects: [TreePath: ObjectDigest] = [:]
    try store.forEachFile(in: whole.number) { file in
      if wanted[file.source] != nil { objects[file.path] = file.object }
    }
    var kept = Kept()
    for (source, want) in wanted {
      let primaries = SnapshotNotes(whole.notes)?.sources[source]?.primaries.keys.sorted() ?? []
      kept.named[source] = try named(by: primaries.map { try TreePath($0) }, want, objects)
    }
    var components: [String: Bool] = [:]
    try store.forEachFile(in: whole.number) { file in
      let has = kept.has(file)
      components[file.component] = (components[file.component] ?? false) || has
      if has { kept.files += 1 } else { kept.isAll = false }
    }
    kept.components = Set(components.filter(\.value).keys)
    kept.left = components.filter { !$0.value }.keys.sorted()
    return kept
  }

  /// What the indexes name for a site.
  private func named(
    by primaries: [TreePath],
    _ want: DemandNotes.Site,
    _ objects: [TreePath: ObjectDigest]
  ) throws -> Set<TreePath> {
    // What else narrows the source was left out when it was synced.
    let selection = try Selection(components: want.components, applications: want.applications, patches: true)
    var walk = IndexWalk(primaries: primaries, selection: selection)
    var named: Set<TreePath> = []
    var queue = primaries
    while let index = queue.popLast() {
      let path = try Self.published(index)
      named.insert(path)
      guard let object = objects[path] else { continue }
      let step = try walk.take(Files.read(store.path(of: object), atMost: Self.maximumIndexBytes), of: index)
      queue += step.indexes.map(\.path)
      for file in step.files { named.insert(try Self.published(file.path)) }
    }
    return named
  }
}

// MARK: - Sealing

extension SiteSelection {
  /// Seals the selection, which is never published here.
  private func seal(
    _ kept: Kept,
    of whole: Snapshot,
    _ mark: SnapshotNotes.Selection.Wanted
  ) throws -> Snapshot {
    var notes = SnapshotNotes(whole.notes) ?? SnapshotNotes(sources: [:])
    notes.selection = .init(of: whole.number, left: kept.left, wanted: mark)
    notes.keepDates(of: kept.components)
    let writing = try ContentStore.open(folder, access: .writing)
    return try writing.seal(
      SnapshotHeader(
        created: whole.created,
        notes: notes.text,
        selectedFrom: whole.number
      )
    ) { add in
      try store.forEachFile(in: whole.number) { file in
        if kept.has(file) { try add(file) }
      }
    }
  }
}

extension SnapshotNotes.Selection.Wanted {
  init(_ wanted: [String: DemandNotes.Site]) {
    self.init(applications: wanted.mapValues(\.applications), components: wanted.mapValues(\.components))
  }
}
