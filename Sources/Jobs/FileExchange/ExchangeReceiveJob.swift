import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Puts files that have come in parcels or deliveries into the exchange folders of this side.
package struct ExchangeReceiveJob: Sendable, InContext {
  private let side: ExchangeSide
  private let names: [String]
  private let dryRun: Bool
  package let context: JobContext

  /// A job on the store and the folders of a configuration.
  ///
  /// - Parameter names: the names of the folders; none: all that this side receives.
  package init(_ context: JobContext, names: [String], dryRun: Bool) throws {
    self.context = context
    side = try ExchangeSide(context)
    self.names = names
    self.dryRun = dryRun
  }

  /// Puts into place what has not been used yet.
  ///
  /// Each parcel stands for itself: one that is refused does not stop the others, and nothing of it is put into place.
  ///
  /// - Throws: an error when nothing could be put into place.
  package func run() throws -> ExchangeReceiveReport {
    _ = try ContentStore.open(side.store, access: .reading)
    let folders = try side.folders(names).filter { !side.sends($0) }
    let lock = try StoreLock.exchange.take(in: side.store)
    defer { withExtendedLifetime(lock) {} }
    var report = ExchangeReceiveReport(dryRun: dryRun)
    let inbox = ParcelInbox(context, side.isSite ? .toSite : .fromSite)
    var round = ParcelRound(inbox, dryRun: dryRun)
    for folder in folders {
      let kind = try side.kind(of: folder)
      try round.use(kind, of: side.isSite ? side.configuration.site : nil) { parcel in
        try take(parcel, kind, folder, inbox, &report)
      }
      if !side.isSite && folder.preset == .vapm && !dryRun { report.conflicts += try merge(folder) }
    }
    try round.refusals.tell(reporter, elseNothing: report.taken.isEmpty)
    report.status = report.conflicts.isEmpty || !round.refusals.isEmpty ? round.refusals.status : .partial
    return report
  }

  /// Where the files of a site's parcel, or of a delivery, go.
  private func target(_ folder: ExchangeFolder, _ parcel: TakenParcel) throws -> Place {
    guard let opened = try OpenFolder.ifFolder(folder.folder)?.place else {
      throw JobError(
        .notThere,
        "\(folder.folder) is not a folder",
        remedy: "Make it, or name another one in [[exchange]]; nothing was put into place."
      )
    }
    if side.isSite { return opened }
    return folder.preset == .vapm ? try side.lists(folder, of: parcel.site) : opened.appending(parcel.site)
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
      let reader = try inbox.open(site: parcel.site, number: parcel.number)
      // What is reported is what would come, of a parcel that is whole.
      try reader.forEach { _, _ in }
      taken.files = reader.contents.files.compactMap { $0.path(below: kind)?.string }
      report.taken.append(taken)
      return
    }
    let writing = ExchangeWriting(root: try target(folder, parcel))
    let isNew = try inbox.consume(parcel, as: kind) { reader in
      let files = reader.contents.files.filter { $0.isOf(kind) }
      try writing.refuseWithoutRoom(for: files)
      let drafts = try writing.drafts()
      try reader.forEach { file, read in
        guard let path = file.path(below: kind) else { return }
        try writing.write(path, file, read, to: drafts)
        taken.files.append(path.string)
      }
      // Nothing of a parcel is put into place before all of it is verified.
      try drafts.putIntoPlace()
      try writing.root.syncFileSystem()
    }
    if isNew { report.taken.append(taken) }
  }

  /// Puts the lists of all sites into the folder that the connected server reads: each file once.
  ///
  /// - Returns: what cannot be put there, in sentences.
  private func merge(_ folder: ExchangeFolder) throws -> [String] {
    var listings: [RequirementListing] = []
    for site in try side.listingSites(folder) {
      let files = try ExchangeScan(try side.lists(folder, of: site), atMost: .max).files
      listings.append(
        RequirementListing(
          site: site,
          files: files.map { .init(name: $0.path.string, digest: $0.sha256, size: Int(clamping: $0.size)) }
        )
      )
    }
    let plan = try RequirementPlan(merging: listings)
    let target = ExchangeWriting(root: try ExchangeScan.open(folder.folder))
    for entry in plan.entries {
      guard let site = entry.sites.first, let path = try? TreePath(entry.file.name) else { continue }
      // The plan's spelling is one of those that the sites have.
      let sources = try entry.sites.map { site in try side.lists(folder, of: site).pushing(entry.file.name) }
      let source = try sources.first { try $0.status()?.kind == .file }
      guard let source else { throw JobError(.software, "\(site): \(entry.file.name) is gone") }
      try target.copy(source, as: path, sha256: entry.file.digest)
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
  /// How a command ends that has done this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case dryRun, taken, conflicts }

  init(dryRun: Bool) { self.dryRun = dryRun }
}
