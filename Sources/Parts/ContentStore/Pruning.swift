import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

/// What was pruned, or would be.
package struct PruneReport: Hashable, Sendable {
  /// Snapshots that go, by number.
  package internal(set) var snapshots: [Int] = []
  /// Snapshots that stay only because they are protected, by number.
  package internal(set) var protected: [Int] = []
  /// Snapshots that stay only because somebody holds their releases, by number.
  package internal(set) var held: [HeldRelease] = []
  /// Releases that go, by number.
  package internal(set) var releases: [Int] = []
  /// How many objects go.
  package internal(set) var objects = 0
  /// Their sizes together, in bytes.
  package internal(set) var bytes: Int64 = 0
  /// Unfinished files that go because nobody went on with them for a week.
  package internal(set) var partials = 0
  /// Their sizes together, in bytes.
  package internal(set) var partialBytes: Int64 = 0
  /// Whether this only tells what would happen.
  package let isDryRun: Bool
}

extension ContentStore {
  /// Removes old snapshots and releases, then objects that nothing names any more, then stale unfinished files.
  ///
  /// The newest `keeping` snapshots with the selections that were made of them, the newest `keeping` releases, the current
  /// release, all that are protected and those whose releases somebody holds (``heldReleases()``) stay; so do objects that
  /// ``knownFiles(of:)`` names. A kill in the middle is harmless: what was struck out is
  /// removed when the store is next opened for writing.
  ///
  /// - Parameters:
  ///   - keeping: how many to keep, at least 1.
  ///   - protecting: numbers of snapshots that stay in any case, as those that a site needs as a base.
  ///   - dryRun: change nothing, only tell.
  /// - Throws: ``StoreError/objectsInUse`` while objects are being written.
  package func prune(keeping: Int, protecting: Set<Int> = [], dryRun: Bool) throws(StoreError) -> PruneReport {
    try requireWriting()
    guard !intake.isBusy else { throw .objectsInUse }
    var report = try prunePlan(keeping: max(1, keeping), protecting, PruneReport(isDryRun: dryRun))
    do throws(StoreError) {
      try strikeOut(report.snapshots, releases: report.releases, &report)
    } catch {
      guard case .outOfSpace = error, !dryRun else { throw error }
      try strikeOutByPieces(&report)
    }
    do { try prunePartials(&report) } catch { throw StoreError(catalogue: error, path: layout.catalogue) }
    return report
  }

  private func strikeOut(_ snapshots: [Int], releases: [Int], _ report: inout PruneReport) throws(StoreError) {
    let (objects, bytes) = try catalogue.strikeOut(snapshots, dryRun: report.isDryRun)
    report.objects += objects
    report.bytes = (ByteCount(clamping: report.bytes) + bytes).value
    guard !report.isDryRun else { return }
    do {
      for number in releases { try removeRelease(number) }
      _ = try catalogue.removeCondemned(layout)
    } catch {
      throw StoreError(catalogue: error, path: layout.catalogue)
    }
  }

  /// Strikes out one snapshot after the other, each with what only it needed, where the disk has no room for the log of all
  /// of them at once. The folders of releases go before: that takes no room.
  func strikeOutByPieces(_ report: inout PruneReport) throws(StoreError) {
    try withFiles { () throws(FileError) in for number in report.releases { try removeRelease(number) } }
    try catalogue.emptyLog()
    // What was struck out and not yet removed is counted with the first piece.
    (report.objects, report.bytes) = (0, 0)
    for number in report.snapshots {
      try strikeOut([number], releases: [], &report)
      try catalogue.emptyLog()
    }
  }

  /// Plans what goes: snapshots, releases, and what stays only because it is protected or held.
  private func prunePlan(
    keeping: Int,
    _ protected: Set<Int>,
    _ empty: PruneReport
  ) throws(StoreError) -> PruneReport {
    var report = empty
    let releases = try releases()
    let all = try self.snapshots()
    let snapshots = all.map(\.number)
    let whole = Set(all.filter(\.isWhole).suffix(keeping).map(\.number))
    let selections = all.filter { $0.selectedFrom.map(whole.contains) ?? false }.map(\.number)
    let newest = whole.union(selections).union(releases.suffix(keeping).map(\.number))
      .union(releases.filter(\.isCurrent).map(\.number))
    let kept = newest.union(protected)
    let going = releases.map(\.number).filter { !kept.contains($0) }
    // Nobody is asked for what stays anyway.
    report.held = going.isEmpty ? [] : heldReleases().filter { going.contains($0.number) }
    let held = Set(report.held.map(\.number))
    report.snapshots = snapshots.filter { !kept.contains($0) && !held.contains($0) }
    report.releases = going.filter { !held.contains($0) }
    report.protected = snapshots.filter { protected.contains($0) && !newest.contains($0) }
    return report
  }

  /// Takes a release away by one rename before its tree is removed: a folder with a number as its name is whole.
  private func removeRelease(_ number: Int) throws(FileError) {
    let retired = layout.partial.appending("release-\(number)")
    try Files.removeTree(retired)
    if try Files.status(layout.release(number)) != nil { try Files.rename(layout.release(number), to: retired) }
    try Files.removeTree(retired)
  }

  private func prunePartials(_ report: inout PruneReport) throws {
    let oldest = Self.now.adding(seconds: -PartialFiles.staleAge)
    for entry in try Files.entries(of: layout.partial) {
      let path = layout.partial.appending(entry.name)
      guard let status = try Files.status(path), status.kind == .file, status.modified < oldest else { continue }
      report.partials += 1
      report.partialBytes = (ByteCount(clamping: report.partialBytes) + status.size).value
      if !report.isDryRun { try Files.remove(path) }
    }
  }
}

extension Catalogue {
  /// Removes the files of objects that were struck out. Their rows go only when the files are gone from the disk.
  ///
  /// - Returns: how many there were.
  func removeCondemned(_ layout: StoreLayout) throws -> Int {
    var count = 0
    try forEachCondemned { object in
      try Files.remove(layout.path(of: object))
      count += 1
    }
    guard count > 0 else { return 0 }
    try Files.syncFileSystem(containing: layout.objects)
    try forgetCondemned()
    return count
  }
}
