import Catalogue
import ContentStore
import Demand
import JobCore
import MirrorConfiguration
import MirrorTypes
import Sites
import StoreTrust
import SyncRules
import Transfer
import UpdateIndex
import VendorChecks

/// Syncs one source of kind `kaspersky`: from its primary indexes to every file that they name.
///
/// 1. Ask for all indexes that the last sync knew. Nothing new: done.
/// 2. Walk from the primary indexes and fetch what is not known to be good already; then what lies beside it, if
///    difference files are mirrored.
/// 3. Ask for the primary indexes again. Changed: walk again; what is the same is not fetched again.
struct UpdateTreeSync: SourceSync {
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
  /// Whether primary indexes may be older than those of the last snapshot.
  let allowsOlder: Bool
  /// What the last snapshot notes of the source.
  let notesBefore: SourceNotes?
  /// The sites whose reports decide what is mirrored, where the source says so.
  let sites: SiteRegistry
  let reporter: any JobReporter

  private var store: ContentStore { fetcher.store }

  /// Syncs the source.
  ///
  /// - Throws: ``JobError``; what was fetched stays in the store for the next run.
  func run() async throws -> SourceOutcome {
    reporter.report(.phase("\(name): asking for changes"))
    var visit = try begin(try await makePlan())
    if let memory = try await memoryWhereAllAreBehind(visit) { return unchanged(memory) }
    if let memory = try await memoryIfUnchanged(visit) { return unchanged(memory) }
    reporter.report(.phase("\(name): fetching"))
    var late: [IndexDates.Older] = []
    for _ in 1...walks {
      let tree = try await walk(visit)
      switch try await state(of: tree, visit) {
      case .moved:
        late = []
        visit.decider.distrust(tree.answered)
        reporter.information("primaries-changed", "\(name): the primary indexes changed meanwhile; walking again")
      case .mixed(let server, let files):
        late = []
        visit.decider.distrust(files)
        for path in files { visit.answers.distrust(path) }
        reporter.information(
          "server-differs",
          "\(name): \(server) has another state than the server before; asking again"
        )
      case .late(let indexes):
        late = indexes
        visit.decider.trust(tree.answered)
        for index in indexes { visit.answers.distrust(index.path) }
        reporter.information("index-late", "\(name): \(Self.lateness(late)); asking again")
      case .one:
        return try outcome(of: tree, visit)
      }
    }
    throw movingTarget(late)
  }

  /// Gathers what the visit works with.
  private func begin(_ plan: PlannedTree) throws -> TreeVisit {
    let memory = try memory(for: plan.plan)
    let decider = FetchDecider(store: store, memory: recheck ? nil : memory, recheck: recheck, clock: fetcher.clock)
    let answers = IndexAnswers(fetcher: fetcher, memory: memory, maximumBytes: Int64(decider.maximumIndexBytes))
    return TreeVisit(
      planned: plan,
      memory: memory,
      files: try FileMemory(of: name, in: store, fetcher.clock),
      answers: answers,
      check: ComponentCheck(
        tree: tree,
        before: notesBefore?.roster,
        source: name,
        answers: answers,
        fetcher: fetcher,
        maximumBytes: decider.maximumIndexBytes
      ),
      decider: decider
    )
  }

  /// What the last sealed sync knew, if the server says that nothing has changed since.
  private func memoryIfUnchanged(_ visit: TreeVisit) async throws -> TreeMemory? {
    guard let memory = visit.memory else { return nil }
    // One that was absent is asked for in the walk, and so are files whose time has come; one that another carries can only
    // have come with a change to that one.
    let present = memory.indexes.filter { $0.value.object != nil && $0.value.carriedBy == nil }
    let indexes = try present.keys.map { try TreePath($0) }
    let isSame = (memory.diffs ?? false) == tree.diffs && memory.demand == visit.planned.demand && !recheck
    guard try await visit.answers.areUnchanged(indexes, primaries: visit.planned.plan.primaries), isSame else {
      return nil
    }
    return try isAnyAbsentDue(memory) ? nil : memory
  }

  /// Walks from the primary indexes to their files, and fetches what lies beside these, if that is wanted.
  private func walk(_ visit: TreeVisit) async throws -> WalkedTree {
    let walk = try TreeWalk(
      plan: visit.planned.plan,
      fetcher: fetcher,
      memory: visit.files,
      answers: visit.answers,
      decider: visit.decider,
      vendor: try IndexJudge(vendor, source: name),
      counter: visit.counter,
      reporter: reporter,
      whenIndexesAreTaken: { walk in
        try refuseAbsentIndexes(in: walk, visit.answers)
        try visit.check.refuseUnknown(in: walk)
      }
    )
    try await walk.run()
    return WalkedTree(walk: walk, differences: try await fetchDifferences(beside: walk, visit))
  }

  /// What a walk has seen of the server's state.
  private enum SeenState {
    /// The primary indexes have changed meanwhile.
    case moved
    /// Some indexes are older than their parents say.
    case late([IndexDates.Older])
    /// A server that took over for another one has another state; these files came from it.
    case mixed(server: String, Set<TreePath>)
    /// All belongs together.
    case one
  }

  /// Asks for the primary indexes again, and for what may have been of the state before.
  private func state(of tree: WalkedTree, _ visit: TreeVisit) async throws -> SeenState {
    let dates = tree.walk.indexDates
    if try await visit.answers.askAgain(for: visit.planned.plan.primaries, doubtful: dates.doubtful) { return .moved }
    if let (server, files) = await strangersAmongServers(tree, visit) { return .mixed(server: server, files) }
    let late = dates.late(now: tree.walk.dates.values.max())
    return late.isEmpty ? .one : .late(late)
  }

  private func movingTarget(_ late: [IndexDates.Older]) -> JobError {
    guard late.isEmpty else {
      return JobError(
        .movingTarget,
        "source \(name): \(Self.lateness(late)); no snapshot is sealed",
        remedy: "The server is in the middle of an update: run sync again later; what was fetched is kept."
      )
    }
    return JobError(
      .movingTarget,
      "source \(name): the primary indexes changed during each of \(walks) walks; no snapshot is sealed",
      remedy: "Run sync again later; what was fetched is kept. 'walks' in [sync] allows more of them."
    )
  }

  /// The plan, with products looked up in the vendor's catalogue, which is asked for anew each time.
  private func makePlan() async throws -> PlannedTree {
    guard !tree.products.isEmpty || tree.reported != nil else { return PlannedTree(plan: try TreePlan(tree)) }
    let catalogue = try await CatalogueFetch(source: name, client: fetcher.client).run()
    guard let reported = tree.reported else { return PlannedTree(plan: try TreePlan(tree, catalogue: catalogue)) }
    let demand = try DemandPlan(of: name, tree, reported, sites: try sites.all(), catalogue: catalogue)
    demand.tell(reporter, source: name, now: fetcher.clock.now)
    return PlannedTree(plan: try TreePlan(tree, demand: demand), demand: demand.notes)
  }

  /// What the last sealed sync knew, if it was made by the same plan.
  private func memory(for plan: TreePlan) throws -> TreeMemory? {
    let state = try store.sourceState(name)
    guard let memory = state.flatMap({ TreeMemory($0.notes) }) else { return nil }
    // Other settings may refuse what was taken before: everything is looked at again.
    return memory.plan == plan.fingerprint && memory.vendor == vendor.fingerprint ? memory : nil
  }

  /// Fetches what lies beside the files of a walk that went well, if that is wanted.
  private func fetchDifferences(beside walk: TreeWalk, _ visit: TreeVisit) async throws -> DifferenceWalk? {
    guard tree.diffs, walk.mismatches.isEmpty else { return nil }
    reporter.report(.phase("\(name): fetching difference files"))
    let differences = DifferenceWalk(
      after: walk,
      fetcher: fetcher,
      memory: visit.files,
      answers: visit.answers,
      decider: visit.decider,
      counter: visit.counter,
      reporter: reporter
    )
    try await differences.run()
    return differences
  }

  /// Which indexes have not come to the server yet, as a clause.
  private static func lateness(_ late: [IndexDates.Older]) -> String {
    guard let first = late.first else { return "" }
    let others = Words.moreAside(than: 1, of: late.count)
    return
      "\(first.path) is of \(first.own.time.text), but \(first.parent) already says \(first.told.time.text)\(others)"
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
    let others = Words.moreAside(than: 1, of: walk.mismatches.count)
    try refuseIfPage(first, of: walk, others)
    throw JobError(
      .wrongContent,
      "source \(name): \(first) does not have the content that the vendor's digest in \(walk.named[first]?.namedBy.string ?? "its index") says\(others); no snapshot is sealed",
      remedy:
        "The server may be in the middle of an update: run sync again later. If this does not change, do not trust this server."
    )
  }

  /// Says of a file that is none of the vendor's that it is a web page, if it is one.
  private func refuseIfPage(_ path: TreePath, of walk: TreeWalk, _ others: String) throws {
    guard walk.mismatchedPages.contains(path) else { return }
    throw JobError(
      .wrongContent,
      "source \(name): a web page came in place of \(path)\(others), which has another digest by the vendor's index; no snapshot is sealed",
      remedy:
        "A gateway, a web filter or the sign-in page of a network answers in place of the server: look at the file's address in a browser on this network, and have this machine let through."
    )
  }

  private func refuseNotVerifiable(_ notes: SourceNotes) throws {
    guard vendor.signatures == .required, let count = notes.vendor?.notVerifiable, count > 0 else { return }
    throw JobError(
      .notVerifiable,
      "source \(name): \(Words.count(count, "file carries", "files carry")) no signature of the vendor's that can be verified",
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

  /// What is published of a whole tree, and what is known of it from now on.
  ///
  /// - Throws: what forbids that it is published at all.
  private func outcome(of tree: WalkedTree, _ visit: TreeVisit) throws -> SourceOutcome {
    try refuseMismatches(of: tree.walk)
    reportOlder(tree.walk.indexDates, before: visit.memory?.notes)
    let result = PublishedTree(of: tree.walk, with: tree.differences, visit.files, visit.answers)
    let findings = try findings(of: tree.walk, visit.files, visit.answers, visit.check)
    let published = try SourceFiles(result.forEach)
    let (notes, strays) = try result.facts()
    try refuseNotVerifiable(notes)
    let memory = memory(of: visit, tree.walk, published, notes, findings)
    return SourceOutcome(
      source: name,
      files: published,
      forgotten: strays.filter(Self.isOfDifferences),
      setAside: strays.filter { !Self.isOfDifferences($0) },
      remembered: findings.census.reported,
      vendorWord: findings.word,
      state: SourceState(
        configuration: visit.planned.plan.fingerprint,
        finished: memory.sealed,
        notes: try memory.text
      ),
      notes: memory.notes,
      demand: visit.planned.demand,
      facts: facts(published, notes, visit.counter)
    )
  }

  /// Difference files come and go with the files that they are of.
  private static func isOfDifferences(_ path: TreePath) -> Bool {
    DifferenceKind.split(path) != nil || path.isInside(DifferenceKind.folder)
  }

  /// What the next sync will know.
  private func memory(
    of visit: TreeVisit,
    _ walk: TreeWalk,
    _ published: SourceFiles,
    _ notes: SourceNotes,
    _ findings: TreeFindings
  ) -> TreeMemory {
    let plan = visit.planned.plan
    var memory = TreeMemory(plan: plan.fingerprint)
    memory.vendor = vendor.fingerprint
    memory.diffs = tree.diffs
    memory.demand = visit.planned.demand
    memory.sealed = visit.files.now
    memory.indexes = visit.answers.memory(of: walk.indexes)
    memory.files = published.count
    memory.bytes = published.bytes
    memory.notes = notes
    memory.notes.plan = plan.fingerprint
    memory.notes.selection = plan.noted
    findings.note(in: &memory)
    return memory
  }

  private func facts(_ files: SourceFiles, _ notes: SourceNotes, _ counter: FetchCounter) -> SyncReport.SourceFacts {
    SyncReport.SourceFacts(
      name: name,
      files: files.count,
      bytes: files.bytes,
      fetchedFiles: counter.files,
      fetchedBytes: counter.bytes,
      absent: notes.absentCount,
      vendorChecked: counter.checked,
      requests: fetcher.client.statistics.requests
    )
  }
}
