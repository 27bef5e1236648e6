import ContentStore
import Trust

/// How old the databases are, by the thresholds of the vendor's products, and how the last run ended.
struct FreshnessCheck: DoctorCheck {
  /// From so many days on the products call databases out of date, and totally so.
  private static let oldDays: Int64 = 3
  private static let veryOldDays: Int64 = 7

  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found("freshness.age") { try Self.age(store, patient) }
      + patient.found("freshness.last-run") { try Self.lastRun(store, patient) }
  }

  private static func age(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let snapshots = try store.snapshots()
    let current = try store.current()?.number
    guard let snapshot = snapshots.first(where: { $0.number == current }) ?? snapshots.last else { return [] }
    let days = (patient.now - snapshot.created) / 86_400
    let text = "snapshot \(snapshot.number) was sealed \(MetadataTime.text(snapshot.created)), \(days) days ago"
    let remedy = patient.isConnected ? "Run 'kscmirror sync', and look at its job in cron." : "Bring a newer bundle."
    switch days {
    case veryOldDays...:
      return [.error("freshness.age", "\(text): products call that totally out of date", remedy: remedy)]
    case oldDays...: return [.warning("freshness.age", "\(text): products call that out of date", remedy: remedy)]
    default: return [.ok("freshness.age", text)]
    }
  }

  private static func lastRun(_ store: ContentStore, _ patient: Patient) throws -> [Finding] {
    let jobs = Set(try store.runs(last: ContentStore.rememberedRuns).map(\.job)).sorted()
    var findings: [Finding] = []
    for job in jobs {
      guard let run = try store.runs(last: 1, job: job).first else { continue }
      let said = run.message.split(separator: "\n").first.map { ": \($0)" } ?? ""
      let text = "the last \(job), of \(MetadataTime.text(run.finished))"
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
