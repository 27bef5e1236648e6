import Catalogue
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
package struct SyncJob: Sendable, InContext {
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

  package let context: JobContext
  private let options: Options

  /// A job on the configuration's store and sources.
  package init(_ context: JobContext, options: Options = Options()) {
    self.context = context
    self.options = options
  }

  /// Syncs the sources one after the other. One that fails does not stop the others, and keeps what it had.
  ///
  /// - Throws: ``JobError`` when nothing could be synced; the store and what is published stay as they were then.
  package func run() async throws -> SyncReport {
    let sources = try chosenSources()
    try audit.refuseIfBusy()
    let store = try ContentStore.open(configuration.store, access: .writing, create: true)
    reporter.reportRepairs(of: store)
    let releases = ReleaseSwitch(store, context)
    let finished = releases.finishEarlier()
    let record = RunRecord(job: "sync", clock)
    do {
      let last = try store.newestWhole()
      let results = try await fetch(sources, into: store, after: last)
      let (snapshot, standing) = try publish(results, in: store, after: last, releases)
      try record.finish(in: store, outcome: results.outcome, message: results.message, snapshot: snapshot.number)
      return SyncReport(
        results,
        snapshot,
        isNew: snapshot.number != last?.number,
        standing,
        finished: finished,
        context
      )
    } catch {
      try? record.finish(in: store, outcome: .failed, message: JobError(error).message, snapshot: nil)
      throw error
    }
  }

  /// Fetches what each source has, and judges it.
  ///
  /// - Throws: the failure of the first source, if all have failed.
  private func fetch(
    _ sources: [Source],
    into store: ContentStore,
    after last: Snapshot?
  ) async throws -> SourceResults {
    let judgement = SourceJudgement(
      configuration: configuration,
      options: options,
      store: store,
      last: last,
      reporter: reporter
    )
    var results = SourceResults()
    for source in sources {
      do {
        let outcome = try await fetch(source, into: store, after: last)
        try judgement.judge(outcome, of: source)
        results.outcomes.append(outcome)
      } catch {
        let failure = JobError(error)
        results.failures.append(.init(source: source.name, error: failure))
        audit.noteRefusal(ofSource: source.name, failure, reporter)
        if sources.count > 1 { reporter.error("source-failed", "source \(source.name): \(failure)") }
      }
    }
    if results.outcomes.isEmpty, let failure = results.failures.first { throw failure.error }
    return results
  }

  /// Seals one snapshot of what the sources have, and publishes it. If nothing has changed, the last one stays.
  private func publish(
    _ results: SourceResults,
    in store: ContentStore,
    after last: Snapshot?,
    _ releases: ReleaseSwitch
  ) throws -> (Snapshot, Standing) {
    let sealing = SnapshotSealing(store: store, configured: configuration.sources.map(\.name), last: last, clock: clock)
    // Nothing can go on with what unfinished files there are.
    let isWhole = results.failures.isEmpty && options.sources.isEmpty
    if let last = sealing.unchanged(results.outcomes) {
      if isWhole { try store.forgetPartials() }
      return (last, try releases.follow())
    }
    let names = results.outcomes.map(\.source).joined(separator: ", ")
    let note = AuditNote(.sync, "a snapshot of what was fetched from \(names)", ["sources": .string(names)])
    let snapshot = try audit.noting(note) { change in
      let snapshot = try sealing.seal(results.outcomes)
      if isWhole { try store.forgetPartials() }
      return (snapshot, try releases.follow(in: change))
    }.value
    try releases.settle()
    return (snapshot, try Standing(of: store))
  }

  /// Fetches what one source has, by a client of its own.
  private func fetch(_ source: Source, into store: ContentStore, after last: Snapshot?) async throws -> SourceOutcome {
    var servers: [Server] = []
    if case .kaspersky(let tree) = source.kind { servers = tree.servers }
    var transport = try TransferOptions(source.transport, servers: servers)
    transport.onEvent = { [reporter] in $0.report(to: reporter, source: source.name) }
    let client = try transports.files(transport)
    defer { client.shutdown() }
    let fetcher = Fetcher(store: store, client: client, source: source.name, clock: clock)
    return try await sync(of: source, by: fetcher, after: last).run()
  }

  /// What syncs a source of this kind.
  private func sync(of source: Source, by fetcher: Fetcher, after last: Snapshot?) -> any SourceSync {
    switch source.kind {
    case .kaspersky(let tree):
      UpdateTreeSync(
        name: source.name,
        tree: tree,
        fetcher: fetcher,
        walks: configuration.sync.walks,
        recheck: options.recheck,
        vendor: configuration.vendor,
        absentLimit: configuration.sync.absentLimit,
        acceptsAbsent: options.acceptShrink,
        allowsOlder: options.allowOlder,
        notesBefore: last.flatMap { SnapshotNotes($0.notes) }?.sources[source.name],
        sites: SiteRegistry(folders),
        reporter: reporter
      )
    case .files(let files):
      FilesSync(
        name: source.name,
        files: files,
        fetcher: fetcher,
        recheck: options.recheck,
        requiresProof: configuration.vendor.signatures == .required,
        reporter: reporter
      )
    case .tuf(let repository):
      RepositorySync(
        name: source.name,
        repository: repository,
        fetcher: fetcher,
        trust: folders.trust(ofSource: source.name),
        vendor: configuration.vendor,
        reporter: reporter
      )
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
