import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import Sites
import SystemPackage
import Trust

/// Removes files of an exchange folder that the other side is known to have, by its answer or receipt: only those that are
/// still what was sent.
struct ExchangeClearing {
  let side: ExchangeSide
  let dryRun: Bool
  let reporter: any JobReporter

  /// Clears a folder that this side sends.
  ///
  /// - Returns: the files that were removed.
  func clear(_ folder: ExchangeFolder) throws -> [String] {
    guard folder.clear else { return [] }
    return side.isSite ? try clearAtSite(folder) : try clearConnected(folder)
  }

  // MARK: - At a site

  private func clearAtSite(_ folder: ExchangeFolder) throws -> [String] {
    var ledger = try ExchangeLedger(side.store, folder.name, to: nil)
    let arrived = try arrivals(to: nil, folder)
    var removed: [String] = []
    let opened = try ExchangeScan.open(folder.folder)
    var done: [TreePath] = []
    var obstacles = Obstacles()
    for entry in ledger.entries.values.sorted(by: { $0.path < $1.path }) where arrived.contains(entry.parcel) {
      guard let isRemoved = try obstacles.passing({ try remove(entry.path, entry.sha256, in: opened) }) else {
        continue
      }
      done.append(entry.path)
      if isRemoved { removed.append(entry.path.string) }
    }
    obstacles.tell(folder, reporter)
    if !done.isEmpty && !dryRun { try ledger.forget(done) }
    return removed
  }

  // MARK: - On the connected side

  /// A file goes when each site that it was to go to has it.
  private func clearConnected(_ folder: ExchangeFolder) throws -> [String] {
    var ledgers: [String: ExchangeLedger] = [:]
    var arrived: [String: Set<ParcelHeader.Previous>] = [:]
    for site in try SiteRegistry(side.folders).names() where folder.sites.isEmpty || folder.sites.contains(site) {
      var ledger = try ExchangeLedger(side.store, folder.name, to: site)
      let known = try arrivals(to: site, folder)
      try clearLists(&ledger, site, known, folder)
      let isMeant = folder.preset == nil || !ledger.entries.isEmpty
      if isMeant { (ledgers[site], arrived[site]) = (ledger, known) }
    }
    guard !ledgers.isEmpty else { return [] }
    var removed: [String] = []
    var obstacles = Obstacles()
    for file in try ExchangeScan(folder.folder, atMost: mostBytes).files {
      let isThere = ledgers.allSatisfy { site, ledger in
        ledger.entries[file.path].map { $0.sha256 == file.sha256 && arrived[site]?.contains($0.parcel) == true }
          ?? false
      }
      guard isThere, try obstacles.passing({ try remove(file.place, file.sha256) }) == true else { continue }
      removed.append(file.path.string)
      guard !dryRun else { continue }
      for site in ledgers.keys { try ledgers[site]?.forget([file.path]) }
    }
    obstacles.tell(folder, reporter)
    return removed
  }

  /// The lists of required updates that a delivery has answered, once the site has it; and what of them no other site
  /// has listed too, in the folder that the connected server reads.
  private func clearLists(
    _ ledger: inout ExchangeLedger,
    _ site: String,
    _ arrived: Set<ParcelHeader.Previous>,
    _ folder: ExchangeFolder
  ) throws {
    guard let lists = side.counterpart(of: folder), !dryRun else { return }
    let numbers = ledger.answered.keys.filter { number in arrived.contains { $0.number == number } }
    guard !numbers.isEmpty else { return }
    let own = try side.lists(lists, of: site)
    for (path, digest) in numbers.flatMap({ ledger.answered[$0]?.map { $0 } ?? [] }) {
      guard try remove(path, digest, in: own) else { continue }
      let other = try twin(of: path, lists, besides: site)
      guard other?.path != path else { continue }
      let folder = try ExchangeScan.open(lists.folder)
      _ = try remove(path, digest, in: folder)
      // Another site spells it otherwise.
      guard let other else { continue }
      try ExchangeWriting(root: folder).copy(other.place, as: other.path, sha256: digest)
    }
    try ledger.forget([], answers: numbers)
  }

  /// The same name in the lists of another site, which the server's file system may spell in either case.
  private func twin(
    of path: TreePath,
    _ lists: ExchangeFolder,
    besides site: String
  ) throws -> (path: TreePath, place: Place)? {
    for other in try side.listingSites(lists) where other != site {
      let folder = try side.lists(lists, of: other)
      let found = try ExchangeScan(folder, atMost: .max).files.first { $0.path.folded == path.folded }
      if let found { return (found.path, found.place) }
    }
    return nil
  }

  // MARK: - Both

  /// Files that somebody who may write in the folder keeps from being removed, by a link on the way or by permissions:
  /// they are tried again the next time, and stop nothing else.
  private struct Obstacles {
    private var errors: [FileError] = []

    /// What `body` gives; `nil` where something is in the way of the file.
    mutating func passing<Result>(_ body: () throws -> Result) throws -> Result? {
      do {
        return try body()
      } catch let error as FileError where !error.isDeviceFailure && !error.isOutOfSpace {
        errors.append(error)
        return nil
      }
    }

    func tell(_ folder: ExchangeFolder, _ reporter: any JobReporter) {
      guard !errors.isEmpty else { return }
      let files = Words.count(errors.count, "file that has arrived was", "files that have arrived were")
      reporter.warning(
        "not-cleared",
        "exchange folder \(folder.name): \(files) not removed: \(Words.list(errors.map(\.description)))"
      )
    }
  }

  private func arrivals(to site: String?, _ folder: ExchangeFolder) throws -> Set<ParcelHeader.Previous> {
    Set(try side.outbox(folder, to: site).lane.arrivals().arrived.keys)
  }

  private var mostBytes: Int64 { side.configuration.parcels.mostBytes }

  /// Removes a file if it is what was sent.
  private func remove(_ path: TreePath, _ digest: Digest256, in folder: Place) throws -> Bool {
    try remove(folder.pushing(path.string), digest)
  }

  private func remove(_ place: Place, _ digest: Digest256) throws -> Bool {
    // Nothing that is larger was ever sent.
    guard let status = try place.status(), status.kind == .file, status.size <= mostBytes,
      try ExchangeScan.digest(of: place, atMost: mostBytes).sha256 == digest
    else { return false }
    if !dryRun { try place.remove() }
    return true
  }
}
