import JobCore
import Sites
import StoreTrust
import SystemPackage
import Trust

/// What a bundle tells the site of parcels.
package struct ParcelWord {
  /// The key that they are sealed to.
  package let sealingKey: SealingPublicKey?
  /// Which have come.
  package let answer: ParcelAnswer?

  /// What the store in the folder `store` has to say. One from before parcels gets a key.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - site: the site that the bundle is for, if for one.
  ///   - dryRun: whether no key is made.
  ///   - reporter: gets a warning when what is remembered of parcels cannot be read, which keeps no bundle back.
  package init(of store: FilePath, to site: String?, dryRun: Bool, reporter: any JobReporter) throws {
    let folders = StoreFolders(store)
    let keys = SealingKeys(in: folders)
    sealingKey = dryRun ? try keys.current()?.publicKey : try keys.readOrMake().publicKey
    do {
      answer = try site.flatMap { name in try Self.answer(to: name, folders) }
    } catch {
      reporter.warning("parcels", "the bundle says nothing about the site's parcels: \(JobError(error))")
      answer = nil
    }
  }

  /// Nothing is reported about parcels that a former key of the site has signed.
  private static func answer(to site: String, _ folders: StoreFolders) throws -> ParcelAnswer? {
    guard let ledger = try ParcelShelf(folders, site: site).load(),
      try SiteRegistry(folders).site(named: site)?.fingerprint == ledger.fingerprint
    else { return nil }
    return ledger.answer
  }
}
