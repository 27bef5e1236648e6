import ContentStore
import JobCore
import KSN
import Licences
import MirrorConfiguration
import Parcels
import Sites
import SystemPackage

/// Tells of the sites that a connected store knows.
package struct SiteListJob: Sendable, InContext {
  package let context: JobContext
  private let registry: SiteRegistry

  /// A job on the context's store.
  package init(_ context: JobContext) {
    self.context = context
    registry = SiteRegistry(context.folders)
  }

  /// Tells what each site has and lacks, by name.
  package func run() throws -> SiteListReport {
    let store = try ContentStore.open(folder, access: .reading)
    let snapshots = try store.snapshots()
    var facts: [SiteFacts] = []
    let watch = configuration.watch
    for site in try registry.all() { facts.append(try SiteFacts(site, store, snapshots, watch, now: clock.now)) }
    return SiteListReport(newest: snapshots.last(where: \.isWhole)?.number, sites: facts)
  }

  /// Tells all that is known of one site.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no site of that name is known.
  package func show(_ name: String) throws -> SiteReport {
    let store = try ContentStore.open(folder, access: .reading)
    try registry.refuseUnknown(name)
    let snapshots = try store.snapshots()
    guard let site = try registry.site(named: name) else {
      throw JobError(.notThere, "no site '\(name)' is known here")
    }
    let inbox = ParcelInbox(context)
    return SiteReport(
      site,
      facts: try SiteFacts(site, store, snapshots, configuration.watch, now: clock.now),
      snapshots,
      parcels: try inbox.parcels(of: name),
      missing: try inbox.missing(of: name).first
    )
  }
}

/// Forgets a site.
package struct SiteForgetJob: Sendable, InContext {
  package let context: JobContext
  private let name: String
  private let dryRun: Bool

  /// A job on the context's store that forgets the site `name`, or only says so.
  package init(_ context: JobContext, name: String, dryRun: Bool) {
    self.context = context
    self.name = name
    self.dryRun = dryRun
  }

  /// Forgets it.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no site of that name is known.
  package func run() throws -> SiteForgetReport {
    let store = try ContentStore.open(folder, access: .reading)
    let registry = SiteRegistry(folders)
    try registry.refuseUnknown(name)
    let snapshots = try store.snapshots()
    // What is kept of it may be damaged, which is a reason to forget it.
    let base = (try? registry.site(named: name))?.base(among: snapshots)?.number
    let shelf = ParcelShelf(context, site: name)
    let unused = (try? shelf.load())?.entries.count { $0.isKept && !$0.isConsumed } ?? 0
    if !dryRun {
      try audit.noting(.site("the forgetting of site \(name)", name)) { _ in
        try registry.forget(name)
        try shelf.remove()
        try OutboxFiles(context, .toSite, site: name).removeAll()
        try LicenceShelf(folder, site: name).remove()
        try KSNShelf(folder, site: name).removeContents()
        return .site("site \(name) was forgotten", name)
      }
    }
    return SiteForgetReport(site: name, base: base, unusedParcels: unused, dryRun: dryRun)
  }
}

/// What forgetting a site did, or would do.
package struct SiteForgetReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// The snapshot that `prune` kept for it.
  package let base: Int?
  /// How many of its parcels go with it that were not used.
  package let unusedParcels: Int
  /// Whether nothing was forgotten in truth.
  package let dryRun: Bool
}
