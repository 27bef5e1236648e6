import Catalogue
import ContentStore
import JobCore
import LicenceReports
import Licences
import MirrorTypes
import ServerJobs
import SiteDocuments
import StoreTrust
import Synchronization
import SystemPackage
import WebStore

/// Gathers what the status page tells.
final class StatusFacts: Sendable {
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
  /// How many days before its end a licence is reported; `nil`: none ever is.
  private let warnDays: Int?
  private let kept = Mutex<ReleaseFacts?>(nil)

  init(_ context: JobContext, warnDays: Int?) {
    folder = context.configuration.store
    site = context.configuration.site
    clock = context.clock
    self.warnDays = warnDays
  }

  /// What there is to tell now.
  func status(_ store: ContentStore?, _ index: ReleaseIndex?) throws -> WebStatus {
    let now = clock.now
    let facts = try store.flatMap { store in try index.map { try releaseFacts(store, $0) } }
    let run = try store.flatMap { try $0.runs(last: 1, job: "import").first ?? $0.runs(last: 1, job: "sync").first }
    return WebStatus(
      site: site,
      release: facts?.release,
      components: facts?.components.map { WebStatus.Component($0, now: now) } ?? [],
      lastRun: run.map { WebStatus.Run($0) },
      packages: facts?.packages ?? [],
      packageCount: facts?.packageCount ?? 0,
      licences: warnDays.map { licences(warnDays: $0, now: now) } ?? [],
      asOf: now
    )
  }

  private func releaseFacts(_ store: ContentStore, _ index: ReleaseIndex) throws -> ReleaseFacts {
    if let facts = kept.withLock({ $0 }), facts.release.number == index.number { return facts }
    let snapshot = try store.snapshot(index.number)
    let published = try store.releases().first { $0.number == index.number }?.published ?? snapshot.created
    let age = SnapshotAge(snapshot.notes)
    let packages = index.paths(below: PackageFolder.prefix, atMost: WebStatus.listedPackages)
    let facts = ReleaseFacts(
      release: WebStatus.Release(
        number: snapshot.number,
        created: snapshot.created,
        published: published,
        files: snapshot.fileCount,
        bytes: snapshot.totalBytes,
        indexDate: age.date,
        hasIndex: age.hasIndex
      ),
      components: age.components(try store.summary(of: index.number)),
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
          problem: row.assessment.states.first?.word ?? ""
        )
      }
    }
  }
}

extension WebStatus.Component {
  fileprivate init(_ component: SnapshotAge.Component, now: UTCTime) {
    self.init(
      name: component.name,
      source: component.summary.source,
      files: component.summary.files,
      bytes: component.summary.bytes,
      indexDate: component.date,
      arrived: component.summary.arrived,
      age: component.age(now)
    )
  }
}

extension WebStatus.Run {
  fileprivate init(_ run: Run) {
    self.init(
      job: run.job,
      started: run.started,
      finished: run.finished,
      succeeded: run.outcome == .ok,
      message: run.message
    )
  }
}
