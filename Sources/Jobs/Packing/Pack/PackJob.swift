import BundleFormat
import Catalogue
import Collecting
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import Parcels
import Releases
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Writes a snapshot to a medium, as a full or an incremental bundle, and signs it.
package struct PackJob: Sendable, InContext {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// The snapshot; `nil` is the newest.
    package var snapshot: Int?
    /// The snapshot that an incremental bundle is to build on; `nil`: what the site has by its receipt.
    package var base: Int?
    /// Whether a full bundle is made in any case.
    package var full: Bool
    /// In the repeating mode: every how many bundles a full one is made.
    package var fullEvery: Int?
    /// The most bytes that the bundle may have: components that do not fit are left behind.
    package var fit: Int64?
    /// Components that are left behind in any case.
    package var without: [String]
    /// Whether another bundle of the same snapshot number is written over, whosever it is.
    package var overwrite: Bool
    /// Whether older bundles for the same site are removed from the folder when this one is whole.
    package var replace: Bool
    /// Whether to pack a snapshot that was made by a sync which ended with errors.
    package var evenAfterErrors: Bool
    /// The site that the bundle is for; `nil`: for any.
    package var site: String?
    /// Whether that may be a site of which nothing was ever heard.
    package var isNewSite: Bool
    /// Whether only to say what would be written.
    package var dryRun: Bool
    /// Whether the bundle is made in a folder of the store, to be streamed or spread: what else waits for the site does
    /// not go with it.
    package var isStaged: Bool
    /// Whether packages of this program ride along: those of a path, or those that did before.
    package var program: ProgramWish

    /// A choice.
    package init(
      snapshot: Int? = nil,
      base: Int? = nil,
      full: Bool = false,
      fullEvery: Int? = nil,
      fit: Int64? = nil,
      without: [String] = [],
      overwrite: Bool = false,
      replace: Bool = false,
      evenAfterErrors: Bool = false,
      site: String? = nil,
      isNewSite: Bool = false,
      dryRun: Bool = false,
      isStaged: Bool = false,
      program: ProgramWish = .none
    ) {
      self.program = program
      self.snapshot = snapshot
      self.base = base
      self.full = full
      self.fullEvery = fullEvery
      self.fit = fit
      self.without = without
      self.overwrite = overwrite
      self.replace = replace
      self.evenAfterErrors = evenAfterErrors
      self.site = site
      self.isNewSite = isNewSite
      self.dryRun = dryRun
      self.isStaged = isStaged
    }
  }

  package let context: JobContext
  private let settings: PackSettings
  private let options: Options

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - settings: how bundles are made.
  ///   - options: what a person chooses for this run.
  package init(_ context: JobContext, settings: PackSettings, options: Options = Options()) {
    self.context = context
    self.settings = settings
    self.options = options
  }

  /// Writes the bundle. Of the store only the signed metadata changes.
  ///
  /// - Throws: ``JobError``; nothing of the bundle is left then.
  package func run() async throws -> PackReport {
    let ground = try openGround()
    if !options.dryRun {
      try audit.refuseIfBusy()
      try ground.medium.lock()
    }
    let whole = try chosenSnapshot(of: ground.store)
    if !options.evenAfterErrors { try refuseAfterErrors(ground.store, whole) }
    if !options.dryRun { Collecting.takeFound(at: ground.output, context) }
    guard let repository = try OwnRepository(context) else { throw try noKeys() }
    let ownership = try BundleOwnership(metadata: repository.metadataFolder)
    // What has just been collected may have made it known.
    if let site = options.site { try SiteRegistry(folders).refuseUnheard(site, isNew: options.isNewSite) }
    if !options.dryRun { try makeRoom(ownership, ground) }

    let snapshot = try numbered(try narrowedForSite(whole, ground.store), ground.store)
    let choice = try BaseChoice(context: context, store: ground.store, options: options)
      .choose(for: snapshot)
    if case .nothingToCarry = choice {
      return .nothingToCarry(
        .init(
          subject: .init(snapshot, site: options.site, in: ground.output),
          deliveries: options.dryRun ? [] : try sendDeliveries(to: ground.medium),
          medium: try options.dryRun ? nil : finish(ground)
        )
      )
    }
    let fitting = try fitting(snapshot, choice, ground)
    let programs = try options.program.programs(on: shelf, reporter, dryRun: options.dryRun)
    let writing = try writing(of: fitting, choice, repository, programs, ground, ownership)
    if !options.overwrite { try writing.refuseOthers() }
    let freeBytes = try ground.medium.place.freeSpace().bytes
    if let planned = fitting.planned {
      return .planned(
        .init(
          planned,
          fitting,
          writing.names,
          site: options.site,
          in: ground.output,
          programs: programs,
          freeBytes
        )
      )
    }
    let subject = PackReport.Subject(writing.snapshot, site: options.site, in: ground.output)
    let load = PackReport.Load(
      writing.name,
      writing.increment,
      left: fitting.left,
      programs: programs,
      freeBytes: freeBytes
    )
    if options.dryRun {
      return .planned(.init(subject: subject, load: load, worstCaseBytes: try writing.plan().worstCaseBytes))
    }

    let there = options.overwrite ? nil : try await writing.bundleThere()
    let bundle = try there.map { try finish($0, writing, wasThere: true) } ?? write(writing, to: ground.output)
    return .written(
      .init(
        bundle,
        subject,
        load,
        wasThere: there != nil,
        isReadBack: settings.readBack,
        deliveries: try sendDeliveries(to: ground.medium),
        medium: try finish(ground)
      )
    )
  }

  /// What the folder is that was written to; `nil` for one of the store.
  private func finish(_ ground: Ground) throws -> MediumFacts? { try options.isStaged ? nil : ground.medium.finish() }

  /// Removes from the medium what nobody needs any more: what killed runs have left, and what the site has imported.
  private func makeRoom(_ ownership: BundleOwnership, _ ground: Ground) throws {
    let place = ground.medium.place
    let cleaning = BundleWriter(
      BundleNames(snapshot: 1),
      to: place,
      mark: ownership.mark,
      options: BundleOptions(threads: 1)
    )
    let left = try cleaning.removeLeftovers(isOurs: ownership.isOurs)
    if !left.isEmpty {
      reporter.information(
        "leftovers-removed",
        "\(place): removed what an interrupted run had left: \(Words.list(left))"
      )
    }
    guard let name = options.site, let site = try SiteRegistry(folders).site(named: name) else { return }
    let imported = try ownership.removeImported(by: site, from: place, ground.store)
    guard !imported.isEmpty, let receipt = site.newest else { return }
    reporter.information(
      "bundles-imported",
      "\(place): removed \(Words.list(imported)), since site '\(name)' has imported \(imported.count == 1 ? "it" : "them") (receipt \(receipt.number))"
    )
  }

  /// Where a bundle is made of what.
  private struct Ground {
    let store: ContentStore
    /// The folder to write to, as a person has named it.
    let output: FilePath
    /// The same, held open.
    let medium: Medium
  }

  private func openGround() throws -> Ground {
    guard let output = settings.output else {
      throw JobError(
        .configuration,
        "no folder to write to",
        remedy: "Name one with --output, or set 'output' in [pack] of the configuration."
      )
    }
    let store = try ContentStore.open(folder, access: .reading)
    let medium = try Medium.open(output, options.isStaged ? .never : settings.mount, store: folder)
    return Ground(store: store, output: output, medium: medium)
  }

  /// Only what the site uses, where it has said so.
  private func narrowedForSite(_ whole: Snapshot, _ store: ContentStore) throws -> Snapshot {
    guard let site = options.site else { return whole }
    return try SiteSelection(context: context, store: store, site: site, dryRun: options.dryRun).narrowed(whole)
  }

  /// With a number that its receivers take, unless a person has named the snapshot.
  private func numbered(_ snapshot: Snapshot, _ store: ContentStore) throws -> Snapshot {
    guard options.snapshot == nil else { return snapshot }
    return try Renumbering(context: context, store: store, site: options.site, dryRun: options.dryRun)
      .renumbered(snapshot)
  }

  /// Writes what waits for the site beside the bundle. Of a bundle for any site, or one that is streamed or spread, it is
  /// said only what waits.
  private func sendDeliveries(to medium: Medium) throws -> [WrittenParcel] {
    func outbox(_ name: String) throws -> ParcelOutbox {
      try ParcelOutbox(context, .toSite, site: name)
    }
    if let site = options.site, !options.isStaged {
      let outbox = try outbox(site)
      // Those that have arrived leave the medium.
      return try outbox.parcels().isEmpty ? [] : outbox.send(to: medium, readBack: settings.readBack)
    }
    let stick = options.isStaged ? "STICK" : medium.place.shown.string
    var names = [options.site].compactMap { $0 }
    if names.isEmpty { names = try SiteRegistry(folders).names() }
    for name in names {
      // What is damaged of a site is no reason against a bundle for any.
      let count = (try? outbox(name).parcels().count { $0.acknowledged == nil }) ?? 0
      guard count > 0 else { continue }
      reporter.information(
        "deliveries-wait",
        "\(count == 1 ? "a delivery waits" : "\(count) deliveries wait") for site \(name): 'kscmirror parcel send --to \(name) --output \(stick)' writes them to the stick"
      )
    }
    return []
  }

  private func writing(
    of selection: Fitting.Selection,
    _ choice: BaseChoice.Choice,
    _ repository: OwnRepository,
    _ programs: [CarriedProgram],
    _ ground: Ground,
    _ ownership: BundleOwnership
  ) throws -> BundleWriting {
    let snapshot = selection.snapshot
    let increment = try increment(of: snapshot, choice, in: ground.store)
    var form = bundleOptions
    let naming = try BundleNaming(for: options.site, in: folder, reporter: reporter)
    form.naming = naming.volumes
    let names = BundleNames(
      snapshot: snapshot.number,
      base: increment?.base.number,
      site: naming.hasSite ? options.site : nil
    )
    return BundleWriting(
      context: context,
      store: ground.store,
      snapshot: snapshot,
      repository: repository,
      names: names,
      ownership: ownership,
      writer: BundleWriter(names, to: ground.medium.place, mark: ownership.mark, options: form),
      increment: increment,
      measuredBytes: selection.bytes,
      site: options.site,
      parity: settings.parity,
      naming: form.naming,
      measuring: measuring(isFull: increment == nil),
      readsBack: settings.readBack,
      parcels: try ParcelWord(context, to: options.site, dryRun: options.dryRun),
      programs: programs,
      shelf: shelf
    )
  }

  private var shelf: ProgramShelf { ProgramShelf(StoreFolders(folder)) }

  /// The part of a snapshot that fits; all of it when nothing says how much that is.
  private func fitting(_ snapshot: Snapshot, _ choice: BaseChoice.Choice, _ ground: Ground) throws -> Fitting.Selection
  {
    guard options.fit != nil || !options.without.isEmpty else {
      return Fitting.Selection(snapshot: snapshot, left: [], bytes: nil)
    }
    var base: Snapshot?
    if case .base(let snapshot) = choice { base = snapshot }
    let space = try ground.medium.place.freeSpace()
    return try Fitting(
      folder: folder,
      store: ground.store,
      base: base,
      room: options.fit.map { min($0, space.bytes) },
      blocks: MediumBlocks(size: space.blockSize),
      priority: settings.priority,
      without: options.without,
      held: try base
        ?? options.site.flatMap { try SiteRegistry(folders).site(named: $0) }?
        .base(among: ground.store.snapshots()),
      site: options.site,
      dryRun: options.dryRun,
      writer: BundleWriter(
        BundleNames(snapshot: snapshot.number),
        to: ground.medium.place,
        options: measuring(isFull: base == nil)
      ),
      limits: GroupPlan.Limits(volumeSize: settings.volumeSize),
      volumeSize: settings.volumeSize,
      parity: bundleOptions.parity,
      reporter: reporter
    ).select(from: snapshot)
  }

  /// How bundles are measured: what a full one carries is compressed as its volumes are.
  private func measuring(isFull: Bool) -> BundleOptions {
    var options = bundleOptions
    if isFull { options.patchLevel = settings.compressionLevel }
    return options
  }

  /// What an incremental bundle carries; `nil` for a full one.
  private func increment(
    of snapshot: Snapshot,
    _ choice: BaseChoice.Choice,
    in store: ContentStore
  ) throws -> IncrementPlan? {
    guard case .base(let base) = choice else { return nil }
    reporter.report(.phase("comparing snapshots \(base.number) and \(snapshot.number)"))
    let limits = GroupPlan.Limits(volumeSize: settings.volumeSize)
    return try IncrementPlan(of: snapshot, from: base, in: store, limits: limits)
  }

  /// What the web store shows is what is published, also when another snapshot was just signed for a bundle.
  private func signCurrent(
    _ repository: OwnRepository,
    of store: ContentStore,
    besides packed: Snapshot
  ) throws {
    guard let current = try store.current(), current.number != packed.number else { return }
    let snapshot = try store.snapshot(current.number)
    try repository.publish(snapshot, of: store)
  }

  private func noKeys() throws -> JobError {
    let areLost = try KeysJob.areLost(in: folders)
    return JobError(
      .keyUnusable,
      "\(folders.keys): \(areLost ? "the keys to sign with are lost" : "there are no keys to sign with")",
      remedy: areLost ? KeysJob.lostKeys : "Make them with 'kscmirror keys init'."
    )
  }

  private func write(_ writing: BundleWriting, to output: FilePath) throws -> WrittenBundle {
    let beginning = AuditNote(
      .pack,
      "the packing of snapshot \(writing.snapshot.number) to \(output)",
      ["bundle": .string(writing.name), "snapshot": .integer(Int64(writing.snapshot.number))]
    )
    reporter.report(.phase("packing snapshot \(writing.snapshot.number)"))
    let (written, position) = try audit.noting(beginning) { _ in
      let written = try finish(try writing.write(), writing, wasThere: false)
      return (written, .pack(written, to: output))
    }
    reporter.information("journal", "journal: \(position)")
    return written
  }

  /// What follows when the bundle is there, whole.
  private func finish(_ bundle: WrittenBundle, _ writing: BundleWriting, wasThere: Bool) throws -> WrittenBundle {
    try signCurrent(writing.repository, of: writing.store, besides: writing.snapshot)
    if options.replace {
      let site = options.site
      _ = try writing.writer.removeOlder { writing.ownership.isOurs($0, for: site) }
    }
    if let site = options.site {
      try SiteRegistry(folders).introduce(site)
      try SiteRegistry(folders).notePacked(PackedForSite(bundle, at: clock.now), for: site)
      if options.fullEvery != nil && !wasThere { try RepeatingRounds(folder).note(bundle.facts, for: site) }
    }
    return bundle
  }

  /// The snapshot that was named, or the newest one that nobody went back from.
  private func chosenSnapshot(of store: ContentStore) throws -> Snapshot {
    let standing = try Standing(of: store)
    if let number = options.snapshot {
      let named = try store.snapshot(number)
      if let rollback = standing.rollback(of: number, named.treeDigest) {
        reporter.warning(
          "rolled-back",
          "snapshot \(number) was rolled back here on \(rollback.since.text); it is packed, since it was named"
        )
      }
      return named
    }
    guard let newest = try store.newestWhole() else {
      throw JobError(
        .notThere,
        "\(folder): there is no snapshot in the store yet",
        remedy: "Run 'kscmirror sync' first."
      )
    }
    guard let held = standing.facts else { return newest }
    guard standing.rollback(of: newest.number, newest.treeDigest) != nil, let wanted = standing.wanted else {
      reporter.warning("held-back", "\(held.text); the newest is packed all the same")
      return newest
    }
    reporter.warning(
      "held-back",
      "\(held.text), and is what is packed. 'kscmirror pack --snapshot \(newest.number)' packs the newest all the same"
    )
    return try store.snapshot(wanted)
  }

  /// A snapshot that only runs with errors have made lacks something. One that was sealed whole stays so, whatever a later
  /// run said: it is older than its reader may think, which is reported, and warned of when it has lasted a day.
  private func refuseAfterErrors(_ store: ContentStore, _ snapshot: Snapshot) throws {
    let runs = try store.runs(last: Run.mostRemembered, job: "sync")
    let made = runs.filter { $0.snapshot == snapshot.number }
    if let culprit = made.last, !made.contains(where: { $0.outcome == .ok }) {
      throw JobError(
        .lastSyncFailed,
        "the sync that made snapshot \(snapshot.number) ended with errors: \(Self.firstLine(of: culprit.message))",
        remedy: "Run 'kscmirror sync' again, or pack with --even-after-errors."
      )
    }
    guard options.snapshot == nil, let last = runs.first, last.outcome != .ok else { return }
    let good = runs.first { $0.outcome == .ok }
    let text =
      "the last sync failed (\(Self.firstLine(of: last.message))); snapshot \(snapshot.number) is whole, and is what the last good one had"
      + (good.map { ", on \($0.finished.text)" } ?? "")
    let isLong = good.map { clock.now.seconds(since: $0.finished) > Self.longWithoutSync } ?? true
    isLong
      ? reporter.warning("sync-failing", "\(text). Look at 'kscmirror status'")
      : reporter.information("sync-failed", text)
  }

  /// After so many seconds without a good sync somebody should look: a day.
  private static let longWithoutSync: Int64 = 86_400

  private static func firstLine(of message: String) -> Substring { message.split(separator: "\n").first ?? "" }

  private var bundleOptions: BundleOptions {
    BundleOptions(
      volumeSize: settings.volumeSize,
      compressionLevel: settings.compressionLevel,
      patchLevel: settings.patchLevel,
      threads: settings.threads ?? Processors.count,
      parity: settings.parity,
      readBack: settings.readBack
    )
  }
}
