import Catalogue
import ContentStore
import MirrorTypes
import Releases
import StoreTrust
import Trust

/// How old the databases are, by the dates in their indexes and the thresholds of the vendor's products, whether the
/// newest snapshot is published, and how the last run ended.
struct FreshnessCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found("freshness.age") { try Self.age(store, patient) }
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
    guard let words = age.words(patient.now) else {
      return [.ok("freshness.age", "\(sealed), has no indexes, and so no age")]
    }
    let text = "\(words) (\(sealed))"
    let remedy =
      patient.isConnected
      ? "Run 'kscmirror sync', look at its job in cron, and whether the servers of the source are up to date."
      : "Bring a newer bundle."
    let parts = try components(age, of: snapshot, store, patient)
    switch age.age(patient.now) {
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
    let ages = age.components(try store.summary(of: snapshot.number)).map { $0.age(patient.now) }
    let told = IndexAge.allCases.filter { $0 != .noIndex }.compactMap { age in
      let count = ages.count { $0 == age }
      return count > 0 ? "\(count) \(age == .unknown ? "of unknown age" : age.rawValue)" : nil
    }
    guard !told.isEmpty else { return [] }
    return [.ok("freshness.components", "of its components by their own indexes: \(told.joined(separator: ", "))")]
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

  private static func lastRun(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let jobs = Set(try store.runs(last: Run.mostRemembered).map(\.job)).sorted()
    var findings: [Finding] = []
    for job in jobs {
      guard let run = try store.runs(last: 1, job: job).first else { continue }
      let said = run.message.split(separator: "\n").first.map { ": \($0)" } ?? ""
      let text = "the last \(job), of \(run.finished.text)"
      let remedy = "Run 'kscmirror \(job)' again; 'kscmirror status' shows the runs."
      switch run.outcome {
      case .ok: findings.append(.ok("freshness.last-run", "\(text), went well"))
      case .withErrors:
        findings.append(.warning("freshness.last-run", "\(text), ended with errors\(said)", remedy: remedy))
      case .failed: findings.append(.error("freshness.last-run", "\(text), failed\(said)", remedy: remedy))
      }
    }
    return findings
  }
}
