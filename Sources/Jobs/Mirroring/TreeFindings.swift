import ContentStore
import JobCore
import MirrorTypes
import StoreTrust
import SyncRules

/// What a walk has shown beside its files: what is absent and taken so, and which components the indexes name.
struct TreeFindings {
  let census: AbsenceCensus
  let accepted: AcceptedAbsences
  let roster: ComponentRoster
  let word: VendorWord

  /// Notes it for the next sync and for the snapshot.
  func note(in memory: inout TreeMemory) {
    memory.accepted = accepted
    memory.notes.absentIndexCount = census.indexes.count
    memory.notes.refusedCount = census.refused
    memory.notes.roster = roster
  }
}

extension UpdateTreeSync {
  /// Refuses a walk whose indexes are absent before any of its files is fetched.
  ///
  /// - Throws: an error with ``ExitStatus/shrunk``.
  func refuseAbsentIndexes(in walk: TreeWalk, _ answers: IndexAnswers) throws {
    guard !acceptsAbsent else { return }
    let census = AbsenceCensus(indexesOf: walk, answers)
    guard !census.indexes.isEmpty else { return }
    let last = try lastTree
    if let refusal = absenceGuard(last).refusal(forIndexes: census, last?.accepted ?? AcceptedAbsences()) {
      throw refusal
    }
  }

  /// What was known when the last snapshot was sealed.
  private var lastTree: TreeMemory? {
    get throws {
      try fetcher.store.sourceState(name).flatMap { TreeMemory($0.notes) }
    }
  }

  private func absenceGuard(_ last: TreeMemory?) -> AbsenceGuard {
    let known = last?.indexes.filter { $0.value.object == nil && $0.value.absence != nil } ?? [:]
    return AbsenceGuard(
      source: name,
      limit: absentLimit,
      indexes: tree.absentIndexes,
      knownIndexes: Set(known.keys)
    )
  }

  /// Judges what is absent, and tells what is new of it.
  ///
  /// - Throws: an error with ``ExitStatus/shrunk`` when it is too much for a snapshot.
  func findings(
    of walk: TreeWalk,
    _ files: FileMemory,
    _ answers: IndexAnswers,
    _ check: ComponentCheck
  ) throws -> TreeFindings {
    let census = try AbsenceCensus(of: walk, files, answers)
    let last = try lastTree
    let verdict = absenceGuard(last).verdict(
      on: census,
      before: last?.accepted ?? AcceptedAbsences(),
      accepting: acceptsAbsent
    )
    if let refusal = verdict.refusal { throw refusal }
    for notice in verdict.notices { reporter.report(.notice(notice)) }
    return TreeFindings(
      census: census,
      accepted: verdict.accepted,
      roster: try check.roster(of: walk),
      word: VendorWord(
        verified: Set(walk.verifiedIndexes.map(\.string)),
        present: Set(walk.indexes.filter { answers[$0]?.object != nil }.map(\.string))
      )
    )
  }

  /// Whether it is time to ask again for anything that was absent.
  func isAnyAbsentDue(_ memory: TreeMemory) throws -> Bool {
    let now = fetcher.clock.now
    if memory.indexes.values.contains(where: { $0.isDue(at: now) }) { return true }
    var isDue = false
    try FileMemory(of: name, in: fetcher.store, fetcher.clock).forEachAbsent { isDue = isDue || $1.isDue(at: now) }
    return isDue
  }
}
