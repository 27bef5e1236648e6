import Bundles
import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import ServerJobs
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
      let file = try SnapshotFile(target, origin: bundle.reader.name, fetched: .epoch)
      files[file.path] = file.object
    }
    let snapshots = try store.snapshots()
    let newest = snapshots.last
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
    try report.refuseLeftOut(
      configuration.vendor,
      after: snapshots,
      allowsMissing: options.allowOlder,
      at: bundle.reader.name
    )
    warnOfPackages(bundle)
    if !options.allowOlder {
      try report.refuseUnproven(at: bundle.reader.name)
      for notes in newest.flatMap({ SnapshotNotes($0.notes) })?.sources.values.map({ $0 }) ?? [] {
        try PrimaryDates.refuseOlder(report.primaries, than: notes, at: bundle.reader.name)
        try PrimaryDates.refuseWithoutSigned(report.primaries, after: notes, at: bundle.reader.name)
      }
    }
    return report
  }

  /// Packages carry no signature of the vendor's that is looked at here: whoever asks for nothing but the vendor's should
  /// know.
  private func warnOfPackages(_ bundle: VerifiedBundle) {
    guard configuration.vendor.signatures == .required else { return }
    let count = bundle.targets.count { $0.path.hasBytePrefix(PackageFolder.prefix) }
    guard count > 0 else { return }
    reporter.warning(
      "packages-not-verifiable",
      "\(bundle.reader.name): \(Words.count(count, "file")) below packages/ \(count == 1 ? "carries" : "carry") the connected side's signature only, and not the vendor's: check the installers' own signatures before they are run"
    )
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
