import FileSystem
import JobCore
import MirrorTypes
import Sites
import StoreTrust
import SystemPackage
import Trust

/// One way that parcels go, seen by who sends them: this site, or the connected side to one of the sites that it knows.
package struct ParcelLane: Sendable, InContext {
  package let context: JobContext
  let direction: ParcelDirection
  /// The site that they are of, or for.
  let site: String

  /// What is kept of the parcels.
  var files: OutboxFiles { OutboxFiles(context, direction, site: site) }

  /// What is known about those that have arrived.
  package struct Arrivals {
    /// The greatest number that has come there.
    var highest: Int64 = 0
    /// The parcels that have, and when that was learnt here.
    package var arrived: [ParcelHeader.Previous: UTCTime] = [:]
    /// The numbers of those of which all was used.
    var used: Set<Int64> = []
  }

  /// What the other side has told; nothing before its first answer.
  package func arrivals() throws -> Arrivals {
    switch direction {
    case .fromSite:
      guard let answer = try ParcelTrust(context).answer(for: site) else { return Arrivals() }
      return Arrivals(highest: answer.highest, arrived: answer.arrived)
    case .toSite:
      guard let receipt = try SiteRegistry(folders).site(named: site)?.receipts.last,
        let answer = receipt.signed.receipt.deliveries
      else { return Arrivals() }
      return Arrivals(
        highest: answer.highest,
        arrived: Dictionary(answer.taken.map { ($0, receipt.received) }, uniquingKeysWith: { first, _ in first }),
        used: answer.used
      )
    }
  }

  // MARK: - Keys

  /// The key that the other side opens them with.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when it is not known yet.
  func sealingKey() throws -> SealingPublicKey {
    switch direction {
    case .fromSite: return try ParcelTrust(context).sealingKey()
    case .toSite:
      let registry = SiteRegistry(folders)
      try registry.refuseUnknown(site)
      guard let key = try registry.site(named: site)?.newest?.sealingKey else {
        throw JobError(
          .notThere,
          "site \(site) has not reported yet to which key deliveries for it are sealed",
          remedy: "Update kscmirror there if it is an old one, and collect a receipt that it has written since."
        )
      }
      return key
    }
  }

  /// The key that signs them here: a site's own, or the one that signs the newest state.
  func signer() throws -> SigningKey {
    switch direction {
    case .fromSite:
      return try StoreLock.receipts.holding(folders) { try SiteKey(in: context).readOrMake() }
    case .toSite: return try OnlineKeys(in: folders)[.timestamp]
    }
  }

  /// The fingerprints of the keys by which parcels that lie on a medium are known to be ours.
  func ownSigners() throws -> Set<Fingerprint> {
    switch direction {
    case .fromSite: return Set([try SiteKey(in: context).fingerprint()].compactMap { $0 })
    case .toSite: return Set([Fingerprint(try OnlineKeys(in: folders)[.timestamp].id)].compactMap { $0 })
    }
  }

  // MARK: - Words

  /// A parcel by its number, for people: `parcel 3`, `delivery 3 for site plant-7`.
  func name(_ number: Int64) -> String {
    direction == .fromSite ? "parcel \(number)" : "delivery \(number) for site \(site)"
  }
}

/// Who may have signed a delivery, by what a site trusts.
enum DeliverySigners {
  /// The keys that sign the newest state under the root that is trusted in a store; none where nothing is trusted, or
  /// where it takes several of them.
  static func trusted(in folders: StoreFolders) throws -> Set<Fingerprint> {
    guard let root = try PendingRoot.read(folders.trust.appending("root.json")) else { return [] }
    let roles: RootMetadata
    do { roles = try RootMetadata(root.signed) } catch { throw JobError(.badStore, "root.json: \(error)") }
    let role = roles.keys(of: .timestamp)
    return role.threshold == 1 ? Set(role.keyIDs.compactMap { Fingerprint($0) }) : []
  }
}
