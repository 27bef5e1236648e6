import Catalogue
import Collecting
import ContentStore
import Failures
import JobCore
import Journal
import MirrorConfiguration
import MirrorTypes
import Releases
import StoreTrust
import SystemPackage
import Trust
import Watching

/// Tells what a store holds and how the last runs ended.
package struct StatusJob: Sendable, InContext {
  package let context: JobContext
  /// How many runs are reported.
  private static let runs = 5

  /// A job on the context's store.
  package init(_ context: JobContext) {
    self.context = context
  }

  /// Looks at the catalogue, and at the end of the journal.
  package func run() throws -> StatusReport {
    let store = try ContentStore.open(folder, access: .reading)
    let standing = try Standing(of: store)
    let current = standing.current
    let published = Set(try store.releases().map(\.number))
    let snapshots = try store.snapshots()
    let notes = snapshots.first { $0.number == current }?.notes
    let age = notes.map(SnapshotAge.init)
    let now = clock.now
    let facts = try WatchGathering(context).facts()
    let trust = try? TrustJob(context).show()
    let (unfinished, trouble) = unfinished()
    return StatusReport(
      store: folder.string,
      current: current,
      heldBack: standing.facts,
      unpublished: standing.missing,
      indexDate: age?.date,
      age: age?.age(now, by: configuration.watch.ages),
      snapshots: snapshots.map { StatusReport.SnapshotFacts($0, isPublished: published.contains($0.number)) },
      sources: notes.flatMap(SnapshotNotes.init).map(StatusReport.sources) ?? [],
      components: try current.flatMap { number in
        age?.components(try store.summary(of: number)).map {
          StatusReport.ComponentFacts($0, now, by: configuration.watch.ages)
        }
      } ?? [],
      runs: try store.runs(last: Self.runs).map(StatusReport.RunFacts.init),
      trust: trust,
      unfinished: unfinished,
      warnings: warnings(trust, standing, age, now) + unfinished.suffix(5).map(\.sentence) + trouble,
      watch: facts,
      points: WatchJudgement(facts, by: configuration.watch).points
    )
  }

  /// What has no outcome in the journal, or why that cannot be said. Who may not read the journal is not told of it.
  private func unfinished() -> (found: [UnfinishedFacts], trouble: [String]) {
    let journal = Journal(file: folders.journal, patience: 1)
    do throws(JournalError) {
      return (try UnfinishedFacts.worthALook(in: journal), [])
    } catch {
      return ([], error.status == .permission ? [] : [error.message])
    }
  }
}

extension StatusJob {
  /// What is published may be old, held back, or not what it should be: that should be noticed.
  private func warnings(
    _ trust: TrustReport?,
    _ standing: Standing,
    _ age: SnapshotAge?,
    _ now: UTCTime
  ) -> [String] {
    var warnings: [String] = []
    if let age, [.old, .veryOld, .unknown].contains(age.age(now, by: configuration.watch.ages)),
      let words = age.words(now, by: configuration.watch.ages)
    {
      warnings.append(words)
    }
    if let held = standing.facts { warnings.append("\(held.text). \(held.remedy)") }
    if let missing = standing.missing { warnings.append(UnfinishedPublication.text(missing)) }
    // A site that gets no newer bundles should notice that.
    if let expires = trust?.expires, expires <= now {
      warnings.append(
        "the last bundle expired on \(expires.text): no newer bundle was imported since, or this server's clock is wrong"
      )
    }
    return warnings
  }
}

/// What a store holds.
package struct StatusReport: Sendable, Encodable {
  /// The store's folder.
  package let store: String
  /// The snapshot that is published as current.
  package let current: Int?
  /// Why the newest snapshot is not the current one, as after a rollback; `nil` if nothing holds it back.
  package let heldBack: HeldBackFacts?
  /// A snapshot that should be current and is not, since a run was cut short: the next one publishes it. `nil` as a rule.
  package let unpublished: Int?
  /// The date of the current snapshot's databases: of its newest primary index; `nil` where it is
  /// not known.
  package let indexDate: UTCTime?
  /// How old they are by that; `nil` when nothing is published.
  package let age: IndexAge?
  /// All snapshots, oldest first.
  package let snapshots: [SnapshotFacts]
  /// The sources of the current snapshot, sorted by name.
  package let sources: [SourceFacts]
  /// The components of the current snapshot.
  package let components: [ComponentFacts]
  /// The last runs, newest first.
  package let runs: [RunFacts]

  /// What is trusted of the bundles that come here; `nil` on a side that imports none.
  package let trust: TrustReport?
  /// The changes that began and have no outcome in the journal, oldest first: none as a rule.
  package let unfinished: [UnfinishedFacts]
  /// What somebody should look at.
  package let warnings: [String]
  /// What there is to watch: what runs, the sites, how long all lasts.
  package let watch: WatchFacts
  /// The same judged, point by point, as `check` does.
  package let points: [WatchPoint]

  /// One snapshot.
  package struct SnapshotFacts: Sendable, Encodable {
    /// Its number.
    package let number: Int
    /// When it was sealed.
    package let created: UTCTime
    /// How many files it has.
    package let files: Int
    /// Their bytes.
    package let bytes: Int64
    /// Whether it can be read as a folder.
    package let isPublished: Bool

    init(_ snapshot: Snapshot, isPublished: Bool) {
      number = snapshot.number
      created = snapshot.created
      files = snapshot.fileCount
      bytes = snapshot.totalBytes
      self.isPublished = isPublished
    }
  }

  /// What a snapshot notes of one source.
  package struct SourceFacts: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// The dates in the primary indexes, by path.
    package let primaries: [String: UTCTime]
    /// Files that the indexes name and the servers did not have, at most the first thousand.
    package let absent: [String]
    /// How many there were.
    package let absentCount: Int
    /// How many of them are indexes.
    package let absentIndexCount: Int
    /// How many of them a server refused that gives others (HTTP status 401, 403 or 451).
    package let refusedCount: Int
    /// What in the indexes was unknown to kscmirror, or skipped.
    package let drift: [String]
  }

  static func sources(_ notes: SnapshotNotes) -> [SourceFacts] {
    notes.sources.sorted { $0.key < $1.key }.map { name, notes in
      SourceFacts(
        name: name,
        primaries: notes.primaries,
        absent: notes.absent,
        absentCount: notes.absentCount,
        absentIndexCount: notes.absentIndexCount ?? 0,
        refusedCount: notes.refusedCount ?? 0,
        drift: notes.drift.map { "\($0.name), \(Words.count($0.count, "time")), such as \($0.sample)" }
      )
    }
  }

  /// One component of the current snapshot.
  package struct ComponentFacts: Sendable, Encodable {
    /// Its name; empty for what belongs to none.
    package let name: String
    /// The source that it is of.
    package let source: String
    /// How many files it has.
    package let files: Int
    /// Their bytes.
    package let bytes: Int64
    /// The date of its own index; `nil` where it has none, or it is not known.
    package let indexDate: UTCTime?
    /// How old it is by that.
    package let age: IndexAge
    /// When the last of its files came to this side. It says nothing of its age.
    package let arrived: UTCTime

    init(_ component: SnapshotAge.Component, _ now: UTCTime, by limits: AgeLimits) {
      name = component.name
      source = component.summary.source
      files = component.summary.files
      bytes = component.summary.bytes
      indexDate = component.date
      age = component.age(now, by: limits)
      arrived = component.summary.arrived
    }
  }

  /// One run.
  package struct RunFacts: Sendable, Encodable {
    /// The command.
    package let job: String
    /// When it began.
    package let started: UTCTime
    /// When it ended.
    package let finished: UTCTime
    /// How it ended.
    package let outcome: String
    /// What it said.
    package let message: String
    /// The snapshot that it was about.
    package let snapshot: Int?

    init(_ run: Run) {
      job = run.job
      started = run.started
      finished = run.finished
      outcome = run.outcome.rawValue
      message = run.message
      snapshot = run.snapshot
    }
  }
}
