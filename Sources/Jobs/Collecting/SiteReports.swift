import Catalogue
import ContentStore
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import Sites
import StoreTrust
import Watching

/// The sites that a store knows.
package struct SiteListReport: Sendable, Encodable {
  /// The newest snapshot of this store.
  package let newest: Int?
  /// The sites, by name.
  package let sites: [SiteFacts]
}

/// What a site has, and what the next bundle for it would weigh.
package struct SiteFacts: Sendable, Encodable {
  /// Its name.
  package let name: String
  /// The snapshot that is published there, by its newest receipt.
  package let snapshot: Int?
  /// When that was sealed.
  package let sealed: UTCTime?
  /// The date of the databases in it: of its newest primary index; `nil` where neither the receipt nor the snapshot here
  /// tells.
  package let indexDate: UTCTime?
  /// How old they are by that; `nil` when nothing is published there.
  package let age: IndexAge?
  /// The number of its newest receipt.
  package let receipt: Int64?
  /// When that was written, by the clock there.
  package let written: UTCTime?
  /// When it came here.
  package let received: UTCTime?
  /// What was free there, in bytes.
  package let freeBytes: Int64?
  /// The next bundle, of the newest snapshot; `nil` without a snapshot here.
  package let next: NextBundle?
  /// What was packed for it last.
  package let packed: PackedForSite?
  /// What becomes of its databases if no stick comes.
  package let forecast: SiteForecast

  /// The next bundle for a site.
  package struct NextBundle: Sendable, Encodable {
    /// The snapshot.
    package let snapshot: Int
    /// The snapshot that it can build on; `nil`: it has to be a full one.
    package let base: Int?
    /// How many objects the site lacks.
    package let objects: Int
    /// Their bytes: the most that the bundle can have, but for its metadata.
    package let bytes: Int64
  }

  init(
    _ site: KnownSite,
    _ store: ContentStore,
    _ snapshots: [Snapshot],
    _ settings: WatchSettings,
    now: UTCTime
  ) throws {
    let last = site.receipts.last
    name = site.name
    snapshot = site.newest?.current?.snapshot
    sealed = site.newest?.current?.created
    let held = site.newest?.current.flatMap { current in
      snapshots.first { $0.number == current.snapshot && $0.treeDigest == current.tree }
    }
    let databases = held.map { SnapshotAge($0.notes) }
    let date = site.newest?.indexDate ?? databases?.date
    indexDate = date
    age = site.newest?.current.map { _ in IndexAge(of: date, now: now, by: settings.ages) }
    forecast = SiteForecast(date: date, expires: site.newest?.expires, settings)
    receipt = site.newest?.number
    written = site.newest?.time
    received = last?.received
    freeBytes = site.newest?.freeBytes
    packed = site.packed
    let base = site.base(among: snapshots)?.number
    next = try snapshots.last(where: \.isWhole).map { newest in
      let lacking = try store.lacking(of: newest.number, in: base)
      return NextBundle(snapshot: newest.number, base: base, objects: lacking.objects, bytes: lacking.bytes)
    }
  }
}

/// All that is known of a site.
package struct SiteReport: Sendable, Encodable {
  /// What it has and lacks.
  package let facts: SiteFacts
  /// The fingerprint of its key, in groups of four digits.
  package let fingerprint: [String]
  /// Since when it is known.
  package let since: UTCTime
  /// The fingerprint of the root that it trusts, in groups.
  package let root: [String]
  /// The version of the metadata that it imported last.
  package let metadataVersion: Int?
  /// The newest format of bundles that it can read.
  package let bundleFormat: Int64
  /// The program that wrote its newest receipt.
  package let program: String?
  /// What its Administration Server manages, by the newest receipt that reports it; `nil`: none does.
  package let demand: ReportedDemand?
  /// The snapshots that it holds, newest first.
  package let held: [HeldSnapshot]
  /// Its receipts, newest first.
  package let receipts: [ReceiptFacts]
  /// Its newest parcels that have come, newest first.
  package let parcels: [TakenParcel]
  /// Its parcels that have not come; `nil` if there are none.
  package let missingParcels: MissingParcels?

  /// How many parcels are reported.
  static let shownParcels = 10

  /// A snapshot that a site holds.
  package struct HeldSnapshot: Sendable, Encodable {
    /// Its number.
    package let snapshot: Int
    /// The digest of its tree.
    package let tree: String
    /// Whether it is here too, so that a bundle can build on it.
    package let isHere: Bool
  }

  /// A receipt that came here.
  package struct ReceiptFacts: Sendable, Encodable {
    /// Its number.
    package let number: Int64
    /// The snapshot that was published there.
    package let snapshot: Int?
    /// When it was written, by the clock there.
    package let written: UTCTime
    /// When it came here.
    package let received: UTCTime
    /// What was free there, in bytes.
    package let freeBytes: Int64
  }

  init(
    _ site: KnownSite,
    facts: SiteFacts,
    _ snapshots: [Snapshot],
    parcels: [TakenParcel],
    missing: MissingParcels?
  ) {
    self.parcels = parcels.suffix(Self.shownParcels).reversed()
    missingParcels = missing
    let here = Dictionary(snapshots.map { ($0.number, $0.treeDigest) }) { first, _ in first }
    self.facts = facts
    fingerprint = site.fingerprint.groups
    since = site.since
    root = site.newest?.root.groups ?? []
    metadataVersion = site.newest?.metadataVersion
    bundleFormat = site.bundleFormat
    program = site.newest?.program
    demand = site.demand
    held = (site.newest?.held ?? []).map {
      HeldSnapshot(snapshot: $0.snapshot, tree: $0.tree.hex, isHere: here[$0.snapshot] == $0.tree)
    }
    receipts = site.receipts.reversed().map {
      ReceiptFacts(
        number: $0.signed.receipt.number,
        snapshot: $0.signed.receipt.current?.snapshot,
        written: $0.signed.receipt.time,
        received: $0.received,
        freeBytes: $0.signed.receipt.freeBytes
      )
    }
  }
}
