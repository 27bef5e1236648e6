import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import Journal
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
    var last: Taken?
    for reader in route.steps {
      let taken: Taken
      do {
        taken = try await take(reader, into: store, isLast: reader.name == route.steps.last?.name, audit)
      } catch {
        // What is done, and could not be noted, stays.
        guard !(error is UnnotedChange), let last else { throw error }
        let failure = JobError(error)
        let published = try publishEarlier(last, store, audit)
        throw JobError(
          failure.status,
          "\(failure.message); snapshot \(published.snapshot) was published from the bundles before it",
          remedy: failure.remedy
        )
      }
      if let last { before.append(last.report.bundle) }
      last = try finish(taken, store)
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

  /// A bundle that was taken in, and where the journal tells of it.
  private struct Taken {
    let bundle: VerifiedBundle
    var report: ImportReport
    let position: JournalPosition
  }

  /// Takes a bundle in, from the first look at its metadata to its entry in the journal.
  private func take(
    _ reader: BundleReader,
    into store: ContentStore,
    isLast: Bool,
    _ audit: Audit
  ) async throws -> Taken {
    let (taken, position) = try await audit.noting(.beginningImport(of: reader)) { _ in
      let (bundle, report) = try await importing(try await verified(reader, store), into: store, isLast: isLast)
      return ((bundle: bundle, report: report), .imported(report, bundle))
    }
    return Taken(bundle: taken.bundle, report: taken.report, position: position)
  }

  /// Publishes a bundle that was taken in on the way to one that is refused.
  private func publishEarlier(_ taken: Taken, _ store: ContentStore, _ audit: Audit) throws -> ImportReport {
    let beginning = AuditNote(
      .import,
      "the publication of snapshot \(taken.report.snapshot) of bundle \(taken.report.bundle)",
      ["snapshot": .integer(Int64(taken.report.snapshot))]
    )
    let (report, position) = try audit.noting(beginning) { _ in
      let report = try publish(taken.bundle, taken.report, store)
      return (report, .imported(report, taken.bundle))
    }
    return try finish(Taken(bundle: taken.bundle, report: report, position: position), store).report
  }

  /// What follows when a bundle is in the journal.
  private func finish(_ taken: Taken, _ store: ContentStore) throws -> Taken {
    var taken = taken
    try store.settle(taken.report.snapshot)
    if let place = options.evidence, taken.report.outcome != .taken {
      taken.report.evidence = try EvidenceSheet(taken.report, taken.bundle, journal: taken.position).write(to: place)
    }
    try Incoming(taken.bundle, in: folder).removeAll()
    return taken
  }

  /// Takes in all of a bundle, and publishes it if it is the last one.
  private func importing(
    _ bundle: VerifiedBundle,
    into store: ContentStore,
    isLast: Bool
  ) async throws -> (VerifiedBundle, ImportReport) {
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
    let report = ImportReport(
      bundle,
      outcome: isHere ? .same : .taken,
      newObjects: objects.missing.count,
      newBytes: objects.missing.values.reduce(0, +),
      vendor: vendor
    )
    if isLast { return (bundle, try publish(bundle, report, store)) }
    try keepTrust(bundle)
    return (bundle, report)
  }

  /// Publishes what was taken in.
  private func publish(
    _ bundle: VerifiedBundle,
    _ taken: ImportReport,
    _ store: ContentStore
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
    return report
  }

  /// Keeps what is trusted now, and what the bundle has told of parcels.
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
