import Catalogue
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// The one door through which a snapshot becomes the published release.
///
/// It keeps what is promised of a store: the newest whole snapshot is published, unless somebody went back; what is
/// published is signed; and the journal records it. What a run owes stands in the catalogue from the moment in which
/// the snapshot was sealed, so that whoever comes after a run that was killed, or met a full disk, brings it to its end.
package struct ReleaseSwitch: InContext {
  package let context: JobContext
  let store: ContentStore

  /// The door of a store that is open for writing.
  package init(_ store: ContentStore, _ context: JobContext) {
    self.store = store
    self.context = context
  }

  // MARK: - Keeping the promise

  /// Finishes what an earlier run has begun. That it cannot be finished now is warned of: this run may mend the cause,
  /// and has to finish it in the end.
  ///
  /// - Returns: the snapshot that an earlier run had sealed, and that is published only now; `nil` as a rule.
  package func finishEarlier() -> Int? {
    do {
      let standing = try standing()
      let owed = try owed(standing)
      guard standing.missing != nil || !owed.isEmpty else { return nil }
      try follow(standing)
      guard let number = standing.missing else {
        reporter.information(
          "finished",
          "a run was cut short when snapshot \(owed.last?.snapshot ?? 0) was sealed: what it still had to do is done now"
        )
        return nil
      }
      reporter.information(
        "finished",
        "a run was cut short before it had published snapshot \(number): that is done now"
      )
      return number
    } catch {
      reporter.warning("not-finished", "what an earlier run has begun could not be finished yet: \(JobError(error))")
      return nil
    }
  }

  /// Publishes what should be published, and does what has to follow.
  ///
  /// - Returns: what is published then.
  @discardableResult
  package func follow() throws -> Standing {
    try follow(try standing())
    return try standing()
  }

  private func standing() throws -> Standing { try Standing(of: store) }

  /// Publishes what should be published within a change that has begun, and says what came of it. What was owed is
  /// ``settle()``d when that is in the journal.
  package func follow(in change: ChangeUnderWay) throws -> AuditNote {
    let standing = try standing()
    let owed = try owed(standing)
    if let number = standing.missing {
      reporter.report(.phase("publishing snapshot \(number)"))
      _ = try store.publish(number)
    }
    if standing.held == nil { try forgetHolding() }
    try sign()
    if standing.missing != nil { lookForReaders() }
    var notes: [AuditNote] = []
    for task in owed { notes += try self.notes(of: task) }
    guard let last = notes.popLast() else { return try note(ofUnowed: standing.missing) }
    for note in notes { try change.alsoNote(note) }
    return last
  }

  /// Takes what was owed, and is noted by now, off the catalogue.
  package func settle() throws {
    for task in try owed(try standing()) { try store.settle(task.snapshot) }
  }

  private func follow(_ standing: Standing) throws {
    let owed = try owed(standing)
    guard standing.missing != nil || !owed.isEmpty else {
      if standing.held == nil { try forgetHolding() }
      return try sign()
    }
    let number = standing.missing ?? owed.last?.snapshot ?? 0
    try change(AuditNote(owed.last?.task.event ?? .sync, "the publication of snapshot \(number)", facts(number))) {}
  }

  /// Makes a change to what is to be published, and publishes it.
  private func change(_ beginning: AuditNote, _ body: () throws -> Void) throws {
    try audit.noting(beginning) { change in
      try body()
      return try follow(in: change)
    }
    try settle()
  }

  private func facts(_ snapshot: Int) -> [String: JournalValue] { ["snapshot": .integer(Int64(snapshot))] }

  /// What is owed and can be done. A snapshot that waits for its rehearsal is its import's to finish.
  private func owed(_ standing: Standing) throws -> [OwedPublication] {
    let owed = try store.owed()
    guard let held = standing.held, held.cause == .rehearsal else { return owed }
    return owed.filter { $0.snapshot <= held.instead ?? 0 || $0.snapshot > held.upTo }
  }

  private func forgetHolding() throws {
    if try store.heldBack() != nil { try store.endHolding() }
  }

  // MARK: - Signing

  /// Signs what is published, if this store has keys; else lays out what the bundle was signed with.
  private func sign() throws {
    guard try OnlineKeys.arePresent(in: folders) else { return try BundleMetadata(folders).switchOver(of: store) }
    if try PendingRoot(folders).current() == nil {
      // Others have to sign first; that is not a fault of what was fetched.
      return reporter.warning("root-waits", "\(PendingRoot(folders).path) waits for signatures: nothing is signed yet")
    }
    guard let repository = try OwnRepository(context),
      let current = try store.current()
    else { return }
    try repository.publish(try store.snapshot(current.number), of: store)
  }

  // MARK: - The journal

  /// What the journal says of something that was owed and is done.
  private func notes(of task: OwedPublication) throws -> [AuditNote] {
    let snapshot = try store.snapshot(task.snapshot)
    switch task.task {
    case .sync:
      let isCurrent = try standing().current == snapshot.number
      return (isCurrent ? [.published(snapshot)] : []) + AuditNote.hops(of: snapshot, before: try before(snapshot))
    case .import: return [.finishedImport(of: snapshot, isCurrent: try standing().current == snapshot.number)]
    case .rollback: return [.rollback(to: snapshot.number, from: try store.heldBack()?.previous)]
    case .undo: return [.endOfRollback(snapshot.number)]
    }
  }

  /// What the journal says where nothing was owed: of a snapshot that was published all the same, or that all is as it was.
  private func note(ofUnowed published: Int?) throws -> AuditNote {
    if let published { return .published(try store.snapshot(published)) }
    let current = try standing().current.map { "snapshot \($0) stays published" } ?? "nothing is published"
    return AuditNote(.sync, "nothing new has come: \(current)")
  }

  /// The whole snapshot before another one.
  private func before(_ snapshot: Snapshot) throws -> Snapshot? {
    try store.snapshots().last {
      $0.number < snapshot.number && $0.isWhole
    }
  }
}

// MARK: - What a person decides

extension ReleaseSwitch {
  /// Goes back to an earlier release, and remembers that it was wanted: no run publishes what is here now by itself.
  ///
  /// - Parameter number: the release; `nil`: the one before the current one that nobody went back from before.
  /// - Returns: the release that was current before, and what is published now.
  package func goBack(to number: Int?) throws -> (previous: Int?, now: Standing) {
    let standing = try standing()
    let target = try number.map { try store.earlierRelease($0).number } ?? releaseBefore(standing)
    guard target != standing.newest, let newest = standing.newest else {
      return (standing.current, try publishNewest(standing))
    }
    let held = HeldBack(
      upTo: max(newest, target),
      instead: target,
      previous: standing.current,
      since: clock.now,
      cause: .rollback
    )
    try change(AuditNote(.rollback, "the rollback to snapshot \(target)", facts(target))) {
      try store.hold(held, owing: OwedPublication(.rollback, target))
    }
    return (standing.current, try self.standing())
  }

  /// The release before the current one. Those that somebody went back from are skipped.
  private func releaseBefore(_ standing: Standing) throws -> Int {
    let nearest = try store.earlierRelease().number
    let wanted = try store.releases().last { release in
      guard release.number <= nearest else { return false }
      return try standing.rollback(of: release.number, store.snapshot(release.number).treeDigest) == nil
    }
    guard let wanted else {
      throw JobError(
        .notThere,
        "all releases before the current one were rolled back before",
        remedy: "Name the one to publish: 'kscmirror rollback \(nearest)'."
      )
    }
    if wanted.number != nearest {
      reporter.information("rolled-back", "snapshot \(nearest) was rolled back before, and is skipped")
    }
    return wanted.number
  }

  /// Ends a rollback: the newest snapshot is published again.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when nothing is held back.
  package func undo() throws -> (previous: Int?, now: Standing) {
    let standing = try standing()
    guard standing.held != nil else {
      let newest = standing.newest.map { "snapshot \($0), the newest, is what is to be published" } ?? "nothing is here"
      throw JobError(.notThere, "no rollback is in force: \(newest)")
    }
    return (standing.current, try publishNewest(standing))
  }

  private func publishNewest(_ standing: Standing) throws -> Standing {
    guard let newest = standing.newest else { return standing }
    let task: OwedTask = standing.held == nil ? .rollback : .undo
    try change(AuditNote(.rollback, "the return to snapshot \(newest), the newest", facts(newest))) {
      try store.endHolding(owing: OwedPublication(task, newest))
    }
    return try self.standing()
  }
}

// MARK: - Imports

extension ReleaseSwitch {
  /// Whether a snapshot that a bundle has stays unpublished, since a person went back from it, or from another one with
  /// the same files.
  package func holdsBack(_ number: Int, _ tree: ObjectDigest) throws -> HeldBackFacts? {
    try standing().facts(of: number, tree)
  }

  /// Notes, before a bundle's snapshot is sealed, what else would be forgotten if the run ended between the two: that it
  /// has to be rehearsed, or that it is older than what is here and wanted all the same.
  package func prepare(_ number: Int, rehearsing: Bool) throws {
    let standing = try standing()
    let isOlder = number < standing.newest ?? 0
    guard rehearsing || isOlder else { return }
    let held = HeldBack(
      upTo: max(number, standing.newest ?? 0),
      instead: rehearsing ? standing.current : number,
      previous: standing.current,
      since: clock.now,
      cause: rehearsing ? .rehearsal : .olderBundle
    )
    try store.hold(held)
  }

  /// Publishes the snapshot of a bundle. If somebody went back from it before, it is wanted again now.
  ///
  /// The journal's line, and settling what is owed, are the import's.
  package func publish(_ number: Int) throws {
    let standing = try standing()
    if number == standing.newest {
      try forgetHolding()
    } else if standing.held?.instead != number {
      try prepare(number, rehearsing: false)
    }
    try store.forgetRollback(of: number)
    _ = try store.publish(number)
  }
}

extension OwedTask {
  /// What the journal calls it.
  fileprivate var event: JournalEvent {
    switch self {
    case .sync: .sync
    case .import: .import
    case .rollback, .undo: .rollback
    }
  }
}
