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

  /// What the context's store has to say. One from before parcels gets a key. That what is remembered of parcels cannot
  /// be read keeps no bundle back.
  ///
  /// - Parameters:
  ///   - site: the site that the bundle is for, if for one.
  ///   - dryRun: whether no key is made.
  package init(_ context: JobContext, to site: String?, dryRun: Bool) throws {
    let keys = SealingKeys(in: context)
    sealingKey = dryRun ? try keys.current()?.publicKey : try keys.readOrMake().publicKey
    do {
      answer = try site.flatMap { name in try Self.answer(to: name, context) }
    } catch {
      context.reporter.warning("parcels", "the bundle says nothing about the site's parcels: \(JobError(error))")
      answer = nil
    }
  }

  /// Nothing is reported about parcels that a former key of the site has signed.
  private static func answer(to site: String, _ context: JobContext) throws -> ParcelAnswer? {
    guard let ledger = try ParcelShelf(context, site: site).load(),
      try SiteRegistry(context.folders).site(named: site)?.fingerprint == ledger.fingerprint
    else { return nil }
    return ledger.answer
  }
}
