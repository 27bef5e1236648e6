import Catalogue
import ContentStore
import MirrorTypes
import Releases
import StoreTrust
import Trust
import Watching

/// How old the databases are, by the dates in their indexes and the limits that are set, whether the
/// newest snapshot is published, and how the last run ended.
struct FreshnessCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found("freshness.age") { try Self.age(store, patient) }
      + patient.found("freshness.component") { try Self.watched(patient) }
      + patient.found("freshness.published") { try Self.published(store, patient) }
      + patient.found("freshness.last-run") { try Self.lastRun(store, patient) }
  }

  private static func age(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let snapshots = try store.snapshots()
    let current = try store.current()?.number
    guard let snapshot = snapshots.first(where: { $0.number == current }) ?? snapshots.last(where: \.isWhole) else {
      return []
    }
    let age = SnapshotAge(snapshot.notes)
    let sealed = "snapshot \(snapshot.number), sealed \(snapshot.created.text)"
    guard let words = age.words(patient.now, by: patient.ages) else {
      return [.ok("freshness.age", "\(sealed), has no indexes, and so no age")]
    }
    let text = "\(words) (\(sealed))"
    let remedy =
      patient.isConnected
      ? "Run 'kscmirror sync', look at its job in cron, and whether the servers of the source are up to date."
      : "Bring a newer bundle."
    let parts = try components(age, of: snapshot, store, patient)
    switch age.age(patient.now, by: patient.ages) {
    case .veryOld: return [.error("freshness.age", text, remedy: remedy)] + parts
    case .old, .unknown: return [.warning("freshness.age", text, remedy: remedy)] + parts
    case .fresh, .noIndex: return [.ok("freshness.age", text)] + parts
    }
  }

  /// How many components are how old. Many change rarely by their nature, so that they alone are no reason to worry.
  private static func components(
    _ age: SnapshotAge,
    of snapshot: Snapshot,
    _ store: ContentStore,
    _ patient: Patient
  ) throws -> [Finding] {
    let ages = age.components(try store.summary(of: snapshot.number)).map { $0.age(patient.now, by: patient.ages) }
    let told = IndexAge.allCases.filter { $0 != .noIndex }.compactMap { age in
      let count = ages.count { $0 == age }
      return count > 0 ? "\(count) \(age == .unknown ? "of unknown age" : age.rawValue)" : nil
    }
    guard !told.isEmpty else { return [] }
    return [.ok("freshness.components", "of its components by their own indexes: \(told.joined(separator: ", "))")]
  }

  /// The components that are watched one by one, as 'check' judges them.
  private static func watched(_ patient: Patient) throws -> [Finding] {
    guard !patient.settings.components.isEmpty else { return [] }
    let judgement = WatchJudgement(try WatchGathering(patient.context).facts(), by: patient.settings)
    return judgement.components.map { point in
      let name = "freshness.\(point.name)"
      return switch point.state {
      case .ok: .ok(name, point.text)
      case .warning, .unknown: .warning(name, point.text, remedy: point.remedy ?? "")
      case .critical: .error(name, point.text, remedy: point.remedy ?? "")
      }
    }
  }

  private static func published(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let standing = try Standing(of: store)
    if let missing = standing.missing {
      return [
        .warning(
          "freshness.published",
          UnfinishedPublication.text(missing),
          remedy: "Run 'kscmirror \(patient.isConnected ? "sync" : "import")'."
        )
      ]
    }
    if let held = standing.facts { return [.warning("freshness.published", held.text, remedy: held.remedy)] }
    return standing.newest.map { [.ok("freshness.published", "snapshot \($0), the newest, is published")] } ?? []
  }

  /// How each command goes, by its last success as well: one run that fails is no reason to act as long as the last
  /// success is not old.
  private static func lastRun(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    WatchGathering.jobs(try store.runs(last: Run.mostRemembered)).map { job in
      let text = "the last \(job.job), of \(job.finished.text)"
      guard job.failures > 0 else { return .ok("freshness.last-run", "\(text), went well") }
      let said = job.message.isEmpty ? "" : ": \(job.message)"
      let remedy = "Run 'kscmirror \(job.job)' again; 'kscmirror status' shows the runs."
      let how = job.outcome == "failed" ? "failed" : "ended with errors"
      let succeeded =
        job.succeeded.map { "; the last that went well was of \($0.text)" } ?? "; none has gone well yet"
      let sentence = "\(text), \(how)\(said)\(succeeded)"
      let isRecent = job.succeeded.map { patient.now.seconds(since: $0) < patient.settings.sync.warning } ?? false
      return job.outcome == "failed" && !isRecent
        ? .error("freshness.last-run", sentence, remedy: remedy)
        : .warning("freshness.last-run", sentence, remedy: remedy)
    }
  }
}
