import MirrorTypes

/// What may go from a bucket.
package struct PrunePlan: Hashable, Sendable {
  /// The keys of manifests that go.
  package let manifests: [String]
  /// The keys of objects that go.
  package let objects: [String]

  /// Decides what goes, in two steps: manifests now, but their objects only the next time. So whoever reads a release
  /// that was dropped just now does not lose its files under his hands; and of what a manifest names that is still
  /// there, nothing ever goes.
  ///
  /// - Parameters:
  ///   - keys: all keys below the prefix, of which only objects and manifests of ``BucketLayout`` are looked at.
  ///   - keeping: how many of the newest releases stay.
  ///   - current: the key of the current manifest, which always stays.
  ///   - named: the objects that any manifest in the bucket names, those that go now included.
  package init(
    keys: some Sequence<String>,
    keeping: Int,
    current: String,
    named: Set<ObjectDigest>,
    _ layout: BucketLayout
  ) {
    var releases: [(number: Int, key: String)] = []
    var objects: [String] = []
    for key in keys {
      if let release = layout.release(at: key) {
        releases.append((release.number, key))
      } else if let object = layout.object(at: key), !named.contains(object) {
        objects.append(key)
      }
    }
    releases.sort { ($0.number, $0.key) > ($1.number, $1.key) }
    manifests = releases.dropFirst(max(1, keeping)).map(\.key).filter { $0 != current }.sorted()
    self.objects = objects.sorted()
  }
}
