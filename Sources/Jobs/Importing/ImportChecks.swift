import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

// What an import looks at before the first byte of a volume.

extension ImportJob {
  /// The bundles that may be imported: of those on the medium the ones for this site, up to the snapshot that was asked for.
  func candidates() throws -> [BundleReader] {
    let all = try BundleReader.find(at: path)
    var bundles = all
    if let number = options.snapshot {
      bundles = all.filter { $0.snapshot <= number }
      guard bundles.contains(where: { $0.snapshot == number }) else {
        let found = Words.list(all.map(\.name))
        throw JobError(.notThere, "\(path): there is no bundle of snapshot \(number); there are: \(found)")
      }
    }
    guard !bundles.isEmpty else {
      throw JobError(
        .notABundle,
        "\(path): there is no bundle here, and none in folders below it",
        remedy: "Name the folder that 'kscmirror pack' wrote to."
      )
    }
    let ours = bundles.filter(claimsToBeOurs)
    return ours.isEmpty ? bundles : ours
  }

  /// Whether a bundle does not claim to be for somebody else, who has one on the same medium.
  private func claimsToBeOurs(_ reader: BundleReader) -> Bool {
    guard let site = (try? BundleClaims(reader))?.site else { return true }
    return site == options.site ?? configuration.site
  }

  func nothingTrusted() -> JobError {
    return JobError(
      .unknownKey,
      "\(folder): no root is trusted here yet, so no bundle can be imported",
      remedy:
        "Have the fingerprint of the root read to you from the connected side ('kscmirror keys show'), then run 'kscmirror trust add \(ShellWord.quoted(path.string))' and type it."
    )
  }

  /// Verifies all metadata of a bundle, and whether it is for us.
  func verified(_ reader: BundleReader, _ store: ContentStore?) async throws -> VerifiedBundle {
    reporter.report(.phase("verifying the metadata of \(reader.name)"))
    let cache = PendingCache(
      FileCache(folders.trust, keeping: StoreFolders.keptMetadata),
      keepsRoot: !options.dryRun,
      served: try OnlineKeys.arePresent(in: folders) ? nil : FileCache(folders.metadata)
    )
    try refuseClaimedForOther(reader)
    let bundle: VerifiedBundle
    do {
      bundle = try await VerifiedBundle.open(reader, store: store, cache: cache, clock)
    } catch {
      let failure = JobError(error)
      guard failure.status == .expired, let version = options.acceptExpired else { throw error }
      bundle = try await VerifiedBundle.open(reader, store: store, cache: cache, clock, expiry: .tolerated)
      guard bundle.header.version == version else {
        throw JobError(
          .expired,
          "\(failure.message); --accept-expired names version \(version), and the bundle has \(bundle.header.version)"
        )
      }
      reporter.warning("expired", "\(failure.message); accepted, because of --accept-expired")
    }
    noteClock(bundle)
    if reader.isRenamed {
      reporter.information(
        "renamed",
        "\(ShownText.quoted("\(reader.folder)")) is \(reader.name) under another name"
      )
    }
    try refuseOtherSite(bundle.facts.site, reader)
    try bundle.checkLabel()
    if options.dryRun {
      _ = try refusingStrangers(bundle)
      try Gathering(bundle, store: folder, reporter: reporter).refuseIncomplete()
    }
    return try bundle.withIncoming(of: folder)
  }

  /// A clock that is behind makes expired metadata look good: a person should know.
  private func noteClock(_ bundle: VerifiedBundle) {
    let behind = bundle.snapshot.created.seconds(since: clock.now)
    guard behind > 3600 else { return }
    reporter.warning(
      "clock",
      "this server's clock says \(clock.now.text), but the bundle was made on \(bundle.snapshot.created.text): set the clock, or expired bundles will not be noticed"
    )
  }

  /// An incremental bundle for another site mostly does not fit here either; that it is not ours says more.
  private func refuseClaimedForOther(_ reader: BundleReader) throws {
    guard reader.base != nil, let claims = try? BundleClaims(reader) else { return }
    try refuseOtherSite(claims.site, reader)
  }

  private func refuseOtherSite(_ wanted: String?, _ reader: BundleReader) throws {
    guard let wanted else { return }
    let ours = options.site ?? configuration.site
    guard wanted != ours else { return }
    throw JobError(
      .otherSite,
      "\(reader.folder): this bundle is for site '\(wanted)', and this is \(ours.map { "'\($0)'" } ?? "a site without a name")",
      remedy: ours == nil
        ? "If this is that site, name it in the configuration (site = …), or pass it with --site."
        : "Take the bundle that was made for '\(ours ?? "")'; nothing was changed here."
    )
  }

  /// Whether the very same snapshot is here already; an older one is refused.
  func isHere(_ snapshot: SignedSnapshot, in store: ContentStore) throws -> Bool {
    let snapshots = try store.snapshots()
    if let here = snapshots.first(where: { $0.number == snapshot.number }) {
      guard here.treeDigest == snapshot.treeDigest else {
        throw JobError(
          .olderBundle,
          "snapshot \(snapshot.number) is here already, and holds something else: this bundle comes from another store, or from one that was put back from a backup",
          remedy:
            "If it was put back: bring it this site's newest receipt ('kscmirror receipt'), and its numbering then continues after those here. If it is another one: import into a store of its own with --store."
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

  func refuseWithoutRoom(for missing: [ObjectDigest: Int64]) throws {
    let free = try FreeSpace(at: folder)
    let block: Int64 = 4096
    let needed = missing.values.totalBytes { ($0 + block - 1) / block * block }
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
        "\(folder): \(Words.count(missing.count, "new file is", "new files are")) needed, and the file system has \(inodes) inodes left",
        remedy: "Make room, and import again; nothing was changed."
      )
    }
  }
}
