import ContentStore
import MirrorConfiguration
import SystemPackage

/// Publishes an earlier snapshot again, by one rename.
public struct RollbackJob: Sendable {
  private let folder: FilePath
  private let snapshot: Int?
  private let trust: TrustSettings

  /// A job on the store in the folder `store`.
  ///
  /// - Parameter snapshot: the snapshot to publish; `nil` is the release before the current one.
  public init(store: FilePath, snapshot: Int?, trust: TrustSettings = TrustSettings()) {
    folder = store
    self.trust = trust
    self.snapshot = snapshot
  }

  /// Goes back.
  ///
  /// - Throws: ``JobError``; what is published stays then.
  public func run() throws(JobError) -> RollbackReport {
    try translatingErrors {
      let store = try ContentStore.open(folder, access: .writing)
      let record = RunRecord(job: "rollback")
      let previous = try store.current()?.number
      let release = try store.rollback(to: snapshot)
      // What is signed is what is published.
      if let repository = try OwnRepository(store: folder, lifetimes: trust) {
        try repository.publish(try store.snapshot(release.number), of: store)
      }
      try Audit(StoreFolders(folder).journal).noteRollback(to: release.number, from: previous)
      try record.finish(in: store, outcome: .ok, message: "to snapshot \(release.number)", snapshot: release.number)
      return RollbackReport(current: release.number, previous: previous)
    }
  }
}

/// What a rollback did.
public struct RollbackReport: Sendable, Encodable {
  /// The snapshot that is current now.
  public let current: Int
  /// The one that was current before.
  public let previous: Int?
}
