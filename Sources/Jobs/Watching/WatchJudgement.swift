import MirrorConfiguration
import MirrorTypes

/// Judges what was gathered: point by point, by the limits that are set.
package struct WatchJudgement: Sendable {
  private let facts: WatchFacts
  private let settings: WatchSettings

  /// How long before its end a root is worth a look, in seconds: people have to come together to sign the next one.
  private static let rootWarning: Int64 = 60 * 86_400

  /// Judges facts.
  package init(_ facts: WatchFacts, by settings: WatchSettings) {
    self.facts = facts
    self.settings = settings
  }

  /// All points: those of this host first, then those of the sites; each in its place, however it stands.
  package var points: [WatchPoint] {
    [age] + components + published + jobs + [running, expiry, root, room].compactMap { $0 }
      + facts.licences.map(licences)
      + facts.sites.flatMap(site)
  }

  private var isIsolated: Bool { facts.side == "isolated" }

  private func passed(_ time: UTCTime) -> Int64 { facts.now.seconds(since: time) }

  private func ago(_ time: UTCTime) -> String { "\(Words.span(passed(time))) ago" }

  // MARK: - Databases

  private var age: WatchPoint {
    guard let release = facts.release else {
      let remedy = isIsolated ? "Import a bundle." : "Run 'kscmirror sync'."
      return WatchPoint("age", .critical, "nothing is published yet", remedy: remedy)
    }
    guard let date = release.indexDate else {
      guard release.age != .noIndex else {
        return WatchPoint("age", .ok, "snapshot \(release.snapshot) has no indexes, and so no age")
      }
      return WatchPoint("age", .warning, "the date of the databases is not known", remedy: remedyOfAge)
    }
    return judged("age", "databases", date, release.age, remedy: remedyOfAge)
  }

  private func judged(
    _ name: String,
    _ what: String,
    _ date: UTCTime,
    _ age: IndexAge,
    remedy: String
  ) -> WatchPoint {
    let text = "\(what) of \(Words.time(date)) (\(Words.span(passed(date))) old)"
    switch age {
    case .fresh, .noIndex: return WatchPoint(name, .ok, text)
    case .old: return WatchPoint(name, .warning, "\(text): old", remedy: remedy)
    case .veryOld: return WatchPoint(name, .critical, "\(text): very old", remedy: remedy)
    case .unknown:
      return WatchPoint(
        name,
        .warning,
        "\(what) of \(Words.time(date)), in the future by this host's clock",
        remedy: "Look at this host's clock."
      )
    }
  }

  private var remedyOfAge: String {
    isIsolated
      ? "Bring a newer bundle."
      : "Run 'kscmirror sync', look at its job in cron, and whether the servers of the source are up to date."
  }

  /// The components that are judged one by one.
  package var components: [WatchPoint] {
    settings.components.map { wanted in
      let name = "component.\(wanted)"
      let found = facts.components.filter { $0.name.split(separator: ",").contains { $0 == wanted } }
      guard !found.isEmpty else {
        return WatchPoint(
          name,
          .critical,
          "component \(wanted) is not in what is published",
          remedy: "Look at the selection in the configuration, and at 'components' in [watch]."
        )
      }
      guard let date = found.compactMap(\.indexDate).max() else {
        return WatchPoint(name, .warning, "the date of component \(wanted) is not known", remedy: remedyOfAge)
      }
      let age = IndexAge(of: date, now: facts.now, by: settings.ages)
      return judged(name, "component \(wanted)", date, age, remedy: remedyOfAge)
    }
  }

  private var published: [WatchPoint] {
    if let missing = facts.unpublished {
      return [
        WatchPoint(
          "published",
          .warning,
          "snapshot \(missing) should be published and is not",
          remedy: "Run 'kscmirror \(isIsolated ? "import" : "sync")'."
        )
      ]
    }
    if let held = facts.heldBack { return [WatchPoint("published", .warning, held.text, remedy: held.remedy)] }
    return []
  }

  // MARK: - Runs

  private var jobs: [WatchPoint] {
    var points: [WatchPoint] = []
    if facts.hasSources || facts.job("sync") != nil { points.append(job("sync", settings.sync)) }
    if facts.side != "connected", facts.job("import") != nil || settings.import != nil {
      points.append(job("import", settings.import))
    }
    return points
  }

  /// By the last success: one hour that fails is no alarm.
  private func job(_ name: String, _ limits: WatchSettings.Limits?) -> WatchPoint {
    guard let job = facts.job(name) else {
      return WatchPoint(name, .warning, "no \(name) has ended yet", remedy: "Run 'kscmirror \(name)'.")
    }
    let failing =
      job.failures == 0
      ? ""
      : "; \(Words.count(job.failures, "run")) since then \(job.failures == 1 ? "has" : "have") failed: \(job.message)"
    let remedy = "Run 'kscmirror \(name)', and see 'kscmirror status'."
    guard let succeeded = job.succeeded else {
      // As long as it has failed so far.
      let state = limits.map { self.state(passed(job.failingSince ?? job.finished), $0) } ?? .ok
      return WatchPoint(
        name,
        max(state, .warning),
        "no \(name) has succeeded yet; \(Words.count(job.failures, "run")) failed: \(job.message)",
        remedy: remedy
      )
    }
    let state = limits.map { self.state(passed(succeeded), $0) } ?? .ok
    return WatchPoint(name, state, "last successful \(name) \(ago(succeeded))\(failing)", remedy: remedy)
  }

  /// A run that hangs: by the limits of `sync`, the longest run there is.
  private var running: WatchPoint? {
    guard let run = facts.running.first, let since = run.since else { return nil }
    let name = run.command ?? "a run"
    return WatchPoint(
      "running",
      state(passed(since), settings.sync),
      "\(name) runs since \(Words.span(passed(since))) (\(run.holder))",
      remedy: "Look what it waits for; if it hangs, end it with 'kill \(run.process)': the next run continues."
    )
  }

  // MARK: - Signatures

  private var expiry: WatchPoint? {
    guard let expires = facts.expires else { return nil }
    let what = isIsolated ? "the last bundle" : "what is signed here"
    let remedy = isIsolated ? "Bring a newer bundle." : "Run 'kscmirror sync', which signs it again."
    return ending("expiry", what, expires, settings.expiry, remedy: remedy)
  }

  private var root: WatchPoint? {
    guard let expires = facts.rootExpires else { return nil }
    let limits = WatchSettings.Limits(warning: Self.rootWarning, critical: settings.expiry.warning)
    let remedy =
      isIsolated
      ? "Have the connected side sign a new one with 'kscmirror keys rotate root'; the next bundle brings it."
      : "Sign a new one with 'kscmirror keys rotate root'."
    return ending("root", "the root", expires, limits, remedy: remedy)
  }

  private func ending(
    _ name: String,
    _ what: String,
    _ end: UTCTime,
    _ limits: WatchSettings.Limits,
    remedy: String
  ) -> WatchPoint {
    let left = end.seconds(since: facts.now)
    guard left > 0 else { return WatchPoint(name, .critical, "\(what) expired on \(Words.time(end))", remedy: remedy) }
    let state: WatchPoint.State = left <= limits.critical ? .critical : left <= limits.warning ? .warning : .ok
    return WatchPoint(name, state, "\(what) expires on \(Words.time(end))", remedy: remedy)
  }

  // MARK: - Room

  private var room: WatchPoint? {
    guard let room = facts.room else { return nil }
    let state: WatchPoint.State =
      switch room.judgement {
      case .enough: .ok
      case .scarce: .warning
      case .tooLittle: .critical
      }
    return WatchPoint("room", state, room.words, remedy: StoreRoom.remedy)
  }

  // MARK: - Licences

  /// As `licence list` judges them: by what a site has reported last.
  private func licences(_ licences: WatchFacts.Licences) -> WatchPoint {
    let site = licences.site
    let worst = [(licences.critical, "critical"), (licences.warnings, "worth a warning")].filter { $0.0 > 0 }
    let words = worst.map { "\(Words.count($0.0)) \($0.1)" }.joined(separator: ", ")
    let text = "site \(site): \(Words.count(licences.count, "licence"))\(words.isEmpty ? "" : ", of which \(words)")"
    let state: WatchPoint.State = licences.critical > 0 ? .critical : licences.warnings > 0 ? .warning : .ok
    return WatchPoint("licences.\(site)", state, text, remedy: "See 'kscmirror licence list --from \(site)'.")
  }

  // MARK: - Sites

  private func site(_ site: WatchFacts.Site) -> [WatchPoint] { [receipt(site), leave(site)].compactMap { $0 } }

  private func receipt(_ site: WatchFacts.Site) -> WatchPoint {
    guard let received = site.received else {
      return WatchPoint("receipt.\(site.name)", .warning, "site \(site.name): no receipt yet")
    }
    return WatchPoint(
      "receipt.\(site.name)",
      state(passed(received), settings.receipt),
      "site \(site.name): last receipt \(ago(received))",
      remedy: "Bring the stick back and run 'kscmirror collect'; ask there whether the import worked."
    )
  }

  /// Whether a stick should have left: what was packed since may be on its way.
  private func leave(_ site: WatchFacts.Site) -> WatchPoint? {
    guard let leave = site.forecast.leave else { return nil }
    let text = "site \(site.name): the next stick must leave by \(Words.time(leave))"
    guard leave <= facts.now else { return WatchPoint("leave.\(site.name)", .ok, text) }
    if let snapshot = site.onTheWay, let packed = site.packed, packed >= leave.adding(seconds: -settings.age.warning) {
      return WatchPoint(
        "leave.\(site.name)",
        .ok,
        "site \(site.name): snapshot \(snapshot) was packed \(ago(packed)), no receipt yet"
      )
    }
    return WatchPoint(
      "leave.\(site.name)",
      .warning,
      "site \(site.name): a stick should have left by \(Words.time(leave))",
      remedy: "Run 'kscmirror pack --site \(site.name)' and send it."
    )
  }

  private func state(_ passed: Int64, _ limits: WatchSettings.Limits) -> WatchPoint.State {
    passed >= limits.critical ? .critical : passed >= limits.warning ? .warning : .ok
  }
}

extension StoreRoom {
  /// It in a sentence without an end.
  package var words: String {
    let files = inodes.map { $0 / 4 < needInodes ? ", but only \(Words.count($0, "inode"))" : "" } ?? ""
    return "\(Words.bytes(free)) free\(files); the next release needs about \(Words.bytes(need))"
  }

  /// What to do about it.
  package static var remedy: String { "Make room; 'kscmirror prune' removes old snapshots." }
}
