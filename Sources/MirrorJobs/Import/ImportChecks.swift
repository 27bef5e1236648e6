import Bundle
import ContentStore
import FileSystem
import MirrorTypes
import SystemPackage
import Trust

// What an import looks at before the first byte of a volume.

extension ImportJob {
  func chosenBundle() throws(JobError) -> BundleReader {
    let bundles = try translatingErrors { try BundleReader.find(at: path) }
    if let number = options.snapshot {
      guard let bundle = bundles.last(where: { $0.snapshot == number }) else {
        let found = bundles.map { "\($0.snapshot)" }.joined(separator: ", ")
        throw JobError(.notThere, "\(path): there is no bundle of snapshot \(number); there are: \(found)")
      }
      return bundle
    }
    guard let newest = bundles.last else {
      throw JobError(.notABundle, "\(path): there is no bundle here", remedy: "Name the folder that 'pack' wrote to.")
    }
    if bundles.count > 1 {
      reporter.information(
        "several-bundles",
        "\(path): \(bundles.count) bundles; taking the newest, snapshot \(newest.snapshot)"
      )
    }
    return newest
  }

  func nothingTrusted(_ reader: BundleReader) -> JobError {
    // The other side shows the fingerprint of its newest root.
    let names = (try? Files.entries(of: reader.metadata).map(\.name)) ?? []
    let versions = names.compactMap(RepositoryState.parts).filter { $0.role == "root" }.map(\.version)
    let root = reader.metadata.appending("\(versions.max() ?? 1).root.json")
    return JobError(
      .unknownKey,
      "\(folder): nothing is trusted here yet, so that no bundle can be",
      remedy:
        "Have the fingerprint of the root read to you from the connected side ('kscmirror keys show'), then run 'kscmirror trust add \(root) --fingerprint …'."
    )
  }

  /// Verifies all metadata of a bundle, and whether it is for us.
  func verified(_ reader: BundleReader) async throws(JobError) -> VerifiedBundle {
    reporter.report(.phase("verifying the metadata of \(reader.name)"))
    let folders = StoreFolders(folder)
    let cache = PendingCache(
      FileCache(folders.trust, keeping: StoreFolders.keptMetadata),
      keepsRoot: !options.dryRun,
      served: try OnlineKeys.arePresent(in: folders) ? nil : FileCache(folders.metadata)
    )
    let bundle: VerifiedBundle
    do throws(JobError) {
      bundle = try await VerifiedBundle.open(reader, cache: cache)
    } catch {
      guard error.status == .expired, let version = options.acceptExpired else { throw error }
      bundle = try await VerifiedBundle.open(reader, cache: cache, expiry: .tolerated)
      guard bundle.header.version == version else {
        throw JobError(
          .expired,
          "\(error.message); --accept-expired names version \(version), and the bundle has \(bundle.header.version)"
        )
      }
      reporter.warning("expired", "\(error.message); taken all the same, as --accept-expired says")
    }
    noteClock(bundle)
    try refuseOtherSite(bundle)
    try bundle.checkLabel()
    if options.dryRun {
      _ = try refusingStrangers(bundle)
      try Gathering(bundle, store: folder, reporter: reporter).refuseIncomplete()
    }
    return bundle.withIncoming(of: folder)
  }

  /// A clock that is behind makes expired metadata look good: a person should know.
  private func noteClock(_ bundle: VerifiedBundle) {
    let behind = bundle.snapshot.created - WallClock.seconds
    guard behind > 3600 else { return }
    reporter.warning(
      "clock",
      "this server's clock says \(MetadataTime.text(WallClock.seconds)), but the bundle was made on \(MetadataTime.text(bundle.snapshot.created)): set the clock, or expired bundles will not be noticed"
    )
  }

  private func refuseOtherSite(_ bundle: VerifiedBundle) throws(JobError) {
    guard let wanted = bundle.facts.site else { return }
    let ours = options.site ?? configuration.site
    guard wanted != ours else { return }
    throw JobError(
      .otherSite,
      "\(bundle.reader.folder): this bundle is for site '\(wanted)', and this is \(ours.map { "'\($0)'" } ?? "a site without a name")",
      remedy: ours == nil
        ? "If this is that site, set site = \"\(wanted)\" in the configuration, or pass --site \(wanted)."
        : "Take the bundle that was made for '\(ours ?? "")'; nothing was changed here."
    )
  }

  /// Whether the very same snapshot is here already; an older one is refused.
  func isHere(_ snapshot: SignedSnapshot, in store: ContentStore) throws(JobError) -> Bool {
    let snapshots = try translatingErrors { try store.snapshots() }
    if let here = snapshots.first(where: { $0.number == snapshot.number }) {
      guard here.treeDigest == snapshot.treeDigest else {
        throw JobError(
          .olderBundle,
          "snapshot \(snapshot.number) is here already, and holds something else: this bundle comes from another store",
          remedy: "Import it into a store of its own with --store."
        )
      }
      return true
    }
    if let newest = snapshots.last, newest.number > snapshot.number, !options.allowOlder {
      throw JobError(
        .olderBundle,
        "the bundle holds snapshot \(snapshot.number), which is older than snapshot \(newest.number) here",
        remedy: "Take a newer bundle; to go back on purpose, use 'kscmirror rollback' or import with --allow-older."
      )
    }
    return false
  }

  func refuseWithoutRoom(for missing: [ObjectDigest: Int64]) throws(JobError) {
    let free = try translatingErrors { try FreeSpace(at: folder) }
    let block: Int64 = 4096
    let needed = missing.values.reduce(0) { $0 + ($1 + block - 1) / block * block }
    if needed > free.bytes {
      throw JobError(
        .noSpace,
        "\(folder): the new objects need \(needed) bytes, and \(free.bytes) are free",
        remedy: "Make room, for example with 'kscmirror prune', and import again; nothing was changed."
      )
    }
    if let inodes = free.inodes, Int64(missing.count) > inodes {
      throw JobError(
        .noSpace,
        "\(folder): \(missing.count) new files are needed, and the file system has \(inodes) inodes left",
        remedy: "Make room, and import again; nothing was changed."
      )
    }
  }
}
