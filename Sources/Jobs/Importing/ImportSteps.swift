import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import Releases
import Serving
import StoreTrust
import SystemPackage
import Trust

// What an import does with each bundle, one after the other.

extension ImportJob {
  /// Imports the bundles that lead to the newest snapshot, and publishes that one: when a later one is refused, the last
  /// that was whole.
  func importAll(into store: ContentStore, _ audit: Audit) async throws -> ImportReport {
    let strangers = try lookForStrangers()
    let held = try store.snapshots().map(\.number)
    let route = try route(from: held)
    var before: [String] = []
    var last: (bundle: VerifiedBundle, report: ImportReport)?
    for reader in route.steps {
      do {
        let bundle = try await verified(reader, store)
        if let last { before.append(last.report.bundle) }
        let isLast = before.count + 1 == route.steps.count
        last = (bundle, try await importing(bundle, into: store, isLast: isLast, audit))
      } catch {
        let failure = JobError(error)
        audit.noteRefusal(of: reader, failure, reporter)
        guard let last, last.report.bundle != reader.name else { throw error }
        let published = try publish(last.bundle, last.report, store, audit)
        throw JobError(
          failure.status,
          "\(failure.message); snapshot \(published.snapshot) was published from the bundles before it",
          remedy: failure.remedy
        )
      }
    }
    guard var report = last?.report else { throw JobError(.software, "\(path): nothing to import") }
    report.before = before
    report.strangers = strangers
    guard let unreachable = route.unreachable else { return report }
    let failure = try gap(of: unreachable, in: store)
    audit.noteRefusal(of: unreachable, failure, reporter)
    throw JobError(
      failure.status,
      "\(failure.message); snapshot \(report.snapshot) was published from what else lies there",
      remedy: failure.remedy
    )
  }

  /// The door through which releases become current.
  func releases(of store: ContentStore) -> ReleaseSwitch {
    ReleaseSwitch(store, folder: folder, trust: configuration.trust, reporter)
  }

  /// Why a bundle could not be reached.
  private func gap(of reader: BundleReader, in store: ContentStore) throws -> JobError {
    guard let base = try BundleClaims(reader).base else {
      return JobError(.damagedBundle, "\(reader.folder): it builds on no snapshot, but its name says so")
    }
    return Gap(base: base, snapshots: try store.snapshots().map(\.number)).error(for: reader)
  }

  /// Imports all of a bundle, and publishes it if it is the last one.
  private func importing(
    _ bundle: VerifiedBundle,
    into store: ContentStore,
    isLast: Bool,
    _ audit: Audit
  ) async throws -> ImportReport {
    let isHere = try isHere(bundle.snapshot, in: store)
    let objects = try BundleObjects(bundle) { object in try store.contains(object) }
    let bundle = isHere && objects.missing.isEmpty ? try refusingStrangers(bundle) : try gathered(bundle)
    if !objects.missing.isEmpty {
      try refuseWithoutRoom(for: objects.missing)
      try reading(bundle) { bundle in
        try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).read(into: store)
      }
      try store.commitObjects()
    }
    let vendor = try await verifyVendor(bundle, store)
    if !isHere {
      // What is trusted from now on, and what of it is served, must be there when the snapshot is.
      if try !OnlineKeys.arePresent(in: StoreFolders(folder)) {
        try BundleMetadata(StoreFolders(folder)).prepare(bundle.metadata)
      }
      try keepTrust(bundle)
      try releases(of: store).prepare(bundle.snapshot.number, rehearsing: options.rehearse)
      try seal(bundle, store)
    }
    var report = ImportReport(
      bundle,
      outcome: isHere ? .same : .taken,
      newObjects: objects.missing.count,
      newBytes: objects.missing.values.reduce(0, +),
      vendor: vendor
    )
    if isLast {
      report = try publish(bundle, report, store, audit)
    } else {
      try keepTrust(bundle)
      _ = try audit.noteImport(report, acceptedExpired: bundle.trusted.tolerated)
      try store.settle(report.snapshot)
    }
    try Incoming(bundle, in: folder).removeAll()
    return report
  }

  /// Publishes what was imported.
  private func publish(
    _ bundle: VerifiedBundle,
    _ taken: ImportReport,
    _ store: ContentStore,
    _ audit: Audit
  ) throws -> ImportReport {
    var report = taken
    let releases = releases(of: store)
    if report.outcome == .same, let held = try releases.holdsBack(taken.snapshot) {
      report.outcome = .held
      reporter.warning("held-back", "\(held.text). \(held.remedy)")
    } else {
      if options.rehearse {
        report.rehearsal = try Rehearsal(store: store, snapshot: taken.snapshot, reporter: reporter).run()
      }
      reporter.report(.phase("publishing snapshot \(taken.snapshot)"))
      try releases.publish(taken.snapshot)
      try publishMetadata(of: bundle, store)
    }
    try keepTrust(bundle)
    if report.outcome == .taken { report.outcome = .published }
    let position = try audit.noteImport(report, acceptedExpired: bundle.trusted.tolerated)
    try store.settle(taken.snapshot)
    if let place = options.evidence {
      report.evidence = try EvidenceSheet(report, bundle, journal: position).write(to: place)
    }
    return report
  }

  /// Keeps what is trusted now, and what the bundle has reported about parcels.
  private func keepTrust(_ bundle: VerifiedBundle) throws {
    try ParcelTrust(StoreFolders(folder)).note(bundle.facts, version: Int64(bundle.header.version))
    try bundle.cache.commit()
  }

  private func seal(_ bundle: VerifiedBundle, _ store: ContentStore) throws {
    let header = SnapshotHeader(
      number: bundle.snapshot.number,
      created: bundle.snapshot.created,
      origin: .imported(bundle: bundle.reader.name),
      notes: bundle.snapshot.notes,
      treeDigest: bundle.snapshot.treeDigest,
      owes: .import
    )
    _ = try store.seal(header) { add in
      for target in bundle.targets {
        try add(SnapshotFile(target, origin: bundle.reader.name, fetched: bundle.snapshot.created))
      }
    }
  }

  /// Lays the bundle's metadata where the web store serves it; a store with keys of its own signs it itself.
  private func publishMetadata(of bundle: VerifiedBundle, _ store: ContentStore) throws {
    if let own = try OwnRepository(store: folder, lifetimes: configuration.trust) {
      let snapshot = try store.snapshot(bundle.snapshot.number)
      return try own.publish(snapshot, of: store)
    }
    try BundleMetadata(StoreFolders(folder)).prepare(bundle.metadata)
    let cache = FileCache(StoreFolders(folder).metadata)
    for file in bundle.metadata where file.name == "timestamp.json" { try cache.save(file.name, file.bytes) }
  }
}
