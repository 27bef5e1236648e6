import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Puts files that have come in parcels or deliveries into the exchange folders of this side.
package struct ExchangeReceiveJob: Sendable {
  private let side: ExchangeSide
  private let names: [String]
  private let dryRun: Bool
  private let reporter: any JobReporter

  /// A job on the store and the folders of a configuration.
  ///
  /// - Parameter names: the names of the folders; none: all that this side receives.
  package init(
    configuration: Configuration,
    names: [String],
    dryRun: Bool,
    reporter: any JobReporter
  ) throws {
    side = try ExchangeSide(configuration)
    self.names = names
    self.dryRun = dryRun
    self.reporter = reporter
  }

  /// Puts into place what has not been used yet.
  ///
  /// - Throws: an error; what was put into place before it stays, and the next run goes on.
  package func run() throws -> ExchangeReceiveReport {
    _ = try ContentStore.open(side.store, access: .reading)
    let folders = try side.folders(names).filter { !side.sends($0) }
    let lock = try StoreLock.exchange.take(in: side.store)
    defer { withExtendedLifetime(lock) {} }
    var report = ExchangeReceiveReport(dryRun: dryRun)
    for folder in folders {
      let kind = try side.kind(of: folder)
      let inbox = ParcelInbox(store: side.store, side.isSite ? .toSite : .fromSite)
      for parcel in try inbox.pending(kind, of: side.isSite ? side.configuration.site : nil) {
        try take(parcel, kind, folder, inbox, &report)
      }
      if !side.isSite && folder.preset == .vapm && !dryRun { report.conflicts += try merge(folder) }
    }
    return report
  }

  /// Where the files of a site's parcel, or of a delivery, go.
  private func target(_ folder: ExchangeFolder, _ parcel: TakenParcel) -> FilePath {
    if side.isSite { return folder.folder }
    return folder.preset == .vapm
      ? side.lists(folder, of: parcel.site) : folder.folder.appending(FilePath.Component(parcel.site) ?? "_")
  }

  private func take(
    _ parcel: TakenParcel,
    _ kind: ParcelKind,
    _ folder: ExchangeFolder,
    _ inbox: ParcelInbox,
    _ report: inout ExchangeReceiveReport
  ) throws {
    var taken = ExchangeReceiveReport.Taken(site: parcel.site, number: parcel.number, folder: folder.name)
    if dryRun {
      taken.files = try inbox.open(site: parcel.site, number: parcel.number).contents.files
        .compactMap { $0.path(below: kind)?.string }
      report.taken.append(taken)
      return
    }
    let place = target(folder, parcel)
    guard try Files.status(Files.resolvingLinks(folder.folder))?.kind == .folder else {
      throw JobError(
        .notThere,
        "\(folder.folder) is no folder",
        remedy: "Make it, or name another one in [[exchange]]; nothing was put into place."
      )
    }
    let writing = ExchangeWriting(root: place)
    let isNew = try inbox.consume(parcel, as: kind) { reader in
      let files = reader.contents.files.filter { $0.isOf(kind) }
      try writing.refuseWithoutRoom(for: files)
      try reader.forEach { file, read in
        guard let path = file.path(below: kind) else { return }
        try writing.write(path, file, read)
        taken.files.append(path.string)
      }
      try Files.syncFileSystem(containing: place)
    }
    if isNew { report.taken.append(taken) }
  }

  /// Puts the lists of all sites into the folder that the connected server reads: each file once.
  ///
  /// - Returns: what cannot be put there, in sentences.
  private func merge(_ folder: ExchangeFolder) throws -> [String] {
    var listings: [RequirementListing] = []
    for site in try side.listingSites(folder) {
      let files = try ExchangeScan(side.lists(folder, of: site)).files
      listings.append(
        RequirementListing(
          site: site,
          files: files.map { .init(name: $0.path.string, digest: $0.sha256, size: Int(clamping: $0.size)) }
        )
      )
    }
    let plan = try RequirementPlan(merging: listings)
    for entry in plan.entries {
      guard let site = entry.sites.first, let path = try? TreePath(entry.file.name) else { continue }
      // The plan's spelling is one of those that the sites have.
      let sources = entry.sites.map { site in
        side.lists(folder, of: site).pushing(FilePath(entry.file.name))
      }
      let source = try sources.first { try Files.status($0)?.kind == .file }
      guard let source else { throw JobError(.software, "\(site): \(entry.file.name) is gone") }
      try ExchangeWriting(root: folder.folder).copy(source, as: path, sha256: entry.file.digest)
    }
    for name in plan.refused {
      reporter.warning("refused", "exchange folder \(folder.name): no name of a list: \(name)")
    }
    let conflicts = plan.conflicts.map(\.sentence)
    for conflict in conflicts { reporter.warning("conflict", "exchange folder \(folder.name): \(conflict)") }
    return conflicts
  }
}

/// What was put into place, or would be.
package struct ExchangeReceiveReport: Sendable, Encodable {
  /// What came in one parcel or delivery for one folder.
  package struct Taken: Sendable, Encodable {
    /// The site that it is of, or for.
    package let site: String
    /// Its number.
    package let number: Int64
    /// The exchange folder.
    package let folder: String
    /// The files.
    package internal(set) var files: [String] = []

    init(site: String, number: Int64, folder: String) {
      self.site = site
      self.number = number
      self.folder = folder
    }
  }

  /// Whether nothing was changed.
  package let dryRun: Bool
  /// What was put into place.
  package internal(set) var taken: [Taken] = []
  /// Lists of required updates that differ under one name, in sentences.
  package internal(set) var conflicts: [String] = []

  init(dryRun: Bool) { self.dryRun = dryRun }
}
