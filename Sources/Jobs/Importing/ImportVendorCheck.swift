import Bundles
import ContentStore
import JobCore
import MirrorTypes
import StoreTrust
import VendorChecks

// What an import makes of the vendor's signatures.

extension ImportJob {
  /// Checks the vendor's own signatures over the snapshot, whose objects are all in the store by now.
  func verifyVendor(_ bundle: VerifiedBundle, _ store: ContentStore) async throws -> VendorReport? {
    guard configuration.vendor.signatures != .off else { return nil }
    reporter.report(.phase("verifying the vendor's signatures"))
    var files: [TreePath: ObjectDigest] = [:]
    for target in bundle.targets {
      let file = try SnapshotFile(target, origin: bundle.reader.name, fetched: 0)
      files[file.path] = file.object
    }
    let newest = try store.snapshots().last
    let report = try await VendorVerification(
      tree: StoreTree(store: store, files: files),
      earlier: try newest.map { (snapshot) throws in
        try StoreTree(indexesOf: snapshot.number, store)
      },
      settings: configuration.vendor,
      reporter: reporter
    ).run()
    try report.judge(configuration.vendor.signatures, at: bundle.reader.name)
    warnOfOlder(report, bundle)
    if !options.allowOlder {
      try report.refuseUnproven(at: bundle.reader.name)
      for notes in newest.flatMap({ SnapshotNotes($0.notes) })?.sources.values.map({ $0 }) ?? [] {
        try PrimaryDates.refuseOlder(report.primaries, than: notes, at: bundle.reader.name)
        try PrimaryDates.refuseWithoutSigned(report.primaries, after: notes, at: bundle.reader.name)
      }
    }
    return report
  }

  /// A server of a pool may lag behind, so that an older index of a component is no reason to refuse all; but whoever
  /// mixes in old databases does just that.
  private func warnOfOlder(_ report: VendorReport, _ bundle: VerifiedBundle) {
    if !report.differingPrimaries.isEmpty {
      reporter.warning(
        "differing-primaries",
        "\(bundle.reader.name): \(report.differingPrimaries.joined(separator: ", ")) is not the one that the retranslation index carries: look at the connected side if it stays so"
      )
    }
    guard let first = report.olderIndexes.first else { return }
    let others = Words.more(than: 1, of: report.olderIndexes.count)
    reporter.warning(
      "older-index",
      "\(bundle.reader.name): \(first)\(others): signed by the vendor, but older than what is here. If the next bundle has it still so, look at the connected side."
    )
  }
}
