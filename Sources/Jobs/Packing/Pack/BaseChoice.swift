import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Sites
import StoreTrust
import StrictJSON
import SystemPackage
import Trust

/// Chooses what a bundle builds on.
///
/// 1. What a person says: a snapshot, or nothing.
/// 2. In the repeating mode, for a site of which no receipts come: the last full bundle, until it is time for the next.
/// 3. What the site holds by its newest receipt.
struct BaseChoice: InContext {
  /// What was chosen.
  enum Choice {
    /// A full bundle.
    case full
    /// An incremental one.
    case base(Snapshot)
    /// The site has the very snapshot.
    case nothingToCarry
  }

  let context: JobContext
  let store: ContentStore
  let options: PackJob.Options

  func choose(for snapshot: Snapshot) throws -> Choice {
    if options.full { return .full }
    if let number = options.base {
      guard number != snapshot.number else {
        throw JobError(.usage, "snapshot \(number) cannot build on itself", remedy: "Name an older one with --base.")
      }
      return .base(try store.snapshot(number))
    }
    guard let name = options.site else { return .full }
    if let count = options.fullEvery { return try repeating(name, count, snapshot) }
    guard let site = try SiteRegistry(folders).site(named: name) else {
      reporter.information(
        "full",
        "no receipt from site '\(name)' yet: writing a full bundle. Collect its receipt, or name what it has with --base."
      )
      return .full
    }
    return try choice(for: site, snapshot)
  }

  private func choice(for site: KnownSite, _ snapshot: Snapshot) throws -> Choice {
    guard site.bundleFormat >= BundleFacts.formatOfIncrements else {
      reporter.information("full", "site '\(site.name)' has a kscmirror that reads full bundles only")
      return .full
    }
    if let newest = site.newest, newest.has(snapshot), newest.current?.snapshot ?? 0 <= snapshot.number {
      if let current = newest.current, current.snapshot != snapshot.number {
        reporter.warning(
          "site-rolled-back",
          "site '\(site.name)' has snapshot \(snapshot.number) already, and has gone back from it to snapshot \(current.snapshot): nothing is carried. 'kscmirror rollback --undo' there publishes it; --full carries it all the same"
        )
      }
      return .nothingToCarry
    }
    guard let base = site.base(among: try store.snapshots()) else {
      reporter.information("full", "no snapshot that site '\(site.name)' holds is still here: a full bundle")
      return .full
    }
    return base.number == snapshot.number ? .nothingToCarry : .base(base)
  }

  private func repeating(_ site: String, _ count: Int, _ snapshot: Snapshot) throws -> Choice {
    let round = try RepeatingRounds(folder).round(of: site)
    guard let round, round.bundles < count, round.full != snapshot.number,
      let base = try store.snapshots().first(where: { $0.number == round.full })
    else { return .full }
    return .base(base)
  }
}

/// How far the repeating mode is with each site: which full bundle its incremental ones build on.
package struct RepeatingRounds {
  /// A full bundle, and those after it.
  struct Round: Sendable, Hashable {
    /// The snapshot of the full bundle.
    var full: Int
    /// How many bundles there were, the full one among them.
    var bundles: Int
  }

  private let folder: FilePath

  package init(_ store: FilePath) { folder = StoreFolders(store).receipts.appending("repeating") }

  private func file(_ site: String) -> StateFile {
    StateFile(
      folder.appending("\(site).json"),
      kind: "kscmirror repeating round",
      remedy: "Remove it: the next bundle for site '\(site)' is a full one then.",
      maximumSize: 4096,
      wasUnmarked: true
    )
  }

  /// How far it is with a site; `nil` before the first bundle.
  func round(of site: String) throws -> Round? {
    // What is damaged makes the next bundle a full one, which mends it.
    guard let object = try file(site).readIfIntact(), let full = object["full"]?.integer,
      let bundles = object["bundles"]?.integer
    else { return nil }
    return Round(full: Int(clamping: full), bundles: Int(clamping: bundles))
  }

  /// Notes a bundle that was written for a site.
  func note(_ facts: BundleFacts, for site: String) throws {
    var next = Round(full: facts.snapshot, bundles: 1)
    if let base = facts.base, let round = try round(of: site), round.full == base.number {
      next = Round(full: round.full, bundles: round.bundles + 1)
    }
    try Files.makeFolder(folder, permissions: StoreFolders.shared)
    try file(site).write(["full": .integer(Int64(next.full)), "bundles": .integer(Int64(next.bundles))])
  }

  /// The snapshots that incremental bundles still build on, with the names of the sites.
  package func bases() throws -> [Int: [String]] {
    guard try Files.status(folder) != nil else { return [:] }
    var bases: [Int: [String]] = [:]
    for entry in try Files.entries(of: folder) where entry.name.hasSuffix(".json") {
      let site = String(entry.name.dropLast(5))
      if let round = try round(of: site) { bases[round.full, default: []].append(site) }
    }
    return bases
  }
}
