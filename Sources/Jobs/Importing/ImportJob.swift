import BundleFormat
import Bundles
import Catalogue
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import Parcels
import Releases
import ServerJobs
import Serving
import StoreTrust
import SystemPackage
import Trust

/// Verifies a bundle and publishes what it holds, all at once. The bundle is only read; a receipt is laid beside it.
///
/// 1. Verify the bundle's metadata, from the root that is trusted here: who signed, that it has not expired, that it is
///    no older than what is here, that it is for this site.
/// 2. See that all its volumes are there, and that there is room for what is new.
/// 3. Read each volume once: its digest and every object's digest are checked while the objects go into the store.
/// 4. Check the vendor's own signatures over what has come.
/// 5. Only when all is verified: seal the snapshot, and publish it by one rename.
///
/// Of several bundles that build on each other, each goes this way, and the last one is published.
package struct ImportJob: Sendable, InContext {
  package let context: JobContext
  let path: FilePath
  let options: Options
  /// Whether the bundle was copied into the store from a stream, so that there is no medium for a receipt.
  private let isSpooled: Bool
  /// Where an evidence sheet goes: opened before the work begins, and held.
  private var evidence: Place?

  /// A job that imports the bundle at `path` (a folder, or something in a bundle) into the context's store.
  package init(_ context: JobContext, path: FilePath, options: Options = Options()) {
    self.init(context, path: path, options: options, isSpooled: false)
  }

  init(_ context: JobContext, path: FilePath, options: Options, isSpooled: Bool) {
    self.context = context
    self.path = path
    self.options = options
    self.isSpooled = isSpooled
  }

  /// Imports the bundle.
  ///
  /// - Throws: ``JobError``; what is published stays as it was then.
  package func run() async throws -> ImportReport {
    try refuseWhereNothingIsTrusted()
    if options.dryRun { return try await verifyOnly() }
    var opened = self
    opened.evidence = try options.evidence.map(ReportFolder.reserve)
    return try await opened.importing()
  }

  private func importing() async throws -> ImportReport {
    try audit.refuseIfBusy()
    let store = try ContentStore.open(folder, access: .writing, create: true)
    reporter.reportRepairs(of: store)
    let finished = releases(of: store).finishEarlier()
    if options.forgetIncoming { try Incoming.forget(in: folder) }
    let record = RunRecord(job: "import", clock)
    let medium = isSpooled ? nil : try BundleReader.find(at: path).first?.folder.folder.place
    do {
      var report = try await importAll(into: store, audit)
      report.finished = finished
      let message = "snapshot \(report.snapshot) from \(report.bundle)"
      try record.finish(in: store, outcome: .ok, message: message, snapshot: report.snapshot)
      takeDeliveries(on: medium)
      // Before the receipt, which says what is here.
      pruneOld(store)
      report.receipt = leaveReceipt(of: store, on: medium)
      return report
    } catch {
      let failure = JobError(error)
      try? record.finish(in: store, outcome: .failed, message: failure.message, snapshot: nil)
      leaveReceipt(after: failure, of: store, on: medium)
      throw failure
    }
  }

  /// Imports what leads to the newest snapshot, whatever else lies there.
  private func importAll(into store: ContentStore, _ audit: Audit) async throws -> ImportReport {
    let strangers = try lookForStrangers()
    var report = try await passingOverRefused(held: { try store.snapshots().map(\.number) }) { route in
      try await importAll(on: route, into: store, audit)
    }
    report.strangers = strangers
    return report
  }

  /// Imports the bundles one after the other, and publishes the last one: when a later one is refused, the last that was
  /// whole.
  private func importAll(
    on route: ImportRoute,
    into store: ContentStore,
    _ audit: Audit
  ) async throws -> ImportReport {
    var before: [NotedBundle] = []
    for reader in route.steps.dropLast() {
      let taken = try await publishingLast(of: before, store, audit) {
        try await noting(reader, audit) {
          let taken = try await takeIn(reader, into: store)
          try keepTrust(taken.bundle)
          return taken
        }
      }
      try finish(taken, store)
      before.append(taken)
    }
    let newest = route.steps[route.steps.count - 1]
    let taken = try await publishingLast(of: before, store, audit) {
      try await noting(newest, audit) { try publish(try await takeIn(newest, into: store, isLast: true), store) }
    }
    var report = try finish(taken, store)
    report.before = before.map(\.taken.bundle.reader.name)
    let programs = ProgramIntake(StoreFolders(folder), reporter: reporter) { program, failure in
      audit.noteRefusal(
        "a newer kscmirror was refused: \(failure.message)",
        ["file": .string(program.package.name)],
        failure,
        reporter
      )
    }
    report.program = programs.take(from: (before + [taken]).map(\.taken.bundle))
    if let unreachable = route.unreachable { throw refusal(of: unreachable, after: report, store, audit) }
    return report
  }

  /// A bundle whose objects and snapshot are in the store.
  private struct TakenBundle {
    let bundle: VerifiedBundle
    var report: ImportReport
  }

  /// The same, and where the journal has it.
  private struct NotedBundle {
    let taken: TakenBundle
    let position: JournalPosition
  }

  /// Does something with a bundle, from the first look at its metadata on, and notes that it begins and how it ends.
  private func noting(
    _ reader: BundleReader,
    _ audit: Audit,
    _ body: () async throws -> TakenBundle
  ) async throws -> NotedBundle {
    let (taken, position) = try await audit.noting(.beginningImport(of: reader)) { _ in
      let taken = try await body()
      return (taken, .imported(taken.report, taken.bundle))
    }
    return NotedBundle(taken: taken, position: position)
  }

  /// Verifies a bundle, reads it, has the vendor's signatures checked, and seals its snapshot. Nothing is published.
  ///
  /// - Parameter isLast: whether nothing is to be built on it: one that was rolled back is not even read then.
  private func takeIn(_ reader: BundleReader, into store: ContentStore, isLast: Bool = false) async throws
    -> TakenBundle
  {
    let verified = try await provenMetadata(of: reader) { try await self.verified(reader, store) }
    let isHere = try isHere(verified.snapshot, in: store)
    if isLast, !isHere, try heldBack(verified.snapshot, in: store) != nil {
      return TakenBundle(bundle: verified, report: ImportReport(verified, context, outcome: .held))
    }
    let objects = try BundleObjects(verified) { object in try store.contains(object) }
    let bundle = isHere && objects.missing.isEmpty ? try refusingStrangers(verified) : try gathered(verified)
    if !objects.missing.isEmpty { try read(objects, of: bundle, into: store) }
    let vendor = try await verifyVendor(bundle, store)
    if !isHere { try seal(bundle, store) }
    let report = ImportReport(
      bundle,
      context,
      outcome: isHere ? .same : .taken,
      newObjects: objects.missing.count,
      newBytes: objects.missing.values.totalBytes { $0 },
      vendor: vendor
    )
    return TakenBundle(bundle: bundle, report: report)
  }

  /// Publishes what was taken in, unless somebody has gone back from it.
  private func publish(_ taken: TakenBundle, _ store: ContentStore) throws -> TakenBundle {
    var published = taken
    let number = taken.report.snapshot
    let releases = releases(of: store)
    if let held = try heldBack(taken.bundle.snapshot, in: store) {
      published.report.outcome = .held
      reporter.warning(
        "held-back",
        "\(held.text). To publish it all the same, import it with --again; a newer snapshot is published as always"
      )
    } else {
      if options.rehearse {
        published.report.rehearsal = try Rehearsal(context, store: store, snapshot: number).run()
      }
      reporter.report(.phase("publishing snapshot \(number)"))
      try releases.publish(number)
      try publishMetadata(of: taken.bundle, store)
      releases.lookForReaders()
    }
    try keepTrust(taken.bundle)
    if published.report.outcome == .taken { published.report.outcome = .published }
    return published
  }

  /// Why a snapshot is not to be published, since somebody went back from it and nobody asks for it again.
  func heldBack(_ snapshot: SignedSnapshot, in store: ContentStore) throws -> HeldBackFacts? {
    options.again ? nil : try releases(of: store).holdsBack(snapshot.number, snapshot.treeDigest)
  }

  /// What follows when a bundle is in the journal.
  @discardableResult
  private func finish(_ noted: NotedBundle, _ store: ContentStore) throws -> ImportReport {
    let bundle = noted.taken.bundle
    var report = noted.taken.report
    try store.settle(report.snapshot)
    if let place = evidence, report.outcome != .taken {
      let language = configuration.language
      let sheet = EvidenceSheet(report, bundle, journal: noted.position, at: clock.now, in: language)
      do { report.evidence = try sheet.write(to: place) } catch {
        let cause = JobError(error)
        throw JobError(
          cause.status,
          "snapshot \(report.snapshot) is published, but its evidence sheet could not be written: \(cause.message)",
          remedy: "Import the bundle once more with --evidence and another folder: that writes the sheet."
        )
      }
    }
    try Incoming(bundle, in: folder).removeAll()
    return report
  }
}

// MARK: - Refusals

extension ImportJob {
  private func refuseWhereNothingIsTrusted() throws {
    guard try Files.status(folders.trust.appending("root.json")) == nil else { return }
    let reader = try ImportRoute(candidates(), held: []).steps[0]
    let failure = nothingTrusted()
    if !options.dryRun, try Files.status(folder) != nil {
      audit.noteRefusal(of: reader, failure, reporter)
    }
    throw failure
  }

  /// Does something with a bundle. If it fails, the last bundle before it that was whole is published.
  private func publishingLast<Result>(
    of before: [NotedBundle],
    _ store: ContentStore,
    _ audit: Audit,
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch {
      // What is done, and could not be noted, stays.
      guard !(error is UnnotedChange), let whole = before.last?.taken else { throw error }
      let failure = JobError(error)
      let beginning = AuditNote(
        .import,
        "the publication of snapshot \(whole.report.snapshot) of bundle \(whole.report.bundle)",
        ["snapshot": .integer(Int64(whole.report.snapshot))]
      )
      let (published, position) = try audit.noting(beginning) { _ in
        let published = try publish(whole, store)
        return (published, .imported(published.report, published.bundle))
      }
      try finish(NotedBundle(taken: published, position: position), store)
      let told = JobError(
        failure.status,
        "\(failure.message); snapshot \(published.report.snapshot) was published from the bundles before it",
        details: failure.details,
        remedy: failure.remedy
      )
      throw (error as? RefusedBundle).map { RefusedBundle(reader: $0.reader, cause: told) } ?? told
    }
  }

  /// Why a newer bundle was not reached, though another one was published.
  private func refusal(
    of reader: BundleReader,
    after report: ImportReport,
    _ store: ContentStore,
    _ audit: Audit
  ) -> any Error {
    do {
      let failure = try gap(of: reader, in: store)
      audit.noteRefusal(of: reader, failure, reporter)
      return JobError(
        failure.status,
        "\(failure.message); snapshot \(report.snapshot) was published from what else lies there",
        remedy: failure.remedy
      )
    } catch {
      return error
    }
  }

  /// Why a bundle could not be reached.
  private func gap(of reader: BundleReader, in store: ContentStore) throws -> JobError {
    guard let base = try BundleClaims(reader).base else {
      return JobError(.damagedBundle, "\(reader.folder): it builds on no snapshot, but its name says so")
    }
    return Gap(base: base, snapshots: try store.snapshots().map(\.number)).error(for: reader)
  }
}

// MARK: - Single steps

extension ImportJob {
  /// The door through which releases become current.
  func releases(of store: ContentStore) -> ReleaseSwitch {
    ReleaseSwitch(store, context)
  }

  private func read(_ objects: BundleObjects, of bundle: VerifiedBundle, into store: ContentStore) throws {
    try refuseWithoutRoom(for: objects.missing)
    try reading(bundle) { bundle in
      try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).read(into: store)
    }
    try store.commitObjects()
  }

  /// Seals the snapshot. What is trusted from now on, and what of it is served, must be there when the snapshot is.
  private func seal(_ bundle: VerifiedBundle, _ store: ContentStore) throws {
    if try !OnlineKeys.arePresent(in: folders) {
      try BundleMetadata(folders).prepare(bundle.metadata)
    }
    try keepTrust(bundle)
    try releases(of: store).prepare(bundle.snapshot.number, rehearsing: options.rehearse)
    let header = SnapshotHeader(
      number: bundle.snapshot.number,
      created: bundle.snapshot.created,
      origin: .imported(bundle: bundle.reader.name),
      notes: bundle.snapshot.notes,
      treeDigest: bundle.snapshot.treeDigest,
      owes: .import
    )
    let earlier = try EarlierArrivals(in: store)
    var odd = DeviceNames()
    _ = try store.seal(header) { add in
      for target in bundle.targets {
        var file = try SnapshotFile(target, origin: bundle.reader.name, fetched: clock.now)
        earlier.keep(in: &file)
        odd.look(at: file.path)
        try add(file)
      }
    }
    odd.report(of: "snapshot \(bundle.snapshot.number)", to: reporter)
  }

  /// Keeps what is trusted now, and what the bundle has told of parcels.
  private func keepTrust(_ bundle: VerifiedBundle) throws {
    try ParcelTrust(context).note(bundle.facts, version: Int64(bundle.header.version))
    try bundle.cache.commit()
  }

  /// Lays the bundle's metadata where the web store serves it; a store with keys of its own signs it itself.
  private func publishMetadata(of bundle: VerifiedBundle, _ store: ContentStore) throws {
    if let own = try OwnRepository(context) {
      let snapshot = try store.snapshot(bundle.snapshot.number)
      return try own.publish(snapshot, of: store)
    }
    try BundleMetadata(folders).prepare(bundle.metadata)
    let cache = FileCache(folders.metadata)
    for file in bundle.metadata where file.name == "timestamp.json" { try cache.save(file.name, file.bytes) }
  }
}
