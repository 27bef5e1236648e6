import FileSystem
import SystemPackage
import Trust

/// Takes in the receipts of known sites that lie where a bundle is about to be written.
public enum Collecting {
  /// Takes what is found; whatever cannot be taken is told, and is no failure.
  ///
  /// - Parameters:
  ///   - folder: the top of the medium.
  ///   - store: the store's folder.
  ///   - reporter: takes what is to be told.
  public static func takeFound(at folder: FilePath, store: FilePath, reporter: any JobReporter) {
    let intake = ReceiptIntake(store: store, reporter: reporter)
    do throws(JobError) {
      let files = try ReceiptIntake.find(at: folder)
      guard !files.isEmpty else { return }
      let roots = try OwnRoots(store: store)
      try ReceiptsLock.holding(intake.registry.folders) {
        for file in files { take(file, intake, roots) }
      }
    } catch {
      reporter.warning("receipt", "the receipts in \(folder) were not looked at: \(error.message)")
    }
  }

  private static func take(_ file: FilePath, _ intake: ReceiptIntake, _ roots: OwnRoots) {
    do throws(JobError) {
      let signed = try SignedReceipt(reading: file)
      guard try intake.registry.site(named: signed.receipt.site) != nil else {
        return intake.reporter.information(
          "unknown-site",
          "\(file): site '\(signed.receipt.site)' is not known here; 'kscmirror collect \(file)' tells how to make it known"
        )
      }
      let taken = try intake.take(signed, from: file, .init())
      taken.tell(intake.reporter)
      roots.warn(of: signed.receipt, intake.reporter)
    } catch {
      if error.status.isDistrust { intake.noteRefusal(of: file, error) }
      intake.reporter.warning("receipt", error.description)
    }
  }
}

/// The roots that a connected store has had: a site that trusts another one takes none of its bundles.
struct OwnRoots {
  private let fingerprints: Set<Fingerprint>

  /// The roots of the store in the folder `store`; none for a store without keys.
  init(store: FilePath) throws(JobError) {
    let folder = StoreFolders(store).metadata
    var found = Set<Fingerprint>()
    if try OnlineKeys.arePresent(in: StoreFolders(store)) {
      for entry in try translatingErrors({ try Files.entries(of: folder) })
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
