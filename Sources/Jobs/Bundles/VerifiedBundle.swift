import BundleFormat
import ContentStore
import JobCore
import MirrorTypes
import StoreTrust
import Synchronization
import SystemPackage
import Trust

/// A bundle whose metadata has been verified, from the root that is trusted here down to its volumes.
package struct VerifiedBundle {
  /// The bundle's folder.
  package var reader: BundleReader
  /// What is signed of its snapshot.
  package let snapshot: SignedSnapshot
  /// What is signed of the bundle.
  package let facts: BundleFacts
  /// Its volumes.
  package let volumes: [Volume]
  /// Its parity volumes.
  package let parity: [Volume]
  /// The packages of this program that it carries, as signed; whether they are there has not been looked at.
  package let programs: [CarriedProgram]
  /// All files of the snapshot.
  package let targets: [TargetFile]
  /// What is trusted.
  package let trusted: TrustedMetadata
  /// The files of metadata that were verified, by their names in the repository.
  package let metadata: [(name: String, bytes: [UInt8])]
  /// Where what is trusted now waits to be kept.
  package let cache: PendingCache

  /// The version of the newest state, and when it expires.
  package var header: MetadataHeader { trusted.timestamp?.header ?? MetadataHeader(version: 0, expires: .epoch) }

  /// The file of the snapshot at a path.
  package func target(at path: TreePath) -> TargetFile? { trusted.targets?.target(at: path.string) }

  /// Verifies a bundle's metadata.
  ///
  /// - Parameters:
  ///   - reader: the bundle.
  ///   - store: has the snapshot that an incremental bundle builds on; `nil` when there is no store.
  ///   - cache: has the trusted root and what was trusted before.
  ///   - expiry: what is done about metadata that has ceased to be good.
  /// - Throws: an error, with a status for each kind of distrust.
  package static func open(
    _ reader: BundleReader,
    store: ContentStore?,
    cache: PendingCache,
    _ clock: WallClock,
    expiry: TrustedMetadata.Expiry = .enforced
  ) async throws -> VerifiedBundle {
    do throws(TrustError) {
      var client = try MetadataClient(
        cache: cache,
        source: PatchedMetadata(store: store, reader: reader),
        now: clock.now,
        expiry: expiry
      )
      let collector = MetadataCollector()
      client.onVerified = { name, bytes in collector.take(name, bytes) }
      try await client.refresh()
      guard let targets = client.trusted.targets else { throw .missing(file: "targets.json") }
      let volumes = try await client.role(BundleFacts.role, delegatedBy: targets.delegations)
      var programs: [CarriedProgram] = []
      if client.trusted.snapshot?.files[SignedPrograms.file] != nil,
        targets.delegations.keys(of: SignedPrograms.role) != nil
      {
        programs = SignedPrograms.read(try await client.role(SignedPrograms.role, delegatedBy: targets.delegations))
      }
      return try make(reader, client, targets, volumes, programs, collector.files)
    } catch {
      throw numbersGivenTwice(reader, cache, error) ?? JobError(error, at: "\(reader.metadata)")
    }
  }

  /// Metadata that seems damaged may be other metadata under a version that was trusted here before: a store that was put
  /// back from a backup gives its numbers again.
  private static func numbersGivenTwice(_ reader: BundleReader, _ cache: PendingCache, _ error: TrustError)
    -> JobError?
  {
    guard error.status == .damagedBundle, let known = try? cache.load("timestamp.json"),
      let there = try? reader.read("\(BundleNames.metadata)/timestamp.json", atMost: MetadataLimits().listed),
      let (old, new) = try? (SignedMetadata(parsing: known), SignedMetadata(parsing: there)),
      let version = try? TimestampMetadata(new.signed).header.version,
      (try? TimestampMetadata(old.signed).header.version) == version, old.signed != new.signed
    else { return nil }
    return JobError(
      .olderBundle,
      "\(reader.metadata): this is another version \(version) of the metadata than the one that was here before, since the connected side has given its numbers twice: its store was put back from a backup",
      remedy:
        "Bring it this site's newest receipt ('kscmirror receipt'): when 'kscmirror collect' or 'pack' has taken that there, new bundles have numbers behind those here."
    )
  }

  private static func make(
    _ reader: BundleReader,
    _ client: MetadataClient<PendingCache>,
    _ targets: TargetsMetadata,
    _ volumes: TargetsMetadata,
    _ programs: [CarriedProgram],
    _ metadata: [(name: String, bytes: [UInt8])]
  ) throws(TrustError) -> VerifiedBundle {
    do {
      let snapshot = try SignedSnapshot(targets, at: "\(reader.folder)")
      let facts = try BundleFacts(volumes, at: "\(reader.folder)")
      guard facts.snapshot == snapshot.number else {
        throw JobError(
          .damagedBundle,
          "\(reader.folder): its volumes are of snapshot \(facts.snapshot), its list of \(snapshot.number)"
        )
      }
      // A folder may have any name; what the bag says of itself has to be what was signed.
      guard facts.snapshot == reader.snapshot, facts.base?.number == reader.base else {
        throw JobError(
          .damagedBundle,
          "\(reader.folder): the folder says that it is \(reader.names.folder), but it holds the bundle \(facts.names.folder)",
          remedy: "Copy the bundle from the connected side again."
        )
      }
      let list = try facts.volumes(volumes, at: "\(reader.folder)")
      var reader = reader
      reader.naming = facts.naming
      return VerifiedBundle(
        reader: reader,
        snapshot: snapshot,
        facts: facts,
        volumes: list.filter { $0.parity == nil },
        parity: list.filter { $0.parity != nil },
        programs: programs,
        targets: targets.targets,
        trusted: client.trusted,
        metadata: metadata,
        cache: client.cache
      )
    } catch {
      throw .source(file: "volumes.json", error)
    }
  }

  /// Checks that the label is whole and names these files.
  package func checkLabel() throws {
    guard let label = try reader.read(BundleNames.label, atMost: BundleLabel.maximumSize) else {
      throw missing(BundleNames.label)
    }
    guard let manifest = try reader.read(BundleNames.manifest, atMost: BundleLabel.maximumManifest) else {
      throw missing(BundleNames.manifest)
    }
    if let problem = BundleLabel.problem(label, manifest: manifest, root: trusted.root) {
      throw changed(BundleNames.label, problem)
    }
    try checkMetadata(manifest)
  }

  /// Checks all files of metadata, also those that were not needed, since they are trusted already: a medium that has
  /// damaged one is useless, and the bundle may be copied on for others.
  private func checkMetadata(_ manifest: [UInt8]) throws {
    let read = Dictionary(metadata.map { ($0.name, $0.bytes) }) { first, _ in first }
    let folder = "\(BundleNames.metadata)/"
    for line in String(decoding: manifest, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[1].hasPrefix(" " + folder) else { continue }
      let name = String(parts[1].dropFirst(1 + folder.count))
      // Only names that we give ourselves lead to a file.
      let plain = name.hasSuffix(PatchedMetadata.suffix) ? String(name.dropLast(PatchedMetadata.suffix.count)) : name
      guard plain == "timestamp.json" || RepositoryState.parts(of: plain) != nil else {
        throw changed(BundleNames.manifest, "it lists \(name.debugDescription), which does not belong there")
      }
      let limit = MetadataLimits().listed
      var bytes = read[name]
      if bytes == nil { bytes = try reader.read(folder + name, atMost: limit) }
      guard let bytes else { throw missing(folder + name) }
      guard ObjectDigest(hex: parts[0]) == ObjectDigest.sha256(of: bytes) else {
        throw changed(folder + name, "its SHA-256 is not what \(BundleNames.manifest) says")
      }
    }
  }

  private func missing(_ name: String) -> JobError {
    JobError(
      .incompleteBundle,
      "\(reader.folder.pushing(name)) is missing",
      remedy: "Copy the whole folder from the connected side again; nothing was changed here."
    )
  }

  private func changed(_ name: String, _ problem: String) -> JobError {
    JobError(
      .damagedBundle,
      "\(reader.folder.pushing(name)): \(problem)",
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
