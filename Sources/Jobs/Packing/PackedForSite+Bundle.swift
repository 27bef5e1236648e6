import JobCore
import MirrorTypes
import Sites
import StoreTrust

extension PackedForSite {
  /// A bundle that was just written, or found to be there.
  init(_ bundle: WrittenBundle, at time: UTCTime) {
    self.init(
      snapshot: bundle.snapshot.number,
      tree: bundle.snapshot.treeDigest,
      base: bundle.facts.base?.number,
      bundle: bundle.name,
      bytes: bundle.volumes.totalBytes { $0.size },
      time: time
    )
  }
}
