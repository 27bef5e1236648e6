import Catalogue
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import Releases
import SystemPackage

/// Writes the update tree of the published release as plain files into a folder that others read.
///
/// 1. Read what lies there, by its bytes.
/// 2. Build the new tree beside it: what has not changed is linked or kept, the rest is written from the store and read
///    back.
/// 3. Let the two change places: ``ExportSwitch``.
package struct ExportJob: Sendable, InContext {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// Whether a folder is replaced that holds something else.
    package var replaces: Bool
    /// Whether nothing is changed, but told.
    package var dryRun: Bool

    /// A choice.
    package init(replaces: Bool = false, dryRun: Bool = false) {
      self.replaces = replaces
      self.dryRun = dryRun
    }
  }

  package let context: JobContext
  private let target: FilePath
  private let options: Options

  /// A job that exports from the context's store to the folder `target`.
  package init(_ context: JobContext, to target: FilePath, options: Options = Options()) {
    self.context = context
    self.target = target
    self.options = options
  }

  /// Exports.
  ///
  /// - Throws: an error; the folder is then as it was.
  package func run() throws -> ExportReport {
    let store = try ContentStore.open(folder, access: .reading)
    let release = try store.published()
    try Standing(of: store).warn(reporter)
    let files = try treeFiles(of: release, store)
    let place = try ExportPlace(target, store: store.root)
    try refuseForeign(try place.state(), place)
    guard !options.dryRun else { return try plan(files, release, place) }
    let lock = try begin(place)
    defer { withExtendedLifetime(lock) {} }
    return try export(files, release, place, store)
  }

  /// The update tree of a release.
  private func treeFiles(of release: Release, _ store: ContentStore) throws -> [TreeFile] {
    var files: [TreeFile] = []
    try store.forEachContent(in: release.number) { path, content in
      guard let inner = path.relative(to: StoreFolders.updates) else { return }
      files.append(TreeFile(path: inner, object: content.object, size: content.size))
    }
    guard !files.isEmpty else {
      throw JobError(
        .notThere,
        "release \(release.number) has no update tree to export",
        remedy: "Look with 'kscmirror status' at what is published."
      )
    }
    return files
  }

  // MARK: - Looking

  /// What there is to do.
  private struct Findings {
    let state: ExportPlace.State
    let beside: ExportInventory
    let plan: ExportPlan
    /// How many files lie in the folder that are not in the release.
    let removed: Int
    /// Whether the folder holds the release already, and nothing else.
    let isSame: Bool
  }

  private func plan(_ files: [TreeFile], _ release: Release, _ place: ExportPlace) throws -> ExportReport {
    let findings = try find(files, place, place.guessAbilities())
    return report(findings, release, place, files)
  }

  private func find(_ files: [TreeFile], _ place: ExportPlace, _ disk: ExportPlace.Abilities) throws -> Findings {
    let state = try place.state()
    try refuseForeign(state, place)
    reporter.report(.phase("reading what lies in \(place.path)"))
    let sizes = Dictionary(files.map { ($0.path, $0.size) }) { first, _ in first }
    let published = try inventory(of: place.tree, sizes, disk)
    let beside = try inventory(of: ExportSwitch(place: place).built, sizes, disk)
    let names = Set(files.map(\.path))
    return Findings(
      state: state,
      beside: beside,
      plan: ExportPlan(
        wanted: files,
        beside: beside.digests,
        published: published.digests,
        canLink: disk.links
      ),
      removed: published.digests.keys.count { !names.contains($0) } + published.others.count,
      isSame: published.holdsExactly(files)
    )
  }

  private func refuseForeign(_ state: ExportPlace.State, _ place: ExportPlace) throws {
    guard case .foreign(let name) = state, !options.replaces else { return }
    throw JobError(
      .usage,
      "\(place.path) was not exported by kscmirror, and is not empty: \(name) lies in it",
      remedy: "Name an empty folder, or one that is not there; or give --replace, which removes all that lies in it."
    )
  }

  private func inventory(of tree: Place, _ sizes: [TreePath: Int64], _ disk: ExportPlace.Abilities) throws
    -> ExportInventory
  {
    var read: Int64 = 0
    return try ExportInventory(tree, sizes: sizes, keepsOwners: disk.owners) { bytes in
      read.addBytes(bytes)
      reporter.report(.progress(JobProgress(bytes: read)))
    }
  }

  // MARK: - Exporting

  /// Makes the folder beside, and locks it.
  private func begin(_ place: ExportPlace) throws -> OpenFolder {
    do throws(FileError) {
      try place.work.makeFolder(permissions: 0o700)
    } catch {
      throw JobError(
        error.status,
        "\(error)",
        remedy:
          "The new tree is built beside the folder and takes its place by a rename: the user who runs kscmirror has to be allowed to write to \(place.path.removingLastComponent())."
      )
    }
    try place.refuseOthersWork()
    let lock = try place.work.opened()
    guard try lock.tryLock() else {
      throw JobError(.busy, "\(place.path): another run of kscmirror is exporting to it", remedy: "Try again later.")
    }
    if try ExportSwitch(place: place).finishEarlier() {
      reporter.information(
        "finished",
        "\(place.path): a run was cut short while the new tree took its place: that is done now"
      )
    }
    return lock
  }

  private func export(
    _ files: [TreeFile],
    _ release: Release,
    _ place: ExportPlace,
    _ store: ContentStore
  ) throws -> ExportReport {
    let disk = try place.tryAbilities()
    let findings = try find(files, place, disk)
    let mark = try mark(of: files, release)
    if findings.isSame, case .ours = findings.state {
      if case .ours(mark) = findings.state {} else { try mark.write(in: place.tree) }
      try cleanUp(place, disk)
      return report(findings, release, place, files)
    }
    try refuseWithoutRoom(findings.plan, place)
    let beginning = AuditNote.export("the export of release \(release.number) to \(place.path)", release, place)
    return try audit.noting(beginning) { _ in
      var report = report(findings, release, place, files)
      report.way = try replace(findings, mark, place, store).rawValue
      try cleanUp(place, disk)
      let text = "release \(release.number) was exported to \(place.path)"
      return (report, .export(text, release, place, written: report.written))
    }.value
  }

  private func replace(
    _ findings: Findings,
    _ mark: ExportMark,
    _ place: ExportPlace,
    _ store: ContentStore
  ) throws -> ExportSwitch.Way {
    let change = ExportSwitch(place: place)
    reporter.report(.phase("writing to \(place.path)"))
    try change.built.makeFolder(permissions: ExportPermissions.folder)
    try change.built.setPermissions(ExportPermissions.folder)
    try ExportBuilding(
      store: store,
      place: change.built,
      published: place.tree,
      plan: findings.plan,
      reporter: reporter
    ).build(clearing: findings.beside)
    try mark.write(in: change.built)
    return try change.run(findings.state)
  }

  private func mark(of files: [TreeFile], _ release: Release) throws -> ExportMark {
    var listing = TreeListing()
    for file in files { listing.append(file.object, size: file.size, path: file.path) }
    guard let digest = listing.digest() else { throw JobError(.software, "a tree has no digest") }
    return ExportMark(release: release.number, tree: digest, files: files.count, bytes: files.totalBytes { $0.size })
  }

  private func refuseWithoutRoom(_ plan: ExportPlan, _ place: ExportPlace) throws {
    if let limit = place.tree.parent.largestFile, let large = plan.files.first(where: { $0.size > limit }) {
      throw JobError(
        .cannotCreate,
        "\(place.path): \(large.path) has \(Words.exactBytes(large.size)), and this file system takes \(limit) at the most",
        remedy: "Format the stick as exFAT."
      )
    }
    let free = try place.work.freeSpace()
    let files = Int64(plan.files(.write).count + plan.folders.count)
    guard plan.bytesNeeded > free.bytes || free.inodes.map({ files > $0 }) ?? false else { return }
    throw JobError(
      .noSpace,
      "\(place.path): \(Words.exactBytes(plan.bytesNeeded)) are needed beside the tree that is there, and \(free.bytes) are free",
      remedy:
        "Make room, or take a larger disk or stick. Without hard links (FAT, exFAT) two whole trees have to fit; where that cannot be, remove \(place.path) and export again: until that has ended, there is no tree."
    )
  }

  /// What is left of the old tree goes, where it costs nothing to build the next one without it. Where files cannot have
  /// two names, it stays: of the next release, only what differs from it has to be written.
  private func cleanUp(_ place: ExportPlace, _ disk: ExportPlace.Abilities) throws {
    guard disk.links else { return }
    try place.work.removeTree()
  }

  private func report(
    _ findings: Findings,
    _ release: Release,
    _ place: ExportPlace,
    _ files: [TreeFile]
  ) -> ExportReport {
    let isForeign = if case .foreign = findings.state { true } else { false }
    let written = findings.isSame ? [] : findings.plan.files(.write)
    return ExportReport(
      folder: place.path.string,
      release: release.number,
      files: files.count,
      bytes: files.totalBytes { $0.size },
      kept: files.count - written.count,
      written: written.count,
      writtenBytes: written.totalBytes { $0.size },
      removed: findings.removed,
      replaced: isForeign,
      dryRun: options.dryRun
    )
  }
}
