import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// Takes what sites have reported about KSN out of the parcels that have come, keeps it, and says what changed.
package struct KSNImportJob: Sendable, InContext {
  /// How many parcels of a site are kept whose bodies of statistics are all delivered.
  private static let keptParcels = 400

  package let context: JobContext

  /// A job on the store of a configuration.
  package init(_ context: JobContext) {
    self.context = context
  }

  /// Uses all parcels that have not been used yet. One that cannot be opened does not stop the others.
  ///
  /// - Throws: an error when none of those that are here could be taken.
  package func run() throws -> KSNImportReport {
    let store = configuration.store
    _ = try ContentStore.open(store, access: .reading)
    let lock = try StoreLock.ksnIntake.take(in: store)
    defer { withExtendedLifetime(lock) {} }
    let inbox = ParcelInbox(context)
    var report = KSNImportReport()
    var round = ParcelRound(inbox)
    try round.use(.ksn) { parcel in
      if let bodies = try take(parcel, inbox) {
        report.parcels.append(.init(site: parcel.site, number: parcel.number, bodies: bodies))
      }
    }
    try round.refusals.tell(reporter, elseNothing: report.parcels.isEmpty)
    report.status = round.refusals.status
    for site in try KSNShelf.sites(store) {
      let shelf = KSNShelf(store, site: site)
      if let state = try state(of: shelf, report.parcels.filter { $0.site == site }.map(\.number)) {
        report.sites.append(state)
      }
      try prune(shelf)
    }
    return report
  }

  /// Keeps what a parcel carries for KSN.
  ///
  /// - Returns: how many bodies of statistics that are; `nil` if the parcel was used before.
  private func take(_ parcel: TakenParcel, _ inbox: ParcelInbox) throws -> Int? {
    let shelf = KSNShelf(configuration.store, site: parcel.site)
    var bodies: Int?
    let isNew = try inbox.consume(parcel, as: .ksn) { reader in
      let content = try KSNParcelContent(reader, site: parcel.site, number: parcel.number)
      try shelf.keep(content, number: parcel.number)
      bodies = content.bodies.count
    }
    return isNew ? bodies : nil
  }

  /// How a site stands, and what changed by the parcels of these numbers.
  private func state(of shelf: KSNShelf, _ new: [Int64]) throws -> KSNImportReport.Site? {
    // Of two documents that were made in the same second the one in the later parcel is the newer.
    var documents: [(number: Int64, document: KSNDocument)] = []
    for number in try shelf.numbers() { documents.append((number, try shelf.document(number))) }
    documents.sort { ($0.document.made, $0.number) < ($1.document.made, $1.number) }
    guard let newest = documents.last?.document else { return nil }
    let before = documents.last { !new.contains($0.number) }?.document
    let plan = try DeliveryPlan(shelf, clock)
    return KSNImportReport.Site(
      newest,
      changes: new.isEmpty ? [] : before.map { KSNChanges.sentences(from: $0, to: newest) } ?? [],
      undelivered: plan.pending.count + plan.unknown.count
    )
  }

  private func prune(_ shelf: KSNShelf) throws {
    let old = try shelf.numbers().dropLast(Self.keptParcels)
    guard !old.isEmpty else { return }
    let plan = try DeliveryPlan(shelf, clock)
    let needed = Set((plan.pending + plan.unknown).map(\.number))
    for number in old where !needed.contains(number) { try shelf.remove(number) }
  }
}

/// What was used, and how all sites stand.
package struct KSNImportReport: Sendable, Encodable {
  /// A parcel that was used.
  package struct Parcel: Sendable, Encodable {
    /// The site.
    package let site: String
    /// The parcel's number.
    package let number: Int64
    /// How many bodies of statistics it holds.
    package let bodies: Int
  }

  /// How a site stands.
  package struct Site: Sendable, Encodable {
    /// Its name.
    package let site: String
    /// When its data was taken.
    package let made: String
    /// How it stands, in a sentence.
    package let summary: String
    /// Whether the proxy of KSN is on, if the site has reported it.
    package let proxyEnabled: Bool?
    /// Whether KSN could be reached, if the site has reported it.
    package let connected: Bool?
    /// The serial numbers that a provider of Private KSN must know.
    package let licences: [String]
    /// What changed since its report before, in sentences; nothing if nothing new has come.
    package let changes: [String]
    /// How many bodies of statistics wait for 'kscmirror ksn deliver'.
    package let undelivered: Int

    init(_ document: KSNDocument, changes: [String], undelivered: Int) {
      site = document.site
      made = document.made.text
      summary = KSNChanges.summary(of: document)
      proxyEnabled = document.state.flag(.proxyEnabled)
      connected = document.state.flag(.connected)
      licences = document.licences
      self.changes = changes
      self.undelivered = undelivered
    }
  }

  /// The parcels that were used.
  package internal(set) var parcels: [Parcel] = []
  /// All sites that have ever reported about KSN.
  package internal(set) var sites: [Site] = []
  /// How a command ends that has done this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case parcels, sites }
}
