import ContentStore
import FileSystem
import JobCore
import KSN
import Licences
import MirrorConfiguration
import MirrorTypes
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

/// Gives a site another name, as it has one there now.
package struct SiteRenameJob: Sendable, InContext {
  package let context: JobContext
  private let name: String
  private let newName: String
  private let dryRun: Bool

  /// A job on the context's store that calls the site `name` `newName`, or only says so.
  package init(_ context: JobContext, name: String, to newName: String, dryRun: Bool) {
    self.context = context
    self.name = name
    self.newName = newName
    self.dryRun = dryRun
  }

  /// Renames it.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no site of that name is known, and with
  ///   ``ExitStatus/cannotCreate`` when the new name is taken, or something waits under the old one.
  package func run() throws -> SiteRenameReport {
    _ = try ContentStore.open(folder, access: .reading)
    let registry = SiteRegistry(folders)
    try registry.refuseUnknown(name)
    guard let site = try registry.site(named: name) else {
      throw JobError(.notThere, "no site '\(name)' is known here")
    }
    guard SiteName.isValid(newName) else {
      throw JobError(.usage, "'\(newName)' cannot be the name of a site: it \(SiteName.rule)")
    }
    let others = try registry.names().filter { $0 != name }
    guard !others.contains(newName) else {
      throw JobError(
        .cannotCreate,
        "site '\(newName)' is known here already",
        remedy: "If it is the same one under two names, forget one of them with 'kscmirror site forget'."
      )
    }
    try SiteRegistry.refuseTwin(of: newName, among: others)
    try refuseWaiting()
    if !dryRun {
      try audit.noting(.site("the renaming of site \(name) to \(newName)", name)) { _ in
        try move()
        // Last: until then the site is known by its old name, and the command can be run again.
        try registry.rename(site, to: newName)
        return .site("site \(name) is called \(newName) now", newName)
      }
    }
    return SiteRenameReport(site: newName, formerly: name, dryRun: dryRun)
  }

  /// What was sealed under the old name cannot be opened under the new one.
  private func refuseWaiting() throws {
    let outbox = try ParcelOutbox(context.silent, .toSite, site: name)
    let waiting = try outbox.parcels().filter { $0.acknowledged == nil }.map { "\($0.number)" }
    guard waiting.isEmpty else {
      throw JobError(
        .cannotCreate,
        "deliveries wait for site '\(name)', and under another name it would refuse them: \(Words.list(waiting, atMost: 20))",
        remedy:
          "Take them back with 'kscmirror parcel withdraw \(waiting.joined(separator: " ")) --to \(name)', rename the site, and send them anew."
      )
    }
    let unused = try ParcelShelf(context, site: name).load()?.entries.count { $0.isKept && !$0.isConsumed }
    guard unused ?? 0 == 0 else {
      throw JobError(
        .cannotCreate,
        "\(Words.count(unused ?? 0, "parcel")) of site '\(name)' \(unused == 1 ? "was" : "were") not used yet",
        remedy: "Use them first, with 'kscmirror licence import', 'ksn import' and 'exchange receive', or drop them."
      )
    }
  }

  /// Moves what is kept of the site elsewhere. What was moved by a run that was killed stays where it is.
  private func move() throws {
    try ParcelShelf(context, site: name).rename(to: newName)
    try OutboxFiles(context, .toSite, site: name).removeAll()
    let repeating = folders.receipts.appending("repeating")
    let pairs = [
      (folders.licences.appending(name), folders.licences.appending(newName)),
      (folders.ksn.appending(name), folders.ksn.appending(newName)),
      (folders.exchange(to: name), folders.exchange(to: newName)),
      (folders.exchange(from: name), folders.exchange(from: newName)),
      (repeating.appending("\(name).json"), repeating.appending("\(newName).json")),
    ]
    for (old, new) in pairs where try Files.status(old) != nil && Files.status(new) == nil {
      try Files.rename(old, to: new)
    }
  }
}

/// What renaming a site did, or would do.
package struct SiteRenameReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// The name that it had.
  package let formerly: String
  /// Whether nothing was renamed.
  package let dryRun: Bool
}

/// What forgetting a site did, or would do.
package struct SiteForgetReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// The snapshot that `prune` kept for it.
  package let base: Int?
  /// How many of its parcels go with it that were not used.
  package let unusedParcels: Int
  /// Whether this was a dry run: nothing was forgotten.
  package let dryRun: Bool
}
