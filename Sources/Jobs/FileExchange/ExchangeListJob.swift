import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import Sites
import SystemPackage
import Trust

/// Tells how exchange folders stand.
package struct ExchangeListJob: Sendable {
  private let side: ExchangeSide

  /// A job on the store and the folders of a configuration.
  package init(_ context: JobContext) throws { side = try ExchangeSide(context.silent) }

  /// Tells of all folders.
  package func run() throws -> ExchangeListReport {
    _ = try ContentStore.open(side.store, access: .reading)
    var folders: [ExchangeListReport.Folder] = []
    for folder in try side.folders([]) { folders += side.sends(folder) ? try sent(folder) : [try received(folder)] }
    return ExchangeListReport(folders: folders)
  }

  /// How a folder stands to each of its receivers.
  private func sent(_ folder: ExchangeFolder) throws -> [ExchangeListReport.Folder] {
    let files = try ExchangeScan(folder.folder, atMost: side.configuration.parcels.mostBytes).files
    var sites: [String?] = [nil]
    if !side.isSite {
      let known = try SiteRegistry(side.folders).names()
      sites = known.filter { folder.sites.isEmpty || folder.sites.contains($0) }
    }
    return try sites.map { site in
      let ledger = try ExchangeLedger(side.store, folder.name, to: site)
      let outbox = try side.outbox(folder, to: site)
      let arrived = try outbox.lane.arrivals().arrived
      let left = files.filter(ledger.hasLeft)
      return ExchangeListReport.Folder(
        folder,
        isSent: true,
        site: site,
        waiting: files.count - left.count,
        sent: left.count,
        arrived: left.count { file in ledger.entries[file.path].map { arrived[$0.parcel] != nil } ?? false }
      )
    }
  }

  private func received(_ folder: ExchangeFolder) throws -> ExchangeListReport.Folder {
    let inbox = ParcelInbox(side.context, side.isSite ? .toSite : .fromSite)
    let kind = try side.kind(of: folder)
    return ExchangeListReport.Folder(
      folder,
      isSent: false,
      site: nil,
      waiting: try inbox.pending(kind, of: side.isSite ? side.configuration.site : nil).count,
      sent: 0,
      arrived: 0
    )
  }
}

/// How exchange folders stand.
package struct ExchangeListReport: Sendable, Encodable {
  /// A folder, and one receiver of it.
  package struct Folder: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// Which way files go, seen from the site.
    package let direction: ExchangeFolder.Direction
    /// The folder on this side.
    package let folder: String
    /// Whether this side sends it.
    package let isSent: Bool
    /// The site that it goes to; `nil`: the connected side.
    package let site: String?
    /// Of a folder that is sent: files that have not left. Of one that is received: parcels that are not put into place.
    package let waiting: Int
    /// Files that have left as they are.
    package let sent: Int
    /// How many of those are known to have arrived.
    package let arrived: Int

    init(_ folder: ExchangeFolder, isSent: Bool, site: String?, waiting: Int, sent: Int, arrived: Int) {
      name = folder.name
      direction = folder.direction
      self.folder = folder.folder.string
      self.isSent = isSent
      self.site = site
      self.waiting = waiting
      self.sent = sent
      self.arrived = arrived
    }
  }

  /// The folders, in the order of the configuration.
  package let folders: [Folder]
}
