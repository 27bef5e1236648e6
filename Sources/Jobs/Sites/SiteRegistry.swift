import Catalogue
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// The sites that a connected store knows, from their receipts.
///
/// Whoever reads sees each site as it was before a change or after it; changes are made one at a time.
package struct SiteRegistry: Sendable {
  package let folders: StoreFolders

  /// The sites that the store in the folder `store` knows.
  package init(store: FilePath) { self.init(StoreFolders(store)) }

  package init(_ folders: StoreFolders) { self.folders = folders }

  private var folder: FilePath { folders.receipts.appending("sites") }

  package func files(_ name: String) -> SiteFiles { SiteFiles(folder: folder.appending(name), name: name) }

  /// The names of all sites, sorted.
  package func names() throws -> [String] {
    guard try Files.status(folder) != nil else { return [] }
    var names: [String] = []
    for entry in try Files.entries(of: folder) where SiteName.isValid(entry.name) {
      if try files(entry.name).isThere() { names.append(entry.name) }
    }
    return names
  }

  /// All sites, sorted by name.
  package func all() throws -> [KnownSite] {
    var sites: [KnownSite] = []
    for name in try names() {
      if let site = try files(name).load() { sites.append(site) }
    }
    return sites
  }

  /// A site; `nil` when none of that name is known.
  package func site(named name: String) throws -> KnownSite? {
    guard SiteName.isValid(name) else { return nil }
    return try files(name).load()
  }

  /// The snapshots of a store that sites need as bases, with the names of those sites.
  package func bases(among snapshots: [Snapshot]) throws -> [Int: [String]] {
    var bases: [Int: [String]] = [:]
    for site in try all() {
      if let base = site.base(among: snapshots) { bases[base.number, default: []].append(site.name) }
    }
    return bases
  }

  /// Remembers what was packed for a site. One that is not known is skipped.
  package func notePacked(_ packed: PackedForSite, for name: String) throws {
    guard SiteName.isValid(name), try files(name).isThere() else { return }
    try StoreLock.receipts.holding(folders) {
      // It may have been forgotten while we waited.
      if try files(name).isThere() { try files(name).save(packed) }
    }
  }

  /// Forgets a site.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when none of that name is known.
  package func forget(_ name: String) throws {
    try refuseUnknown(name)
    try StoreLock.receipts.holding(folders) { try files(name).remove() }
  }

  /// - Throws: an error with ``ExitStatus/notThere`` when no site of that name is known.
  package func refuseUnknown(_ name: String) throws {
    if SiteName.isValid(name), try files(name).isThere() { return }
    let known = try names()
    throw JobError(
      .notThere,
      "no site '\(name)' is known here",
      remedy: known.isEmpty
        ? "Collect its receipt with 'kscmirror collect'." : "Known are: \(known.joined(separator: ", "))."
    )
  }
}
