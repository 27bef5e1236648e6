import ContentStore
import JobCore
import Journal
import MirrorTypes
import Releases
import StoreTrust

// Nobody prunes a store that is filled by imports alone: the import does.

extension ImportJob {
  /// Removes snapshots that are older than the newest `keep` ones. A store that signs bundles itself has sites that may
  /// need older ones: there `prune` does it. Nothing of it makes an import fail.
  func pruneOld(_ store: ContentStore) {
    do {
      guard try !OnlineKeys.arePresent(in: folders) else { return }
      let plan = try store.prune(keeping: configuration.keep, dryRun: true)
      plan.held.report(to: reporter)
      let old = plan.snapshots
      guard !old.isEmpty else { return }
      let names = "\(old.count == 1 ? "snapshot" : "snapshots") \(Words.list(old.map(String.init)))"
      let pruned = try audit.noting(AuditNote(.prune, "the removal of \(names)")) { _ in
        (try store.prune(keeping: configuration.keep, dryRun: false), AuditNote(.prune, "\(names) removed"))
      }.value
      reporter.information(
        "pruned",
        "removed \(names), \(Words.exactBytes(pruned.bytes)): 'keep' is \(configuration.keep)"
      )
    } catch {
      reporter.warning("prune", "old snapshots were not removed: \(JobError(error).message)")
    }
  }
}
