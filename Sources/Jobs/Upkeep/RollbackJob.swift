import ContentStore
import JobCore
import Releases
import SystemPackage

/// Publishes an earlier snapshot again, by one rename, or ends that.
package struct RollbackJob: Sendable, InContext {
  /// What is done.
  package enum Action: Sendable, Hashable {
    /// Go back to a snapshot; `nil` is the release before the current one.
    case goBack(to: Int?)
    /// Publish the newest snapshot again.
    case undo
  }

  package let context: JobContext
  private let action: Action

  /// A job on the context's store.
  package init(_ context: JobContext, _ action: Action) {
    self.context = context
    self.action = action
  }

  /// Goes back, or forth. That somebody went back is remembered: no run publishes by itself what was here then.
  ///
  /// - Throws: an error. What is published stays then, or is what was asked for: the next run finishes it.
  package func run() throws -> RollbackReport {
    let store = try ContentStore.open(folder, access: .writing)
    reporter.reportRepairs(of: store)
    let record = RunRecord(job: "rollback", clock)
    let releases = ReleaseSwitch(store, context)
    let (previous, now) =
      switch action {
      case .goBack(let number): try releases.goBack(to: number)
      case .undo: try releases.undo()
      }
    guard let current = now.current else { throw JobError(.notThere, "the store has no release") }
    try record.finish(in: store, outcome: .ok, message: "to snapshot \(current)", snapshot: current)
    return RollbackReport(current: current, previous: previous, heldBack: now.facts)
  }
}

/// What a rollback did.
package struct RollbackReport: Sendable, Encodable {
  /// The snapshot that is current now.
  package let current: Int
  /// The one that was current before.
  package let previous: Int?
  /// What is held back by it; `nil` when the newest snapshot is published.
  package let heldBack: HeldBackFacts?
}
