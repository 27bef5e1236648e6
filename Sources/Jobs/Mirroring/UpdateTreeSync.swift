import ContentStore
import Demand
import JobCore
import MirrorConfiguration
import MirrorTypes
import Sites
import StoreTrust
import Transfer
import UpdateIndex
import VendorChecks

/// Syncs one source of kind `kaspersky`: from its primary indexes to every file that they name.
///
/// 1. Ask for all indexes that the last sync knew. Nothing new: done.
/// 2. Walk from the primary indexes and fetch what is not known to be good already; then what lies beside it, if
///    difference files are mirrored.
/// 3. Ask for the primary indexes again. Changed: walk again; what is the same is not fetched again.
struct UpdateTreeSync {
  let name: String
  let tree: UpdateTreeSource
  let fetcher: Fetcher
  let walks: Int
  let recheck: Bool
  let vendor: VendorSettings
  /// How many percent of what is named may be absent.
  let absentLimit: Int
  /// Whether a person lets through what is absent now.
  let acceptsAbsent: Bool
  /// The roster of the last snapshot.
  let rosterBefore: ComponentRoster?
  /// The sites whose reports decide what is mirrored, where the source says so.
  let sites: SiteRegistry
  let reporter: any JobReporter

  private var store: ContentStore { fetcher.store }

  /// Syncs the source.
  ///
  /// - Throws: an error; what was fetched stays in the store for the next run.
  func run() async throws -> SourceOutcome {
    reporter.report(.phase("\(name): asking for changes"))
    let (plan, demand) = try await makePlan()
    let memory = try memory(for: plan)
    var decider = FetchDecider(store: store, memory: recheck ? nil : memory, recheck: recheck)
    let answers = IndexAnswers(fetcher: fetcher, memory: memory, maximumBytes: Int64(decider.maximumIndexBytes))
    if let memory {
      // One that was absent is asked for in the walk, and so are files whose time has come; one that another carries can only
      // have come with a change to that one.
      let present = memory.indexes.filter { $0.value.object != nil && $0.value.carriedBy == nil }
      let indexes = try present.keys.map { try TreePath($0) }
      let isSame = (memory.diffs ?? false) == tree.diffs && memory.demand == demand && !recheck
      if try await answers.areUnchanged(indexes, primaries: plan.primaries) && isSame, try !isAnyAbsentDue(memory) {
        return unchanged(memory)
      }
    }
    let files = try FileMemory(of: name, in: store)
    let check = ComponentCheck(
      listed: tree.components,
      before: rosterBefore,
      source: name,
      answers: answers,
      fetcher: fetcher,
      maximumBytes: decider.maximumIndexBytes
    )
    let counter = FetchCounter()
    reporter.report(.phase("\(name): fetching"))
    var late: [IndexDates.Older] = []
    for _ in 1...walks {
      let walk = try TreeWalk(
        plan: plan,
        fetcher: fetcher,
        memory: files,
        answers: answers,
        decider: decider,
        vendor: try IndexJudge(vendor, source: name),
        counter: counter,
        reporter: reporter,
        whenIndexesAreTaken: { walk throws in
          try refuseAbsentIndexes(in: walk, answers)
          try check.refuseUnknown(in: walk)
        }
      )
      try await walk.run()
      let differences = try await fetchDifferences(of: walk, files, answers, decider, counter)
      let answered = walk.answered.union(differences?.answered ?? [])
      if try await answers.askAgain(for: plan.primaries, doubtful: walk.indexDates.doubtful) {
        late = []
        decider.distrust(answered)
        reporter.information("primaries-changed", "\(name): the primary indexes changed meanwhile; walking again")
        continue
      }
      late = walk.indexDates.late(now: walk.dates.values.max())
      guard late.isEmpty else {
        decider.trust(answered)
        for index in late { answers.distrust(index.path) }
        reporter.information("index-late", "\(name): \(Self.lateness(late)); asking again")
        continue
      }
      try refuseMismatches(of: walk)
      reportOlder(walk.indexDates, before: memory?.notes)
      let published = PublishedTree(of: walk, with: differences, files, answers)
      let findings = try findings(of: walk, files, answers, check)
      return try outcome(of: walk, published, answers, plan, demand, counter, sealed: files.now, findings)
    }
    guard late.isEmpty else {
      throw JobError(
        .movingTarget,
        "source \(name): \(Self.lateness(late)); no snapshot is sealed",
        remedy: "The server is in the middle of an update: run sync again later; what was fetched is kept."
      )
    }
    throw JobError(
      .movingTarget,
      "source \(name): the primary indexes changed during each of \(walks) walks; no snapshot is sealed",
      remedy: "Run sync again later; what was fetched is kept. 'walks' in [sync] allows more of them."
    )
  }

  /// The plan, with products looked up in the vendor's catalogue, which is asked for anew each time.
  private func makePlan() async throws -> (plan: TreePlan, demand: DemandNotes?) {
    guard !tree.products.isEmpty || tree.reported != nil else { return (try TreePlan(tree), nil) }
    let catalogue = try await CatalogueFetch(source: name, client: fetcher.client).run()
    guard let reported = tree.reported else { return (try TreePlan(tree, catalogue: catalogue), nil) }
    let demand = try DemandPlan(of: name, tree, reported, sites: try sites.all(), catalogue: catalogue)
    demand.tell(reporter, source: name)
    return (try TreePlan(tree, demand: demand), demand.notes)
  }

  /// What the last sealed sync knew, if it was made by the same plan.
  private func memory(for plan: TreePlan) throws -> TreeMemory? {
    let state = try store.sourceState(name)
    guard let memory = state.flatMap({ TreeMemory($0.notes) }) else { return nil }
    // Other settings may refuse what was taken before: everything is looked at again.
    return memory.plan == plan.fingerprint && memory.vendor == vendor.fingerprint ? memory : nil
  }

  /// Fetches what lies beside the files of a walk that went well, if that is wanted.
  private func fetchDifferences(
    of walk: TreeWalk,
    _ files: FileMemory,
    _ answers: IndexAnswers,
    _ decider: FetchDecider,
    _ counter: FetchCounter
  ) async throws -> DifferenceWalk? {
    guard tree.diffs, walk.mismatches.isEmpty else { return nil }
    reporter.report(.phase("\(name): fetching difference files"))
    let differences = DifferenceWalk(
      after: walk,
      fetcher: fetcher,
      memory: files,
      answers: answers,
      decider: decider,
      counter: counter,
      reporter: reporter
    )
    try await differences.run()
    return differences
  }

  /// Which indexes have not come to the server yet, as a clause.
  private static func lateness(_ late: [IndexDates.Older]) -> String {
    guard let first = late.first else { return "" }
    let others = late.count > 1 ? " (and \(late.count - 1) more)" : ""
    return
      "\(first.path) is of \(UTCTime(seconds: first.own.secondsSince1970).text), but \(first.parent) already says \(UTCTime(seconds: first.told.secondsSince1970).text)\(others)"
  }

  /// Reports indexes that stay older than their parents say, once.
  private func reportOlder(_ dates: IndexDates, before: SourceNotes?) {
    let older = dates.lasting
    guard !older.isEmpty, older.map(\.path.string) != before?.olderIndexes else { return }
    reporter.information(
      "older-indexes",
      "source \(name): \(Self.lateness(older)); the server does not change it, and it was used as it is"
    )
  }

  private func refuseMismatches(of walk: TreeWalk) throws {
    guard let first = walk.mismatches.sorted().first else { return }
    let others = walk.mismatches.count > 1 ? " (and \(walk.mismatches.count - 1) more)" : ""
    throw JobError(
      .wrongContent,
      "source \(name): \(first) does not have the content that the vendor's digest in \(walk.named[first]?.namedBy.string ?? "its index") says\(others); no snapshot is sealed",
      remedy:
        "The server may be in the middle of an update: run sync again later. If this does not change, do not trust this server."
    )
  }

  private func refuseNotVerifiable(_ notes: SourceNotes) throws {
    guard vendor.signatures == .required, let count = notes.vendor?.notVerifiable, count > 0 else { return }
    throw JobError(
      .notVerifiable,
      "source \(name): \(count) files carry no signature of the vendor's that can be verified",
      remedy: tree.diffs
        ? "Difference files never carry one: set diffs = false, or vendor_signatures = \"check\"."
        : "Narrow the selection, or set vendor_signatures = \"check\"."
    )
  }

  // MARK: - Outcome

  private func unchanged(_ memory: TreeMemory) -> SourceOutcome {
    let facts = SyncReport.SourceFacts(
      name: name,
      files: memory.files,
      bytes: memory.bytes,
      fetchedFiles: 0,
      fetchedBytes: 0,
      absent: memory.notes.absentCount,
      vendorChecked: 0,
      requests: fetcher.client.statistics.requests
    )
    return SourceOutcome(source: name, files: nil, notes: memory.notes, facts: facts)
  }

  private func outcome(
    of walk: TreeWalk,
    _ result: PublishedTree,
    _ answers: IndexAnswers,
    _ plan: TreePlan,
    _ demand: DemandNotes?,
    _ counter: FetchCounter,
    sealed: Int64,
    _ findings: TreeFindings
  ) throws -> SourceOutcome {
    let published = try SourceFiles(result.forEach)
    let (notes, strays) = try result.facts()
    try refuseNotVerifiable(notes)
    var memory = TreeMemory(plan: plan.fingerprint)
    memory.vendor = vendor.fingerprint
    memory.diffs = tree.diffs
    memory.demand = demand
    memory.sealed = sealed
    memory.indexes = answers.memory(of: walk.indexes)
    memory.files = published.count
    memory.bytes = published.bytes
    memory.notes = notes
    memory.notes.plan = plan.fingerprint
    memory.notes.selection = plan.noted
    findings.note(in: &memory)
    let facts = SyncReport.SourceFacts(
      name: name,
      files: memory.files,
      bytes: memory.bytes,
      fetchedFiles: counter.files,
      fetchedBytes: counter.bytes,
      absent: notes.absentCount,
      vendorChecked: counter.checked,
      requests: fetcher.client.statistics.requests
    )
    let text = try memory.text
    return SourceOutcome(
      source: name,
      files: published,
      forgotten: strays,
      remembered: findings.census.reported,
      vendorWord: findings.word,
      state: SourceState(configuration: plan.fingerprint, finished: memory.sealed, notes: text),
      notes: memory.notes,
      demand: demand,
      facts: facts
    )
  }
}
