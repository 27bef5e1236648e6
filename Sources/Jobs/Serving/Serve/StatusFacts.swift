import Catalogue
import ContentStore
import JobCore
import LicenceReports
import Licences
import MirrorConfiguration
import MirrorTypes
import ServerJobs
import SiteDocuments
import StoreTrust
import Synchronization
import SystemPackage
import Watching
import WebStore

/// Gathers what the status page tells.
package final class StatusFacts: Sendable {
  /// What is reported about a release for as long as it is served.
  private struct ReleaseFacts {
    let release: WebStatus.Release
    let components: [SnapshotAge.Component]
    let packages: [WebStatus.Package]
    let packageCount: Int
  }

  private let folder: FilePath
  private let site: String?
  private let clock: WallClock
  private let context: JobContext
  private var settings: WatchSettings { context.configuration.watch }
  /// How many days before its end a licence is reported; `nil`: none ever is.
  private let warnDays: Int?
  private let kept = Mutex<ReleaseFacts?>(nil)

  init(_ context: JobContext, warnDays: Int?) {
    folder = context.configuration.store
    site = context.configuration.site
    clock = context.clock
    self.context = context
    self.warnDays = warnDays
  }

  /// What there is to tell now.
  func status(_ store: ContentStore?, _ index: ReleaseIndex?) throws -> WebStatus {
    let now = clock.now
    let facts = try store.flatMap { store in try index.map { try releaseFacts(store, $0) } }
    let run = try store.flatMap { try Self.lastRun($0) }
    return WebStatus(
      site: site,
      release: facts?.release,
      components: facts?.components.map { WebStatus.Component($0, now: now, by: settings.ages) } ?? [],
      lastRun: run.map { WebStatus.Run($0) },
      packages: facts?.packages ?? [],
      packageCount: facts?.packageCount ?? 0,
      licences: warnDays.map { licences(warnDays: $0, now: now) } ?? [],
      asOf: now,
      limits: settings.ages,
      watched: watched,
      language: context.configuration.language
    )
  }

  /// What else is shown to Prometheus. Sites are not for whoever reads a web server, nor are licences as a rule.
  private var watched: PrometheusText {
    var text = PrometheusText()
    if let facts = try? WatchGathering(context).facts() { text.add(facts, forOwner: false) }
    return text
  }

  /// What there is to tell of a store without its files: what is published and how the last run ended.
  package static func brief(
    _ store: ContentStore,
    site: String?,
    limits: AgeLimits,
    now: UTCTime
  ) throws -> WebStatus {
    let release = try store.current().map { release in
      try Self.release(try store.snapshot(release.number), store)
    }
    return WebStatus(
      site: site,
      release: release?.release,
      components: release?.components.map { WebStatus.Component($0, now: now, by: limits) } ?? [],
      lastRun: try lastRun(store).map { WebStatus.Run($0) },
      packages: [],
      packageCount: 0,
      asOf: now,
      limits: limits
    )
  }

  /// The last import, or the last sync of a store that imports nothing.
  private static func lastRun(_ store: ContentStore) throws -> Run? {
    try store.runs(last: 1, job: "import").first ?? store.runs(last: 1, job: "sync").first
  }

  private static func release(
    _ snapshot: Snapshot,
    _ store: ContentStore
  ) throws -> (release: WebStatus.Release, components: [SnapshotAge.Component]) {
    let published = try store.releases().first { $0.number == snapshot.number }?.published ?? snapshot.created
    let age = SnapshotAge(snapshot.notes)
    let release = WebStatus.Release(
      number: snapshot.number,
      created: snapshot.created,
      published: published,
      files: snapshot.fileCount,
      bytes: snapshot.totalBytes,
      indexDate: age.date,
      hasIndex: age.hasIndex
    )
    return (release, age.components(try store.summary(of: snapshot.number)))
  }

  private func releaseFacts(_ store: ContentStore, _ index: ReleaseIndex) throws -> ReleaseFacts {
    if let facts = kept.withLock({ $0 }), facts.release.number == index.number { return facts }
    let (release, components) = try Self.release(try store.snapshot(index.number), store)
    let packages = index.paths(below: PackageFolder.prefix, atMost: WebStatus.listedPackages)
    let facts = ReleaseFacts(
      release: release,
      components: components,
      packages: packages.map { .init(path: $0.path, bytes: $0.entry.size, sha256: $0.entry.digest.hex) },
      packageCount: index.count(below: PackageFolder.prefix)
    )
    kept.withLock { $0 = facts }
    return facts
  }

  /// Licences of all sites that somebody should look at. What cannot be read is a matter of `licence list`.
  private func licences(warnDays: Int, now: UTCTime) -> [WebStatus.Licence] {
    let sites = (try? LicenceShelf.sites(folder)) ?? []
    return sites.flatMap { site -> [WebStatus.Licence] in
      guard let document = try? LicenceShelf(folder, site: site).newest() else { return [] }
      let report = LicenceReport(document, now: now, warnDays: warnDays)
      return report.rows.filter { $0.assessment.urgency > .fine }.map { row in
        WebStatus.Licence(
          name: row.key.text(.product) ?? row.key.serial,
          site: site,
          ends: row.assessment.expiry,
          problem: row.assessment.states.first?.word(in: .english) ?? "",
          shown: row.assessment.states.first?.phrase
        )
      }
    }
  }
}

extension WebStatus.Component {
  init(_ component: SnapshotAge.Component, now: UTCTime, by limits: AgeLimits) {
    self.init(
      name: component.name,
      source: component.summary.source,
      files: component.summary.files,
      bytes: component.summary.bytes,
      indexDate: component.date,
      arrived: component.summary.arrived,
      age: component.age(now, by: limits)
    )
  }
}

extension WebStatus.Run {
  init(_ run: Run) {
    self.init(
      job: run.job,
      started: run.started,
      finished: run.finished,
      succeeded: run.outcome == .ok,
      message: run.message
    )
  }
}
