import ContentStore
import Demand
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Releases
import Sites
import StoreTrust
import Transfer
import VendorChecks

/// Fetches what is new from all sources, seals it as one snapshot and publishes it.
package struct SyncJob: Sendable {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// Names of the sources to sync; empty: all.
    package var sources: [String]
    /// Whether a snapshot is sealed even if much of the last one is missing in it.
    package var acceptShrink: Bool
    /// Whether every file is asked for again.
    package var recheck: Bool
    /// Whether primary indexes may be older than those of the last snapshot.
    package var allowOlder: Bool

    /// A choice.
    package init(
      sources: [String] = [],
      acceptShrink: Bool = false,
      recheck: Bool = false,
      allowOlder: Bool = false
    ) {
      self.sources = sources
      self.acceptShrink = acceptShrink
      self.recheck = recheck
      self.allowOlder = allowOlder
    }
  }

  private let configuration: Configuration
  private let options: Options
  private let reporter: any JobReporter

  /// A job on the configuration's store and sources.
  package init(configuration: Configuration, options: Options = Options(), reporter: any JobReporter) {
    self.configuration = configuration
    self.options = options
    self.reporter = reporter
  }

  /// Syncs the sources one after the other. One that fails does not stop the others, and keeps what it had.
  ///
  /// - Throws: an error when nothing could be synced; the store and what is published stay as they were then.
  package func run() async throws -> SyncReport {
    let sources = try chosenSources()
    try Audit(StoreFolders(configuration.store).journal).refuseIfBusy()
    let store = try ContentStore.open(configuration.store, access: .writing, create: true)
    reporter.reportRepairs(of: store)
    let releases = ReleaseSwitch(store, folder: configuration.store, trust: configuration.trust, reporter)
    let finished = releases.finishEarlier()
    let record = RunRecord(job: "sync")
    do {
      var report = try await sync(sources, store, releases)
      report.finished = finished
      let message = report.failures.map { "source \($0.source) failed: \($0.message)" }.joined(separator: "; ")
      let outcome: Run.Outcome = report.failures.isEmpty ? .ok : .withErrors
      try record.finish(in: store, outcome: outcome, message: message, snapshot: report.snapshot)
      return report
    } catch {
      try? record.finish(in: store, outcome: .failed, message: JobError(error).message, snapshot: nil)
      throw error
    }
  }

  private func sync(
    _ sources: [Source],
    _ store: ContentStore,
    _ releases: ReleaseSwitch
  ) async throws -> SyncReport {
    let last = try store.newestWhole()
    var outcomes: [SourceOutcome] = []
    var failures: [(source: String, error: JobError)] = []
    for source in sources {
      do {
        let outcome = try await sync(source, store, after: last)
        try judge(outcome, of: source, against: last, store)
        outcomes.append(outcome)
      } catch {
        let failure = JobError(error)
        failures.append((source.name, failure))
        Audit(StoreFolders(configuration.store).journal).noteRefusal(ofSource: source.name, failure, reporter)
        if sources.count > 1 { reporter.error("source-failed", "source \(source.name): \(failure)") }
      }
    }
    if outcomes.isEmpty, let failure = failures.first { throw failure.error }
    let sealing = SnapshotSealing(store: store, configured: configuration.sources.map(\.name), last: last)
    // Nothing is left to go on with.
    let isWhole = failures.isEmpty && options.sources.isEmpty
    let (snapshot, standing) = try publish(outcomes, sealing, store, releases, isWhole: isWhole)
    return SyncReport(
      snapshot: snapshot.number,
      isNew: snapshot.number != last?.number,
      current: standing.current,
      heldBack: standing.facts,
      sources: outcomes.map(\.facts),
      failures: failures.map {
        SyncReport.Failure(source: $0.source, status: $0.error.status.rawValue, message: $0.error.message)
      }
    )
  }

  /// Seals what the sources came to, and publishes it.
  private func publish(
    _ outcomes: [SourceOutcome],
    _ sealing: SnapshotSealing,
    _ store: ContentStore,
    _ releases: ReleaseSwitch,
    isWhole: Bool
  ) throws -> (Snapshot, Standing) {
    if let last = sealing.unchanged(outcomes) {
      if isWhole { try store.forgetPartials() }
      return (last, try releases.follow())
    }
    let names = outcomes.map(\.source).joined(separator: ", ")
    let note = AuditNote(.sync, "a snapshot of what has come from \(names)", ["sources": .string(names)])
    let snapshot = try Audit(StoreFolders(configuration.store).journal).noting(note) { change in
      let snapshot = try sealing.seal(outcomes)
      if isWhole { try store.forgetPartials() }
      return (snapshot, try releases.follow(in: change))
    }.value
    try releases.settle()
    return (snapshot, try Standing(of: store))
  }

  private func sync(_ source: Source, _ store: ContentStore, after last: Snapshot?) async throws
    -> SourceOutcome
  {
    var servers: [Server] = []
    if case .kaspersky(let tree) = source.kind { servers = tree.servers }
    var transport = try TransferOptions(source.transport, servers: servers)
    transport.onPause = { [reporter] in $0.report(to: reporter, source: source.name) }
    let client = try TransferClient(transport)
    defer { client.shutdown() }
    let fetcher = Fetcher(store: store, client: client, source: source.name)
    switch source.kind {
    case .kaspersky(let tree):
      let sync = UpdateTreeSync(
        name: source.name,
        tree: tree,
        fetcher: fetcher,
        walks: configuration.sync.walks,
        recheck: options.recheck,
        vendor: configuration.vendor,
        absentLimit: configuration.sync.absentLimit,
        acceptsAbsent: options.acceptShrink,
        rosterBefore: last.flatMap { SnapshotNotes($0.notes) }?.sources[source.name]?.roster,
        sites: SiteRegistry(store: configuration.store),
        reporter: reporter
      )
      return try await sync.run()
    case .files(let files):
      let sync = FilesSync(
        name: source.name,
        files: files,
        fetcher: fetcher,
        recheck: options.recheck,
        requiresProof: configuration.vendor.signatures == .required,
        reporter: reporter
      )
      return try await sync.run()
    case .tuf(let repository):
      let sync = RepositorySync(
        name: source.name,
        repository: repository,
        fetcher: fetcher,
        trust: StoreFolders(configuration.store).trust(ofSource: source.name),
        vendor: configuration.vendor,
        reporter: reporter
      )
      return try await sync.run()
    }
  }

  private func chosenSources() throws -> [Source] {
    let names = configuration.sources.map(\.name)
    guard !names.isEmpty else {
      throw JobError(
        .configuration,
        "\(configuration.file): there is no [[source]] in it",
        remedy: "See kscmirror.toml(5)."
      )
    }
    for name in options.sources where !names.contains(name) {
      let nearest = NearestName.of(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw JobError(.usage, "there is no source '\(name)' in \(configuration.file)\(nearest)")
    }
    return options.sources.isEmpty
      ? configuration.sources : configuration.sources.filter { options.sources.contains($0.name) }
  }
}

// MARK: - Judgement

extension SyncJob {
  /// Decides whether a source's new state may become part of a snapshot, and tells what a person should know of it.
  private func judge(
    _ outcome: SourceOutcome,
    of source: Source,
    against last: Snapshot?,
    _ store: ContentStore
  ) throws {
    guard let files = outcome.files else { return }
    let before = last.flatMap { SnapshotNotes($0.notes) }?.sources[source.name]
    reportDrift(outcome.notes, before: before, source.name)
    reportDiffering(outcome.notes, before: before, source.name)
    if !options.allowOlder, let before {
      try PrimaryDates.refuseOlder(outcome.notes.primaries, than: before, at: "source \(source.name)")
    }
    try refuseAbsentIfStrict(outcome.notes, source)
    guard let last else { return }
    let summary = try store.summary(of: last.number)
    let retired = try reportComponents(outcome, files, of: source, before: before, last, summary, store)
    guard !options.acceptShrink else { return }
    let differences = (before?.differences ?? .init(), outcome.notes.differences ?? .init())
    let shrinking = ShrinkGuard(limit: configuration.sync.shrinkLimit)
    let changes = try changedDemand(outcome, store)
    if let changes {
      reporter.information("demand-changed", "source \(source.name): what the sites want has changed: \(changes)")
    }
    guard before?.plan == outcome.notes.plan || changes != nil else {
      return reporter.information(
        "selection-changed",
        "source \(source.name): another selection than before; the shrink guard rests"
      )
    }
    try shrinking.check(
      source.name,
      before: summary,
      now: files,
      differences: differences,
      retired: retired,
      changedDemand: changes
    )
  }

  /// How what the sites want differs from what the last sync took for them; `nil` where it does not, or did not depend on
  /// them.
  private func changedDemand(_ outcome: SourceOutcome, _ store: ContentStore) throws -> String? {
    guard let now = outcome.demand else { return nil }
    let state = try store.sourceState(outcome.source)
    return state.flatMap { TreeMemory($0.notes)?.demand }.flatMap(now.changes)
  }

  /// Warns of what in the indexes is unknown to us and was not there the last time.
  private func reportDrift(_ notes: SourceNotes, before: SourceNotes?, _ source: String) {
    let known = Set(before?.drift.map(\.name) ?? [])
    for finding in notes.drift where !known.contains(finding.name) {
      reporter.warning(
        "drift",
        "source \(source): the indexes have something new: \(finding.name), \(finding.count) times, such as \(finding.sample). All bytes are mirrored as they are; an update of kscmirror may read more in them."
      )
    }
  }

  /// Tells which components the vendor has retired, and which are new beside a list.
  ///
  /// - Returns: components that are gone from the source, and that the vendor has retired.
  private func reportComponents(
    _ outcome: SourceOutcome,
    _ files: SourceFiles,
    of source: Source,
    before: SourceNotes?,
    _ last: Snapshot,
    _ summary: [ComponentSummary],
    _ store: ContentStore
  ) throws -> Set<String> {
    guard case .kaspersky(let tree) = source.kind, let word = outcome.vendorWord, let now = outcome.notes.roster
    else { return [] }
    let news = ComponentNews(
      source: source.name,
      changes: ComponentChanges(listed: tree.components, before: before?.roster, now: now),
      word: word
    )
    let gone = ShrinkGuard.gone(source.name, before: summary, now: files)
    let retired =
      gone.isEmpty ? [] : try news.accounted(gone) { body in try store.forEachFile(in: last.number, body) }
    // Of another selection, what is gone was left out by a person.
    let isSame = before?.plan == outcome.notes.plan
    for notice in news.notices(retired: isSame ? retired : []) { reporter.report(.notice(notice)) }
    return retired
  }

  /// Warns of primary indexes that the servers have in two forms, once.
  private func reportDiffering(_ notes: SourceNotes, before: SourceNotes?, _ source: String) {
    guard let differing = notes.differingPrimaries, differing != before?.differingPrimaries else { return }
    reporter.warning(
      "differing-primaries",
      "source \(source): the server's \(differing.joined(separator: ", ")) is not the one that its retranslation index carries; the server's own file was taken. If it stays so, the server has parts of two states."
    )
  }

  private func refuseAbsentIfStrict(_ notes: SourceNotes, _ source: Source) throws {
    guard notes.absentCount > 0, source.strict ?? configuration.sync.strict else { return }
    let sample = notes.absent.prefix(3).joined(separator: ", ") + (notes.absentCount > 3 ? ", …" : "")
    let text =
      "source \(source.name): \(notes.absentCount) files are named by the indexes and absent on the servers: \(sample)"
    throw JobError(.absentFiles, text, remedy: "Try again later, or set strict = false.")
  }
}
