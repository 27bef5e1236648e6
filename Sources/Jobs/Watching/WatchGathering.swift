import Catalogue
import ContentStore
import Failures
import JobCore
import LicenceReports
import Licences
import MirrorConfiguration
import MirrorTypes
import Releases
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Gathers what there is to watch of a store. It reads only, and waits for nobody.
package struct WatchGathering: Sendable, InContext {
  package let context: JobContext
  private let now: UTCTime
  private var settings: WatchSettings { configuration.watch }

  /// Gathers from the context's store, for its present.
  package init(_ context: JobContext) {
    self.context = context
    now = context.clock.now
  }

  /// All there is. What only its owner may read and this user may not is left out.
  ///
  /// - Throws: an error when the store cannot be opened or read.
  package func facts() throws -> WatchFacts {
    let store = try ContentStore.open(folder, access: .reading)
    let side = StoreSide(folders, hasSources: !configuration.sources.isEmpty)
    let standing = try Standing(of: store)
    let snapshots = try store.snapshots()
    let snapshot = snapshots.first { $0.number == standing.current }
    let age = snapshot.map { SnapshotAge($0.notes) }
    let ends = ends(side)
    return WatchFacts(
      now: now,
      site: configuration.site,
      side: side.word,
      hasSources: side.hasSources,
      release: snapshot.map { WatchFacts.Release($0, now: now, by: settings.ages) },
      components: try snapshot.map { try components(of: $0, store) } ?? [],
      newest: standing.newest,
      heldBack: standing.facts,
      unpublished: standing.missing,
      jobs: Self.jobs(try store.runs(last: Run.mostRemembered)),
      running: RunningJob.all(in: folder),
      expires: ends.expires,
      rootExpires: ends.root,
      sites: try sites(snapshots),
      room: try? StoreRoom(of: store, in: folder),
      licences: licences(),
      forecast: side.isTrusting ? SiteForecast(date: age?.date, expires: ends.expires, settings) : nil
    )
  }

  private func components(of snapshot: Snapshot, _ store: ContentStore) throws -> [WatchFacts.Component] {
    SnapshotAge(snapshot.notes).components(try store.summary(of: snapshot.number)).map { component in
      WatchFacts.Component(
        name: component.name,
        source: component.summary.source,
        indexDate: component.date,
        age: component.age(now, by: settings.ages)
      )
    }
  }

  /// When what is signed or trusted here ends: the sooner where a store does both.
  private func ends(_ side: StoreSide) -> (expires: UTCTime?, root: UTCTime?) {
    var places: [FilePath] = side.isTrusting ? [folders.trust] : []
    if side.isSigning { places.append(folders.metadata) }
    let ends = places.map { place -> (UTCTime?, UTCTime?) in
      let stored = (try? FileCache(place).load("timestamp.json")) ?? nil
      let signed = stored.flatMap { try? SignedMetadata(parsing: $0) }
      let timestamp = signed.flatMap { try? TimestampMetadata($0.signed) }
      let root = ((try? PendingRoot.read(place.appending("root.json"))) ?? nil).flatMap { try? RootMetadata($0.signed) }
      return (timestamp?.header.expires, root?.header.expires)
    }
    return (ends.compactMap(\.0).min(), ends.compactMap(\.1).min())
  }

  /// The sites; a web server's user in the store's group may not read them.
  private func sites(_ snapshots: [Snapshot]) throws -> [WatchFacts.Site] {
    do {
      return try SiteRegistry(folders).all().map { site($0, snapshots) }
    } catch {
      guard JobError(error).status == .permission else { throw error }
      return []
    }
  }

  private func site(_ site: KnownSite, _ snapshots: [Snapshot]) -> WatchFacts.Site {
    let current = site.newest?.current
    let held = current.flatMap { current in
      snapshots.first { $0.number == current.snapshot && $0.treeDigest == current.tree }
    }
    let date = site.newest?.indexDate ?? held.flatMap { SnapshotAge($0.notes).date }
    let isAhead = site.packed.map { packed in packed.snapshot > current?.snapshot ?? 0 } ?? false
    return WatchFacts.Site(
      name: site.name,
      snapshot: current?.snapshot,
      indexDate: date,
      age: current.map { _ in IndexAge(of: date, now: now, by: settings.ages) },
      received: site.receipts.last?.received,
      forecast: SiteForecast(date: date, expires: site.newest?.expires, settings),
      onTheWay: isAhead ? site.packed?.snapshot : nil,
      packed: isAhead ? site.packed?.time : nil
    )
  }

  /// What can be read of licences; the rest is a matter of `licence list`.
  private func licences() -> [WatchFacts.Licences] {
    let days = configuration.licence.warnDays
    return ((try? LicenceShelf.sites(folder)) ?? []).compactMap { site in
      guard let document = try? LicenceShelf(folder, site: site).newest() else { return nil }
      let report = LicenceReport(document, now: now, warnDays: days)
      return WatchFacts.Licences(
        site: site,
        count: report.rows.count,
        warnings: report.count(.warning),
        critical: report.count(.critical)
      )
    }
  }

  /// How each command goes, by its runs, newest first.
  package static func jobs(_ runs: [Run]) -> [WatchFacts.Job] {
    Dictionary(grouping: runs, by: \.job).sorted { $0.key < $1.key }.compactMap { name, runs in
      guard let last = runs.first else { return nil }
      let failed = runs.prefix { $0.outcome != .ok }
      return WatchFacts.Job(
        job: name,
        finished: last.finished,
        outcome: last.outcome.rawValue,
        message: last.message.split(separator: "\n").first.map(String.init) ?? "",
        succeeded: runs.first { $0.outcome == .ok }?.finished,
        failures: failed.count,
        failingSince: failed.last?.finished
      )
    }
  }
}

extension WatchFacts.Release {
  init(_ snapshot: Snapshot, now: UTCTime, by limits: AgeLimits) {
    let age = SnapshotAge(snapshot.notes)
    self.init(
      snapshot: snapshot.number,
      sealed: snapshot.created,
      files: snapshot.fileCount,
      bytes: snapshot.totalBytes,
      indexDate: age.date,
      age: age.age(now, by: limits)
    )
  }
}
