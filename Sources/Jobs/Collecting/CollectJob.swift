import BundleFormat
import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Collects the receipts and parcels that have come back from sites, or at a site the deliveries that have come for it.
package struct CollectJob: Sendable, InContext {
  package let context: JobContext
  private let path: FilePath
  private let site: String?
  private let fingerprint: Fingerprint?
  private let replace: Bool

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - path: a medium's folder, a receipt's file, or the folder of a parcel or delivery.
  ///   - site: the name of this site, if it has one: deliveries for it are taken then.
  ///   - fingerprint: what the key of a site that is not known yet must have.
  ///   - replace: whether that key may take the place of another one.
  package init(
    _ context: JobContext,
    path: FilePath,
    site: String? = nil,
    fingerprint: Fingerprint? = nil,
    replace: Bool = false
  ) {
    self.context = context
    self.path = path
    self.site = site
    self.fingerprint = fingerprint
    self.replace = replace
  }

  /// Takes all receipts that are there, then all parcels, then what is for this site. One that is refused does not stop
  /// the others.
  ///
  /// - Throws: an error when nothing was found, or all that was found was refused.
  package func run() throws -> CollectReport {
    let admission = ReceiptIntake.Admission(fingerprint: fingerprint, replace: replace)
    _ = try ContentStore.open(folder, access: .reading)
    let found = try ParcelIntake.find(at: path)
    let (own, isOnlySite) = try role()
    let files = isOnlySite ? [] : try receiptFiles(besides: found, own)
    let parcels = isOnlySite ? [] : found.filter { isParcel($0, besides: own) }
    let deliveries = found.filter { folder in site.map { ParcelIntake.isDelivery(folder, for: $0) } ?? false }
    guard !files.isEmpty || !parcels.isEmpty || !deliveries.isEmpty else { throw nothingThere(found) }
    var report = CollectReport()
    var refusals: [Refusal] = []
    try takeReceipts(files, admission, &report, &refusals)
    try take(parcels, .fromSite, &report, &refusals)
    try take(deliveries, .toSite, &report, &refusals)
    return try finished(report, refusals)
  }

  /// A site that is not known yet, as its receipt says.
  package struct Stranger: Hashable, Sendable {
    /// The receipt's file.
    package let file: String
    /// The name of the site, by the receipt.
    package let site: String
    /// The fingerprint of the key that has signed it.
    package let fingerprint: Fingerprint
  }

  /// The sites that are not known yet and have left a receipt that is whole. That they are who they say follows from
  /// nothing: a person has to compare the fingerprint.
  package func strangers() throws -> [Stranger] {
    let (own, isOnlySite) = try role()
    guard !isOnlySite else { return [] }
    let registry = ReceiptIntake(context).registry
    return try receiptFiles(besides: ParcelIntake.find(at: path), own).compactMap { file in
      guard let signed = try? SignedReceipt(reading: file) else { return nil }
      guard try registry.site(named: signed.receipt.site) == nil else { return nil }
      return Stranger(file: "\(file)", site: signed.receipt.site, fingerprint: signed.fingerprint)
    }
  }

  /// The site that this store is, whose receipts and parcels are meant for the other side, and whether it is no more than
  /// that: without keys to sign with, what other sites have written is not meant for it either.
  private func role() throws -> (own: String?, isOnlySite: Bool) {
    guard let site, try SiteKey(in: context).fingerprint() != nil else { return (nil, false) }
    return (site, try !OnlineKeys.arePresent(in: folders))
  }

  private func isParcel(_ folder: Place, besides own: String?) -> Bool {
    ParcelIntake.claims(folder).map { $0.direction == .fromSite && $0.site != own } ?? false
  }

  private func nothingThere(_ found: [Place]) -> JobError {
    let others = Set(found.compactMap { ParcelIntake.claims($0) }.filter { $0.direction == .toSite }.map(\.site))
    guard others.isEmpty else {
      return JobError(
        .notThere,
        "\(path): the deliveries here are for \(Words.list(others.sorted()))",
        remedy: site == nil
          ? "If that is this site, set site = \"NAME\" in the configuration, or pass --site NAME."
          : "Nothing here is for site \(site ?? "")."
      )
    }
    return JobError(
      .notThere,
      "\(path): there is no receipt and no parcel here\(site.map { ", and no delivery for site \($0)" } ?? "")",
      remedy: "Have 'kscmirror receipt --output FOLDER' write a receipt at the site; an import writes one by itself."
    )
  }

  /// Something that was not taken, and the name of the notice about it.
  private typealias Refusal = (name: String, error: JobError)

  /// The receipts at the path; none where it leads to one parcel.
  private func receiptFiles(besides parcels: [Place], _ own: String?) throws -> [Place] {
    let resolved = try Files.resolvingLinks(path)
    if parcels.contains(where: { resolved.starts(with: $0.shown) }) { return [] }
    let own = own.map { ReceiptNames.file(ofSite: $0) }
    return try ReceiptIntake.find(at: path).filter { own == nil || $0.name != own }
  }

  private func takeReceipts(
    _ files: [Place],
    _ admission: ReceiptIntake.Admission,
    _ report: inout CollectReport,
    _ refusals: inout [Refusal]
  ) throws {
    guard !files.isEmpty else { return }
    let intake = ReceiptIntake(context)
    let roots = try OwnRoots(folders)
    var refused: [(Place, JobError)] = []
    var believed: [(file: Place, signed: SignedReceipt)] = []
    for file in files {
      do {
        let signed = try SignedReceipt(reading: file)
        let isKnown = try intake.registry.site(named: signed.receipt.site) != nil
        if try isKnown || !intake.clearFormer(signed, file) { believed.append((file, signed)) }
      } catch {
        refused.append((file, JobError(error)))
      }
    }
    // A fingerprint that is one receipt's says nothing of the others.
    let isFound = believed.contains { $0.signed.fingerprint == admission.fingerprint }
    try StoreLock.receipts.holding(intake.registry.folders) {
      for (file, signed) in believed {
        let isMeant = !isFound || signed.fingerprint == admission.fingerprint
        do {
          report.receipts.append(try intake.take(signed, from: file, isMeant ? admission : .init()))
          roots.warn(of: signed.receipt, reporter)
          StoreAhead(context: context).look(at: signed.receipt, roots)
        } catch {
          refused.append((file, JobError(error)))
        }
      }
    }
    for (file, error) in refused { intake.noteRefusal(of: file, error) }
    refusals += refused.map { ("receipt-refused", $0.1) }
  }

  private func take(
    _ found: [Place],
    _ direction: ParcelDirection,
    _ report: inout CollectReport,
    _ refusals: inout [Refusal]
  ) throws {
    let collecting = ParcelCollecting(context, direction)
    let outcome = try collecting.take(found)
    report.parcels += outcome.parcels
    report.missing += outcome.missing
    refusals += outcome.refusals.map { ("\(direction.noun)-refused", $0.error) }
  }

  /// The error that stands for all, when nothing was taken; else each refusal is told, and the worst gives the status.
  private func finished(_ report: CollectReport, _ refusals: [Refusal]) throws -> CollectReport {
    var report = report
    for missing in report.missing { reporter.warning("\(missing.direction.plural)-missing", missing.text) }
    // What must not be believed counts more than what did not work.
    guard let worst = refusals.firstIndex(where: { $0.error.status.isDistrust }) ?? refusals.indices.first else {
      return report
    }
    let isNothing = report.receipts.isEmpty && report.parcels.isEmpty
    for (index, refusal) in refusals.enumerated() where !isNothing || index != worst {
      reporter.error(refusal.name, refusal.error.description)
    }
    guard !isNothing else { throw refusals[worst].error }
    report.refused = refusals.count
    report.status = refusals[worst].error.status
    return report
  }
}

/// What was collected.
package struct CollectReport: Sendable, Encodable {
  /// The receipts that are trusted, one a file.
  package internal(set) var receipts: [CollectedReceipt] = []
  /// The parcels and deliveries that are trusted.
  package internal(set) var parcels: [CollectedParcel] = []
  /// Parcels that have not come, of sites of which that was not known before.
  package internal(set) var missing: [MissingParcels] = []
  /// How many receipts and parcels were refused.
  package internal(set) var refused = 0
  /// How a command ends that has collected this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case receipts, parcels, missing, refused }
}
