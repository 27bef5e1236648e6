import Bundle
import ContentStore
import FileSystem
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Trust

/// Verifies a bundle and publishes what it holds, all at once. The medium is only read.
///
/// 1. Verify the bundle's metadata, from the root that is trusted here: who signed, that it has not expired, that it is
///    no older than what is here, that it is for this site.
/// 2. See that all its volumes are there, and that there is room for what is new.
/// 3. Read each volume once: its digest and every object's digest are checked while the objects go into the store.
/// 4. Check the vendor's own signatures over what has come.
/// 5. Only when all is verified: seal the snapshot, and publish it by one rename.
public struct ImportJob: Sendable {
  /// What a person chooses for one run.
  public struct Options: Sendable {
    /// The snapshot to import, if several bundles are there; `nil` is the newest.
    public var snapshot: Int?
    /// Whether a bundle that is older than what is here is imported.
    public var allowOlder: Bool
    /// The version of metadata that is taken although it has expired.
    public var acceptExpired: Int?
    /// The name of this site; `nil`: what the configuration says.
    public var site: String?
    /// The folder that an evidence sheet is written to, if one is wanted.
    public var evidence: FilePath?
    /// Whether only to verify.
    public var dryRun: Bool
    /// Whether what was kept of incomplete bundles is removed first.
    public var forgetIncoming: Bool

    /// A choice.
    public init(
      snapshot: Int? = nil,
      allowOlder: Bool = false,
      acceptExpired: Int? = nil,
      site: String? = nil,
      evidence: FilePath? = nil,
      dryRun: Bool = false,
      forgetIncoming: Bool = false
    ) {
      self.snapshot = snapshot
      self.allowOlder = allowOlder
      self.acceptExpired = acceptExpired
      self.site = site
      self.evidence = evidence
      self.dryRun = dryRun
      self.forgetIncoming = forgetIncoming
    }
  }

  let folder: FilePath
  let path: FilePath
  let configuration: ImportSettings
  let options: Options
  let reporter: any JobReporter

  /// A job that imports the bundle at `path` (a folder, or something in a bundle) into the store in the folder `store`.
  public init(
    store: FilePath,
    path: FilePath,
    settings: ImportSettings = ImportSettings(),
    options: Options = Options(),
    reporter: any JobReporter
  ) {
    folder = store
    self.path = path
    configuration = settings
    self.options = options
    self.reporter = reporter
  }

  /// Imports the bundle.
  ///
  /// - Throws: ``JobError``; what is published stays as it was then.
  public func run() async throws(JobError) -> ImportReport {
    if options.dryRun { return try await verifyOnly() }
    let reader = try chosenBundle()
    let folders = StoreFolders(folder)
    guard try translatingErrors({ try Files.status(folders.trust.appending("root.json")) }) != nil else {
      let failure = nothingTrusted(reader)
      if try translatingErrors({ try Files.status(folder) }) != nil {
        Audit(folders.journal).noteRefusal(of: reader, failure, reporter)
      }
      throw failure
    }
    let store = try translatingErrors { try ContentStore.open(folder, access: .writing, create: true) }
    reporter.reportRepairs(of: store)
    if options.forgetIncoming { try Incoming.forget(in: folder) }
    let record = RunRecord(job: "import")
    let audit = Audit(folders.journal)
    do throws(JobError) {
      let bundle = try await verified(reader)
      let report = try await importing(bundle, into: store, audit)
      let message = "snapshot \(report.snapshot) from \(bundle.reader.name)"
      try record.finish(in: store, outcome: .ok, message: message, snapshot: report.snapshot)
      return report
    } catch {
      audit.noteRefusal(of: reader, error, reporter)
      try? record.finish(in: store, outcome: .failed, message: error.message, snapshot: nil)
      throw error
    }
  }

  private func importing(
    _ bundle: VerifiedBundle,
    into store: ContentStore,
    _ audit: Audit
  ) async throws(JobError) -> ImportReport {
    let snapshot = bundle.snapshot
    let isHere = try isHere(snapshot, in: store)
    let objects = try BundleObjects(bundle) { object in try store.contains(object) }
    let bundle = isHere && objects.missing.isEmpty ? try refusingStrangers(bundle) : try gathered(bundle)
    if !objects.missing.isEmpty {
      try refuseWithoutRoom(for: objects.missing)
      try reading(bundle) { (bundle) throws(JobError) in
        try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).read(into: store)
      }
      try translatingErrors { try store.commitObjects() }
    }
    let vendor = try await verifyVendor(bundle, store)
    reporter.report(.phase("publishing snapshot \(snapshot.number)"))
    if !isHere { try seal(bundle, store) }
    try translatingErrors { _ = try store.publish(snapshot.number) }
    try publishMetadata(of: bundle, store)
    try translatingErrors { try bundle.cache.commit() }
    try Incoming(bundle, in: folder).removeAll()
    var report = ImportReport(
      bundle,
      outcome: isHere ? .same : .published,
      newObjects: objects.missing.count,
      newBytes: objects.missing.values.reduce(0, +),
      vendor: vendor
    )
    let position = try audit.noteImport(report, acceptedExpired: bundle.trusted.tolerated)
    if let place = options.evidence {
      report.evidence = try EvidenceSheet(report, bundle, journal: position).write(to: place)
    }
    return report
  }

  private func seal(_ bundle: VerifiedBundle, _ store: ContentStore) throws(JobError) {
    let header = SnapshotHeader(
      number: bundle.snapshot.number,
      created: bundle.snapshot.created,
      origin: .imported(bundle: bundle.reader.name),
      notes: bundle.snapshot.notes,
      treeDigest: bundle.snapshot.treeDigest
    )
    try translatingErrors {
      _ = try store.seal(header) { add in
        for target in bundle.targets {
          try add(SnapshotFile(target, origin: bundle.reader.name, fetched: bundle.snapshot.created))
        }
      }
    }
  }

  /// Lays the bundle's metadata where the web store serves it; a store with keys of its own signs it itself.
  private func publishMetadata(of bundle: VerifiedBundle, _ store: ContentStore) throws(JobError) {
    if let own = try OwnRepository(store: folder, lifetimes: configuration.trust) {
      let snapshot = try translatingErrors { try store.snapshot(bundle.snapshot.number) }
      return try own.publish(snapshot, of: store)
    }
    let cache = FileCache(StoreFolders(folder).metadata)
    try translatingErrors {
      for file in bundle.metadata where file.name != "timestamp.json" { try cache.save(file.name, file.bytes) }
      for file in bundle.metadata where file.name == "timestamp.json" { try cache.save(file.name, file.bytes) }
    }
  }
}

/// What of the configuration an import needs.
public struct ImportSettings: Sendable {
  /// The name of this site.
  public var site: String?
  /// How long what this store signs stays good.
  public var trust: TrustSettings
  /// What is made of the vendor's signatures.
  public var vendor: VendorSettings

  /// The settings of a configuration; without one, the defaults.
  public init(_ configuration: Configuration? = nil) {
    site = configuration?.site
    trust = configuration?.trust ?? TrustSettings()
    vendor = configuration?.vendor ?? VendorSettings()
  }
}

extension ImportJob {
  /// Reads all volumes once, and writes nothing.
  private func verifyOnly() async throws(JobError) -> ImportReport {
    let reader = try chosenBundle()
    guard try translatingErrors({ try Files.status(StoreFolders(folder).trust.appending("root.json")) }) != nil else {
      throw nothingTrusted(reader)
    }
    let bundle = try await verified(reader)
    if let store = try? ContentStore.open(folder, access: .reading) { _ = try isHere(bundle.snapshot, in: store) }
    let objects = try BundleObjects(bundle) { _ in false }
    try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).verify()
    return ImportReport(bundle, outcome: .verified)
  }
}

// MARK: - The vendor's signatures

extension ImportJob {
  /// Checks the vendor's own signatures over the snapshot, whose objects are all in the store by now.
  private func verifyVendor(_ bundle: VerifiedBundle, _ store: ContentStore) async throws(JobError) -> VendorReport? {
    guard configuration.vendor.signatures != .off else { return nil }
    reporter.report(.phase("verifying the vendor's signatures"))
    var files: [TreePath: ObjectDigest] = [:]
    for target in bundle.targets {
      let file = try SnapshotFile(target, origin: bundle.reader.name, fetched: 0)
      files[file.path] = file.object
    }
    let newest = try translatingErrors { try store.snapshots().last }
    let report = try await VendorVerification(
      tree: StoreTree(store: store, files: files),
      earlier: try newest.map { (snapshot) throws(JobError) in try indexes(of: snapshot, store) },
      settings: configuration.vendor,
      reporter: reporter
    ).run()
    try report.judge(configuration.vendor.signatures, at: bundle.reader.name)
    warnOfOlder(report, bundle)
    if !options.allowOlder {
      for notes in newest.flatMap({ SnapshotNotes($0.notes) })?.sources.values.map({ $0 }) ?? [] {
        try PrimaryDates.refuseOlder(report.primaries, than: notes, at: bundle.reader.name)
        try PrimaryDates.refuseWithoutSigned(report.primaries, after: notes, at: bundle.reader.name)
      }
    }
    return report
  }

  /// What could be an index of a snapshot that is here.
  private func indexes(of snapshot: Snapshot, _ store: ContentStore) throws(JobError) -> StoreTree {
    var files: [TreePath: ObjectDigest] = [:]
    try translatingErrors {
      try store.forEachFile(in: snapshot.number) { file in
        if file.path.string.hasSuffix(".xml") { files[file.path] = file.object }
      }
    }
    return StoreTree(store: store, files: files)
  }

  /// A server of a pool may lag behind, so that an older index of a component is no reason to refuse all; but whoever
  /// mixes in old databases does just that.
  private func warnOfOlder(_ report: VendorReport, _ bundle: VerifiedBundle) {
    guard let first = report.olderIndexes.first else { return }
    let others = report.olderIndexes.count > 1 ? " and \(report.olderIndexes.count - 1) more" : ""
    reporter.warning(
      "older-index",
      "\(bundle.reader.name): \(first)\(others): signed by the vendor, but older than what is here. If the next bundle has it still so, look at the connected side."
    )
  }
}
