import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Releases
import ServerJobs
import StoreTrust
import SystemPackage
import Trust
import VendorChecks

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
package struct ImportJob: Sendable {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// The snapshot to import, if several bundles are there; `nil` is the newest.
    package var snapshot: Int?
    /// Whether a bundle that is older than what is here is imported.
    package var allowOlder: Bool
    /// The version of metadata that is taken although it has expired.
    package var acceptExpired: Int?
    /// The name of this site; `nil`: what the configuration says.
    package var site: String?
    /// The folder that an evidence sheet is written to, if one is wanted.
    package var evidence: FilePath?
    /// Whether only to verify.
    package var dryRun: Bool
    /// Whether a medium is refused that holds what no manifest names.
    package var strict: Bool
    /// Whether a receipt is written to the medium.
    package var receipt: Bool
    /// Whether what was kept of incomplete bundles is removed first.
    package var forgetIncoming: Bool
    /// Whether the new release is asked for as an updater would before it is published.
    package var rehearse: Bool

    /// A choice.
    package init(
      snapshot: Int? = nil,
      allowOlder: Bool = false,
      acceptExpired: Int? = nil,
      site: String? = nil,
      evidence: FilePath? = nil,
      dryRun: Bool = false,
      strict: Bool = false,
      receipt: Bool = true,
      forgetIncoming: Bool = false,
      rehearse: Bool = false
    ) {
      self.snapshot = snapshot
      self.allowOlder = allowOlder
      self.acceptExpired = acceptExpired
      self.site = site
      self.evidence = evidence
      self.dryRun = dryRun
      self.strict = strict
      self.receipt = receipt
      self.forgetIncoming = forgetIncoming
      self.rehearse = rehearse
    }
  }

  let folder: FilePath
  let path: FilePath
  let configuration: ImportSettings
  let options: Options
  /// Whether the bundle was copied into the store from a stream, so that there is no medium for a receipt.
  private let isSpooled: Bool
  let reporter: any JobReporter

  /// A job that imports the bundle at `path` (a folder, or something in a bundle) into the store in the folder `store`.
  package init(
    store: FilePath,
    path: FilePath,
    settings: ImportSettings = ImportSettings(),
    options: Options = Options(),
    reporter: any JobReporter
  ) {
    self.init(store: store, path: path, settings: settings, options: options, isSpooled: false, reporter: reporter)
  }

  init(
    store: FilePath,
    path: FilePath,
    settings: ImportSettings,
    options: Options,
    isSpooled: Bool,
    reporter: any JobReporter
  ) {
    folder = store
    self.path = path
    configuration = settings
    self.options = options
    self.isSpooled = isSpooled
    self.reporter = reporter
  }

  /// Imports the bundle.
  ///
  /// - Throws: an error; what is published stays as it was then.
  package func run() async throws -> ImportReport {
    if options.dryRun { return try await verifyOnly() }
    let folders = StoreFolders(folder)
    try refuseUntrusted(folders)
    try Audit(folders.journal).refuseIfBusy()
    let store = try ContentStore.open(folder, access: .writing, create: true)
    reporter.reportRepairs(of: store)
    let finished = releases(of: store).finishEarlier()
    if options.forgetIncoming { try Incoming.forget(in: folder) }
    let record = RunRecord(job: "import")
    let place = isSpooled ? nil : try BundleReader.find(at: path).first?.folder
    do {
      var report = try await importAll(into: store, Audit(folders.journal))
      report.finished = finished
      let message = "snapshot \(report.snapshot) from \(report.bundle)"
      try record.finish(in: store, outcome: .ok, message: message, snapshot: report.snapshot)
      takeDeliveries(beside: place)
      report.receipt = leaveReceipt(of: store, beside: place)
      return report
    } catch {
      let failure = JobError(error)
      try? record.finish(in: store, outcome: .failed, message: failure.message, snapshot: nil)
      leaveReceipt(after: failure, of: store, beside: place)
      throw error
    }
  }

  private func refuseUntrusted(_ folders: StoreFolders) throws {
    guard try Files.status(folders.trust.appending("root.json")) == nil else { return }
    let reader = try route(from: []).steps[0]
    let failure = nothingTrusted(reader)
    if !options.dryRun, try Files.status(folder) != nil {
      Audit(folders.journal).noteRefusal(of: reader, failure, reporter)
    }
    throw failure
  }
}

/// What of the configuration an import needs.
package struct ImportSettings: Sendable {
  /// The name of this site.
  package var site: String?
  /// Whether a medium is refused that holds what no manifest names.
  package var strict: Bool
  /// How long deliveries are kept.
  package var parcels: ParcelSettings
  /// How long what this store signs stays good.
  package var trust: TrustSettings
  /// What is made of the vendor's signatures.
  package var vendor: VendorSettings

  /// The settings of a configuration; without one, the defaults.
  package init(_ configuration: Configuration? = nil) {
    site = configuration?.site
    strict = configuration?.strictImport ?? false
    parcels = configuration?.parcels ?? ParcelSettings()
    trust = configuration?.trust ?? TrustSettings()
    vendor = configuration?.vendor ?? VendorSettings()
  }
}

extension ImportJob {
  /// Reads all volumes once, and writes nothing. Of several bundles that build on each other only the first can be
  /// verified without taking it in.
  private func verifyOnly() async throws -> ImportReport {
    try refuseUntrusted(StoreFolders(folder))
    let strangers = try lookForStrangers()
    let store = try? ContentStore.open(folder, access: .reading)
    let route = try route(from: (try? store?.snapshots().map(\.number)) ?? [])
    let bundle = try await verified(route.steps[0], store)
    if let store { _ = try isHere(bundle.snapshot, in: store) }
    let isIncremental = bundle.facts.base != nil
    let objects = try BundleObjects(bundle) { object in
      guard isIncremental, let store else { return false }
      return try store.contains(object)
    }
    try VolumeIntake(bundle: bundle, objects: objects, reporter: reporter).verify(store)
    if route.steps.count > 1 {
      let names = route.steps.dropFirst().map(\.name).joined(separator: ", ")
      reporter.information("not-looked-at", "\(names): to be verified when the bundle before is imported")
    }
    var report = ImportReport(bundle, outcome: .verified)
    report.strangers = strangers
    return report
  }
}

// MARK: - The vendor's signatures

extension ImportJob {
  /// Checks the vendor's own signatures over the snapshot, whose objects are all in the store by now.
  func verifyVendor(_ bundle: VerifiedBundle, _ store: ContentStore) async throws -> VendorReport? {
    guard configuration.vendor.signatures != .off else { return nil }
    reporter.report(.phase("verifying the vendor's signatures"))
    var files: [TreePath: ObjectDigest] = [:]
    for target in bundle.targets {
      let file = try SnapshotFile(target, origin: bundle.reader.name, fetched: 0)
      files[file.path] = file.object
    }
    let snapshots = try store.snapshots()
    let newest = snapshots.last
    let report = try await VendorVerification(
      tree: StoreTree(store: store, files: files),
      earlier: try newest.map { snapshot in
        try StoreTree(indexesOf: snapshot.number, store)
      },
      settings: configuration.vendor,
      reporter: reporter
    ).run()
    try report.judge(configuration.vendor.signatures, at: bundle.reader.name)
    warnOfOlder(report, bundle)
    try report.refuseLeftOut(
      configuration.vendor,
      after: snapshots,
      allowsMissing: options.allowOlder,
      at: bundle.reader.name
    )
    warnOfPackages(bundle)
    if !options.allowOlder {
      try report.refuseUnproven(at: bundle.reader.name)
      for notes in newest.flatMap({ SnapshotNotes($0.notes) })?.sources.values.map({ $0 }) ?? [] {
        try PrimaryDates.refuseOlder(report.primaries, than: notes, at: bundle.reader.name)
        try PrimaryDates.refuseWithoutSigned(report.primaries, after: notes, at: bundle.reader.name)
      }
    }
    return report
  }

  /// Packages carry no signature of the vendor's that is looked at here: whoever asks for nothing but the vendor's should
  /// know.
  private func warnOfPackages(_ bundle: VerifiedBundle) {
    guard configuration.vendor.signatures == .required else { return }
    let count = bundle.targets.count { $0.path.hasPrefix(PackageFolder.prefix) }
    guard count > 0 else { return }
    reporter.warning(
      "packages-not-verifiable",
      "\(bundle.reader.name): \(count == 1 ? "a file" : "\(count) files") below packages/ carry the connected side's signature only, and not the vendor's: check the installers' own signatures before they are run"
    )
  }

  /// A server of a pool may lag behind, so that an older index of a component is no reason to refuse all; but whoever
  /// mixes in old databases does just that.
  private func warnOfOlder(_ report: VendorReport, _ bundle: VerifiedBundle) {
    if !report.differingPrimaries.isEmpty {
      reporter.warning(
        "differing-primaries",
        "\(bundle.reader.name): \(report.differingPrimaries.joined(separator: ", ")) is not the one that the retranslation index carries: look at the connected side if it stays so"
      )
    }
    guard let first = report.olderIndexes.first else { return }
    let others = report.olderIndexes.count > 1 ? " and \(report.olderIndexes.count - 1) more" : ""
    reporter.warning(
      "older-index",
      "\(bundle.reader.name): \(first)\(others): signed by the vendor, but older than what is here. If the next bundle has it still so, look at the connected side."
    )
  }
}
