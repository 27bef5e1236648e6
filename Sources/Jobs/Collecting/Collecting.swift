import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Collects what lies where a bundle is about to be written, or was imported from: the receipts and parcels of known
/// sites, or deliveries for this one.
package enum Collecting {
  /// Takes what is found; what cannot be collected is reported, and is not a failure.
  ///
  /// - Parameters:
  ///   - folder: the top of the medium.
  ///   - store: the store's folder.
  ///   - parcels: how long parcels are kept.
  ///   - reporter: takes what is to be reported.
  package static func takeFound(
    at folder: FilePath,
    store: FilePath,
    parcels: ParcelSettings,
    reporter: any JobReporter
  ) {
    takeReceipts(at: folder, store: store, reporter: reporter)
    takeParcels(at: folder, store: store, settings: parcels, reporter: reporter)
  }

  private static func takeReceipts(at folder: FilePath, store: FilePath, reporter: any JobReporter) {
    let intake = ReceiptIntake(store: store, reporter: reporter)
    do {
      let files = try ReceiptIntake.find(at: folder)
      guard !files.isEmpty else { return }
      let roots = try OwnRoots(store: store)
      try StoreLock.receipts.holding(intake.registry.folders) {
        for file in files { take(file, intake, roots) }
      }
    } catch {
      reporter.warning("receipt", "the receipts in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  private static func takeParcels(
    at folder: FilePath,
    store: FilePath,
    settings: ParcelSettings,
    reporter: any JobReporter
  ) {
    do {
      var found: [Place] = []
      for parcel in try ParcelIntake.find(at: folder) {
        guard let names = ParcelIntake.claims(parcel), names.direction == .fromSite else { continue }
        let site = names.site
        if try SiteRegistry(store: store).site(named: site) != nil {
          found.append(parcel)
        } else {
          reporter.information(
            "unknown-site",
            "\(parcel): site '\(site)' is not known here, and its parcel is ignored"
          )
        }
      }
      try take(found, .fromSite, store, settings, reporter)
    } catch {
      reporter.warning("parcel", "the parcels in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  /// Takes the deliveries for this site; what cannot be collected is reported, and is not a failure.
  ///
  /// - Parameters:
  ///   - folder: the top of the medium.
  ///   - store: the store's folder.
  ///   - site: the name of this site.
  ///   - settings: how long they are kept.
  ///   - reporter: takes what is to be reported.
  package static func takeDeliveries(
    at folder: FilePath,
    store: FilePath,
    site: String,
    settings: ParcelSettings,
    reporter: any JobReporter
  ) {
    do {
      let found = try ParcelIntake.find(at: folder).filter { ParcelIntake.isDelivery($0, for: site) }
      try take(found, .toSite, store, settings, reporter)
    } catch {
      reporter.warning("delivery", "the deliveries in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  private static func take(
    _ found: [Place],
    _ direction: ParcelDirection,
    _ store: FilePath,
    _ settings: ParcelSettings,
    _ reporter: any JobReporter
  ) throws {
    let collecting = ParcelCollecting(store: store, direction: direction, settings: settings, reporter: reporter)
    let outcome = try collecting.take(found)
    for parcel in outcome.parcels { parcel.tell(reporter) }
    for refusal in outcome.refusals { reporter.warning(direction.noun, refusal.error.description) }
    for missing in outcome.missing { reporter.warning("\(direction.plural)-missing", missing.text) }
  }

  private static func take(_ file: Place, _ intake: ReceiptIntake, _ roots: OwnRoots) {
    do {
      let signed = try SignedReceipt(reading: file)
      guard try intake.registry.site(named: signed.receipt.site) != nil else {
        return intake.reporter.information(
          "unknown-site",
          "\(file): site '\(signed.receipt.site)' is not known here; run 'kscmirror collect \(file)' to see how to make it known"
        )
      }
      let taken = try intake.take(signed, from: file, .init())
      taken.tell(intake.reporter)
      roots.warn(of: signed.receipt, intake.reporter)
    } catch {
      let failure = JobError(error)
      if failure.status.isDistrust { intake.noteRefusal(of: file, failure) }
      intake.reporter.warning("receipt", failure.description)
    }
  }
}

/// The roots that a connected store has had: a site that trusts another one takes none of its bundles.
struct OwnRoots {
  private let fingerprints: Set<Fingerprint>

  /// The roots of the store in the folder `store`; none for a store without keys.
  init(store: FilePath) throws {
    let folder = StoreFolders(store).metadata
    var found = Set<Fingerprint>()
    if try OnlineKeys.arePresent(in: StoreFolders(store)) {
      for entry in try Files.entries(of: folder)
      where RepositoryState.parts(of: entry.name)?.role == "root" {
        if let root = try PendingRoot.read(folder.appending(entry.name)) {
          found.insert(RootMetadata.fingerprint(of: root))
        }
      }
    }
    fingerprints = found
  }

  /// Warns of a receipt whose site trusts a root that never was ours.
  func warn(of receipt: Receipt, _ reporter: any JobReporter) {
    guard !fingerprints.isEmpty, !fingerprints.contains(receipt.root) else { return }
    reporter.warning(
      "other-root",
      "site \(receipt.site) trusts another root than this store's: \(receipt.root). It will refuse bundles from here until 'kscmirror trust add --replace' is run there."
    )
  }
}
