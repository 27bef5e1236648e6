import FileSystem
import JobCore
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
  ///   - context: what the job has at hand that is about to write there.
  package static func takeFound(at folder: FilePath, _ context: JobContext) {
    takeReceipts(at: folder, context)
    takeParcels(at: folder, context)
  }

  private static func takeReceipts(at folder: FilePath, _ context: JobContext) {
    let intake = ReceiptIntake(context)
    do {
      let files = try ReceiptIntake.find(at: folder)
      guard !files.isEmpty else { return }
      let roots = try OwnRoots(context.folders)
      try StoreLock.receipts.holding(intake.registry.folders) {
        for file in files { take(file, intake, roots) }
      }
    } catch {
      context.reporter.warning("receipt", "the receipts in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  private static func takeParcels(at folder: FilePath, _ context: JobContext) {
    let reporter = context.reporter
    do {
      var found: [Place] = []
      for parcel in try ParcelIntake.find(at: folder) {
        guard let names = ParcelIntake.claims(parcel), names.direction == .fromSite else { continue }
        let site = names.site
        if try SiteRegistry(context.folders).site(named: site) != nil {
          found.append(parcel)
        } else {
          reporter.information(
            "unknown-site",
            "\(parcel): site '\(site)' is not known here, and its parcel is ignored"
          )
        }
      }
      try take(found, .fromSite, context)
    } catch {
      reporter.warning("parcel", "the parcels in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  /// Takes the deliveries for this site; what cannot be collected is reported, and is not a failure.
  ///
  /// - Parameters:
  ///   - folder: the top of the medium, held open.
  ///   - site: the name of this site.
  ///   - context: what the import has at hand.
  package static func takeDeliveries(at folder: Place, site: String, _ context: JobContext) {
    do {
      let found = try ParcelIntake.find(in: folder).filter { ParcelIntake.isDelivery($0, for: site) }
      try take(found, .toSite, context)
    } catch {
      context.reporter.warning("delivery", "the deliveries in \(folder) were not looked at: \(JobError(error).message)")
    }
  }

  private static func take(_ found: [Place], _ direction: ParcelDirection, _ context: JobContext) throws {
    let reporter = context.reporter
    let outcome = try ParcelCollecting(context, direction).take(found)
    for parcel in outcome.parcels { parcel.tell(reporter) }
    for refusal in outcome.refusals { reporter.warning(direction.noun, refusal.error.description) }
    for missing in outcome.missing { reporter.warning("\(direction.plural)-missing", missing.text) }
  }

  private static func take(_ file: Place, _ intake: ReceiptIntake, _ roots: OwnRoots) {
    do {
      let signed = try SignedReceipt(reading: file)
      guard try intake.registry.site(named: signed.receipt.site) != nil else {
        if try intake.clearFormer(signed, file) { return }
        if let other = try intake.registry.site(with: signed.fingerprint) {
          return intake.reporter.warning(
            "renamed-site",
            "\(file): site '\(signed.receipt.site)' is not known here, and its key is that of site '\(other.name)'. If it was renamed, run 'kscmirror site rename \(other.name) \(signed.receipt.site)'"
          )
        }
        return intake.reporter.information(
          "unknown-site",
          "\(file): site '\(signed.receipt.site)' is not known here; run 'kscmirror collect \(ShellWord.quoted("\(file)"))' to see how to make it known"
        )
      }
      let taken = try intake.take(signed, from: file, .init())
      taken.tell(intake.reporter)
      roots.warn(of: signed.receipt, intake.reporter)
      StoreAhead(context: intake.context).look(at: signed.receipt, roots)
    } catch {
      let failure = JobError(error)
      if failure.status.isOfWhatCame { intake.noteRefusal(of: file, failure) }
      intake.reporter.warning("receipt", failure.description)
    }
  }
}

/// The roots that a connected store has had: a site that trusts another one takes none of its bundles.
struct OwnRoots {
  private let fingerprints: Set<Fingerprint>

  /// The roots of a store; none for a store without keys.
  init(_ folders: StoreFolders) throws {
    let folder = folders.metadata
    var found = Set<Fingerprint>()
    if try OnlineKeys.arePresent(in: folders) {
      for entry in try Files.entries(of: folder)
      where RepositoryState.parts(of: entry.name)?.role == "root" {
        if let root = try PendingRoot.read(folder.appending(entry.name)) {
          found.insert(RootMetadata.fingerprint(of: root))
        }
      }
    }
    fingerprints = found
  }

  /// Whether a root is or was one of them.
  func have(_ root: Fingerprint) -> Bool { fingerprints.contains(root) }

  /// Warns of a receipt whose site trusts a root that never was ours.
  func warn(of receipt: Receipt, _ reporter: any JobReporter) {
    guard !fingerprints.isEmpty, !fingerprints.contains(receipt.root) else { return }
    reporter.warning(
      "other-root",
      "site \(receipt.site) trusts another root than this store's: \(receipt.root). It will refuse bundles from here until 'kscmirror trust add --replace' is run there. If this store was put back from a backup: one of its newest root is needed."
    )
  }
}
