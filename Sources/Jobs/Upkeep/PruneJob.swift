import ContentStore
import JobCore
import Packing
import Releases
import Sites
import SystemPackage

/// Removes old snapshots and what nobody needs after them.
package struct PruneJob: Sendable, InContext {
  package let context: JobContext
  private let keep: Int
  private let dryRun: Bool

  /// A job on the context's store that keeps the `keep` newest snapshots, the current one, and those that
  /// known sites need as bases.
  package init(_ context: JobContext, keep: Int, dryRun: Bool) {
    self.context = context
    self.keep = keep
    self.dryRun = dryRun
  }

  /// Removes them, or says what would go.
  package func run() throws -> PruneJobReport {
    do {
      return try pruned()
    } catch {
      let failure = JobError(error)
      guard failure.status == .noSpace else { throw error }
      // The advice for a full disk is to prune, which is what has just failed.
      throw JobError(
        .noSpace,
        failure.message,
        remedy: "Remove something else from that file system, or enlarge it, and run this again."
      )
    }
  }

  private func pruned() throws -> PruneJobReport {
    let store = try ContentStore.open(folder, access: .makingRoom)
    let bases = try SiteRegistry(folders).bases(among: try store.snapshots())
      .merging(RepeatingRounds(folder).bases()) { Array(Set($0 + $1)).sorted() }
    var report = try store.prune(keeping: keep, protecting: Set(bases.keys), dryRun: true)
    if !dryRun {
      let numbers = report.snapshots.map(String.init).joined(separator: ", ")
      func prune() throws -> PruneReport {
        try store.prune(keeping: keep, protecting: Set(bases.keys), dryRun: false)
      }
      // What no snapshot has is not worth an entry.
      report =
        try report.snapshots.isEmpty
        ? prune()
        : audit.noting(AuditNote(.prune, "the removal of snapshots \(numbers)")) { _ in
          (try prune(), AuditNote(.prune, "snapshots \(numbers) were removed"))
        }.value
    }
    report.held.report(to: reporter)
    return PruneJobReport(
      dryRun: dryRun,
      snapshots: report.snapshots,
      releases: report.releases,
      objects: report.objects,
      bytes: report.bytes,
      keptForSites: report.protected.map { .init(snapshot: $0, sites: bases[$0] ?? []) },
      keptForHolders: report.held.map { .init(snapshot: $0.number, holders: $0.holders.map(\.description)) }
    )
  }
}

/// What a prune removed, or would remove.
package struct PruneJobReport: Sendable, Encodable {
  /// Whether this was a dry run: nothing was removed.
  package let dryRun: Bool
  /// The snapshots.
  package let snapshots: [Int]
  /// The releases.
  package let releases: [Int]
  /// How many objects.
  package let objects: Int
  /// Their bytes.
  package let bytes: Int64
  /// Snapshots that would go if no site needed them.
  package let keptForSites: [KeptForSites]
  /// Snapshots that would go if nobody held their releases.
  package let keptForHolders: [KeptForHolders]

  /// A snapshot that sites need as the base of their next bundles.
  package struct KeptForSites: Sendable, Encodable {
    /// The snapshot.
    package let snapshot: Int
    /// The sites.
    package let sites: [String]
  }

  /// A snapshot whose release is mounted elsewhere, or is where a process works.
  package struct KeptForHolders: Sendable, Encodable {
    /// The snapshot.
    package let snapshot: Int
    /// How its release is held, each as the rest of a sentence.
    package let holders: [String]
  }
}
