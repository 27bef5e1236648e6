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
    try StoreLock.receipts.holding(folders) {
      try files(name).remove()
      try forgetIntroduction(of: name)
    }
  }

  /// - Throws: an error with ``ExitStatus/notThere`` when no site of that name is known.
  package func refuseUnknown(_ name: String) throws {
    if SiteName.isValid(name), try files(name).isThere() { return }
    let known = try names()
    throw JobError(
      .notThere,
      "no site '\(name)' is known here",
      remedy: known.isEmpty ? "Collect its receipt with 'kscmirror collect'." : Self.offer(known, for: name)
    )
  }

  private static func offer(_ known: [String], for name: String) -> String {
    let nearest = NearestName.of(name, among: known).map { "Did you mean '\($0)'? " } ?? ""
    return "\(nearest)Known are: \(Words.list(known, atMost: 20))."
  }

  /// The site whose key this is; `nil` when no known site has it.
  package func site(with fingerprint: Fingerprint) throws -> KnownSite? {
    try all().first { $0.fingerprint == fingerprint }
  }

  /// Gives a site another name: what is known of it stays. The caller has seen that the new name is free.
  package func rename(_ site: KnownSite, to name: String) throws {
    let renamed = KnownSite(
      name: name,
      fingerprint: site.fingerprint,
      since: site.since,
      highest: site.highest,
      receipts: site.receipts,
      packed: site.packed,
      formerNames: (site.formerNames + [site.name]).suffix(Self.mostFormerNames)
    )
    try StoreLock.receipts.holding(folders) {
      // Until the last step the site is known by its old name.
      let (old, new) = (folder.appending(site.name), folder.appending(name))
      let partial = folder.appending(".renaming")
      try Files.removeTree(partial)
      try Files.makeFolder(partial)
      for entry in try Files.entries(of: old) where entry.kind == .file && entry.name != "site.json" {
        try Files.replace(
          partial.appending(entry.name),
          with: Files.read(old.appending(entry.name), atMost: Self.largestFile)
        )
      }
      try SiteFiles(folder: partial, name: name).save(renamed)
      try Files.rename(partial, to: new)
      try files(site.name).remove()
      try Files.syncFolder(folder)
      try forgetIntroduction(of: site.name)
    }
  }

  private static let mostFormerNames = 20
  private static let largestFile = 1 << 20

  // MARK: - Sites without receipts

  /// The sites that bundles were made for on purpose before the first receipt of theirs came.
  private var introductions: StateFile {
    StateFile(
      folders.receipts.appending("introduced.json"),
      kind: "kscmirror introduced sites",
      remedy: "Remove it: sites of which no receipt was collected need --new-site once more.",
      maximumSize: 1 << 20
    )
  }

  private static let mostIntroduced = 1000

  private func introduced() throws -> [String] {
    try introductions.readIfIntact()?["sites"]?.array?.compactMap(\.string) ?? []
  }

  /// Sees that a bundle for a site is made for one that somebody has heard of, or for a new one on purpose.
  ///
  /// - Parameter isNew: whether a person says that the site is new.
  /// - Throws: an error with ``ExitStatus/notThere`` for a site that is not known; with ``ExitStatus/usage`` for a name
  ///   that differs from a known one in case only, since files on a stick are named by sites.
  package func refuseUnheard(_ name: String, isNew: Bool) throws {
    let known = try Set(names() + introduced()).sorted()
    try Self.refuseTwin(of: name, among: known)
    if isNew || known.contains(name) { return }
    throw JobError(
      .notThere,
      "no site '\(name)' is known here: no receipt of it was collected, and no bundle was made for it. Nothing was written",
      remedy: (known.isEmpty ? "" : Self.offer(known, for: name) + " ")
        + "For a new site, add --new-site this once."
    )
  }

  /// - Throws: an error with ``ExitStatus/usage`` for a name that differs from another one in case only.
  package static func refuseTwin(of name: String, among known: [String]) throws {
    guard let twin = known.first(where: { $0 != name && $0.lowercased() == name.lowercased() }) else { return }
    throw JobError(
      .usage,
      "sites '\(name)' and '\(twin)' would differ in case only, and on a stick their files would take each other's place",
      remedy: "If '\(twin)' is meant, write it so; give a new site another name."
    )
  }

  /// Remembers that a bundle was made for a site.
  package func introduce(_ name: String) throws {
    guard try !names().contains(name), try !introduced().contains(name) else { return }
    try StoreLock.receipts.holding(folders) {
      let list = (try introduced() + [name]).suffix(Self.mostIntroduced)
      try Files.makeFolder(folders.receipts)
      try introductions.write(["sites": .array(list.map { .string($0) })])
    }
  }

  /// Forgets that a bundle was made for a site.
  private func forgetIntroduction(of name: String) throws {
    let list = try introduced()
    guard list.contains(name) else { return }
    try introductions.write(["sites": .array(list.filter { $0 != name }.map { .string($0) })])
  }
}
