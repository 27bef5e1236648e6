import ContentStore
import SystemPackage

/// Removes old snapshots and what nobody needs after them.
public struct PruneJob: Sendable {
  private let folder: FilePath
  private let keep: Int
  private let dryRun: Bool

  /// A job on the store in the folder `store` that keeps the `keep` newest snapshots and the current one.
  public init(store: FilePath, keep: Int, dryRun: Bool) {
    folder = store
    self.keep = keep
    self.dryRun = dryRun
  }

  /// Removes them, or says what would go.
  public func run() throws(JobError) -> PruneJobReport {
    try translatingErrors {
      let store = try ContentStore.open(folder, access: .writing)
      let report = try store.prune(keeping: keep, dryRun: dryRun)
      if !dryRun && !report.snapshots.isEmpty {
        let numbers = report.snapshots.map(String.init).joined(separator: ", ")
        try Audit(StoreFolders(folder).journal).notePrune("snapshots \(numbers) were removed")
      }
      return PruneJobReport(
        dryRun: dryRun,
        snapshots: report.snapshots,
        releases: report.releases,
        objects: report.objects,
        bytes: report.bytes
      )
    }
  }
}

/// What a prune removed, or would remove.
public struct PruneJobReport: Sendable, Encodable {
  /// Whether nothing was removed in truth.
  public let dryRun: Bool
  /// The snapshots.
  public let snapshots: [Int]
  /// The releases.
  public let releases: [Int]
  /// How many objects.
  public let objects: Int
  /// Their bytes.
  public let bytes: Int64
}
