import Bundle
import MirrorTypes
import Synchronization
import SystemPackage
import Trust

/// A bundle whose metadata has been verified, from the root that is trusted here down to its volumes.
struct VerifiedBundle {
  /// The bundle's folder.
  let reader: BundleReader
  /// What is signed of its snapshot.
  let snapshot: SignedSnapshot
  /// What is signed of the bundle.
  let facts: BundleFacts
  /// Its volumes.
  let volumes: [Volume]
  /// All files of the snapshot.
  let targets: [TargetFile]
  /// What is trusted.
  let trusted: TrustedMetadata
  /// The files of metadata that were verified, by their names in the repository.
  let metadata: [(name: String, bytes: [UInt8])]
  /// Where what is trusted now waits to be kept.
  let cache: PendingCache

  /// The version of the newest state, and when it ceases to be good.
  var header: MetadataHeader { trusted.timestamp?.header ?? MetadataHeader(version: 0, expires: 0) }

  /// Verifies a bundle's metadata.
  ///
  /// - Parameters:
  ///   - reader: the bundle.
  ///   - cache: has the trusted root and what was trusted before.
  ///   - expiry: what is done about metadata that has ceased to be good.
  /// - Throws: ``JobError``, with a status for each kind of distrust.
  static func open(
    _ reader: BundleReader,
    cache: PendingCache,
    expiry: TrustedMetadata.Expiry = .enforced
  ) async throws(JobError) -> VerifiedBundle {
    do throws(TrustError) {
      var client = try MetadataClient(
        cache: cache,
        source: MetadataFolder(reader.metadata),
        now: WallClock.seconds,
        expiry: expiry
      )
      let collector = MetadataCollector()
      client.onVerified = { name, bytes in collector.take(name, bytes) }
      try await client.refresh()
      guard let targets = client.trusted.targets else { throw .missing(file: "targets.json") }
      let volumes = try await client.role(BundleFacts.role, delegatedBy: targets.delegations)
      return try make(reader, client, targets, volumes, collector.files)
    } catch {
      throw JobError(trust: error, at: reader.metadata.string)
    }
  }

  private static func make(
    _ reader: BundleReader,
    _ client: MetadataClient<PendingCache>,
    _ targets: TargetsMetadata,
    _ volumes: TargetsMetadata,
    _ metadata: [(name: String, bytes: [UInt8])]
  ) throws(TrustError) -> VerifiedBundle {
    do throws(JobError) {
      let snapshot = try SignedSnapshot(targets, at: reader.folder.string)
      let facts = try BundleFacts(volumes, at: reader.folder.string)
      guard facts.snapshot == snapshot.number else {
        throw JobError(
          .damagedBundle,
          "\(reader.folder): its volumes are of snapshot \(facts.snapshot), its list of \(snapshot.number)"
        )
      }
      let names = BundleNames(snapshot: snapshot.number)
      var list: [Volume] = []
      for (index, target) in volumes.targets.enumerated() {
        list.append(try Volume(target, number: index, of: names, at: reader.folder.string))
      }
      return VerifiedBundle(
        reader: reader,
        snapshot: snapshot,
        facts: facts,
        volumes: list,
        targets: targets.targets,
        trusted: client.trusted,
        metadata: metadata,
        cache: client.cache
      )
    } catch {
      throw .source(file: "volumes.json", error)
    }
  }

  /// Sees that the label is whole and tells of these files.
  func checkLabel() throws(JobError) {
    let (label, manifest) = try translatingErrors {
      (
        try reader.read(BundleNames.label, atMost: BundleLabel.maximumSize),
        try reader.read(BundleNames.manifest, atMost: BundleLabel.maximumManifest)
      )
    }
    guard let label, let manifest else {
      let missing = label == nil ? BundleNames.label : BundleNames.manifest
      throw JobError(
        .incompleteBundle,
        "\(reader.folder.appending(missing)) is missing",
        remedy: "Copy the whole folder from the connected side again; nothing was changed here."
      )
    }
    guard let problem = BundleLabel.problem(label, manifest: manifest, root: trusted.root) else { return }
    throw JobError(
      .damagedBundle,
      "\(reader.folder.appending(BundleNames.label)): \(problem)",
      remedy: "Somebody, or the medium, has changed the bundle. Copy it from the connected side again."
    )
  }
}

/// Collects the files of metadata as they are verified.
private final class MetadataCollector: Sendable {
  private let collected = Mutex<[(name: String, bytes: [UInt8])]>([])

  func take(_ name: String, _ bytes: [UInt8]) { collected.withLock { $0.append((name, bytes)) } }

  var files: [(name: String, bytes: [UInt8])] { collected.withLock { $0 } }
}
