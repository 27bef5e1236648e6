import Catalogue
import JobCore
import MirrorTypes
import StoreTrust
import Trust

/// A site that the connected side knows by its receipts.
package struct KnownSite: Sendable {
  /// A receipt, and when it came here.
  package struct TakenReceipt: Sendable {
    /// The receipt.
    package let signed: SignedReceipt
    /// When it was collected.
    package let received: UTCTime

    package init(signed: SignedReceipt, received: UTCTime) {
      self.signed = signed
      self.received = received
    }
  }

  /// Its name.
  package let name: String
  /// The fingerprint of its key.
  package let fingerprint: Fingerprint
  /// Since when it is known.
  package let since: UTCTime
  /// The highest number that a receipt of it ever had.
  package let highest: Int64
  /// Its newest receipts, in the order in which they came.
  package let receipts: [TakenReceipt]
  /// What was packed for it last.
  package let packed: PackedForSite?
  /// The names that it had before, the oldest first.
  package let formerNames: [String]

  package init(
    name: String,
    fingerprint: Fingerprint,
    since: UTCTime,
    highest: Int64,
    receipts: [TakenReceipt],
    packed: PackedForSite?,
    formerNames: [String] = []
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.since = since
    self.highest = highest
    self.receipts = receipts
    self.packed = packed
    self.formerNames = formerNames
  }

  /// Its newest receipt.
  package var newest: Receipt? { receipts.last?.signed.receipt }

  /// What its Administration Server manages, by the newest receipt that tells: one that does not takes nothing back.
  package var demand: ReportedDemand? { receipts.last { $0.signed.receipt.demand != nil }?.signed.receipt.demand }

  /// The newest format of bundles that it can read: 1, which all programs read, as long as nothing else is known.
  package var bundleFormat: Int64 { newest?.bundleFormat ?? 1 }

  /// The snapshot that an incremental bundle for the site can build on: one that it holds by its newest receipt, and
  /// that is here with the same number and the same tree. The one that is published there comes first, since nothing
  /// there prunes it; then the newest.
  ///
  /// - Parameter snapshots: the snapshots of this store.
  /// - Returns: `nil` when there is none, so that the site needs a full bundle.
  package func base(among snapshots: [Snapshot]) -> Snapshot? {
    guard let newest else { return nil }
    let held = Dictionary(newest.held.map { ($0.snapshot, $0.tree) }) { first, _ in first }
    let common = snapshots.filter { held[$0.number] == $0.treeDigest }
    return common.first { $0.number == newest.current?.snapshot } ?? common.max { $0.number < $1.number }
  }
}

extension Receipt {
  /// Whether the site has the very snapshot, published or not.
  package func has(_ snapshot: Snapshot) -> Bool {
    held.contains { $0.snapshot == snapshot.number && $0.tree == snapshot.treeDigest }
  }
}

/// What was packed for a site last.
package struct PackedForSite: Sendable, Hashable, Encodable {
  /// The snapshot.
  package var snapshot: Int
  /// The digest of its tree.
  package var tree: ObjectDigest
  /// The snapshot that the bundle builds on; `nil` for a full one.
  package var base: Int?
  /// The name of the bundle's folder.
  package var bundle: String
  /// The bytes of its volumes.
  package var bytes: Int64
  /// When.
  package var time: UTCTime

  /// What was packed.
  package init(snapshot: Int, tree: ObjectDigest, base: Int?, bundle: String, bytes: Int64, time: UTCTime) {
    self.snapshot = snapshot
    self.tree = tree
    self.base = base
    self.bundle = bundle
    self.bytes = bytes
    self.time = time
  }
}
