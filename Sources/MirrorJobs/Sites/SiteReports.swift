import ContentStore
import MirrorTypes

/// The sites that a store knows.
public struct SiteListReport: Sendable, Encodable {
  /// The newest snapshot of this store.
  public let newest: Int?
  /// The sites, by name.
  public let sites: [SiteFacts]
}

/// What a site has, and what the next bundle for it would weigh.
public struct SiteFacts: Sendable, Encodable {
  /// Its name.
  public let name: String
  /// The snapshot that is published there, by its newest receipt.
  public let snapshot: Int?
  /// When that was sealed, in seconds since 1970.
  public let sealed: Int64?
  /// The date of the databases in it: of its newest primary index, in seconds since 1970; `nil` where the snapshot is no
  /// longer here, or does not tell.
  public let indexDate: Int64?
  /// How old they are by that; `nil` when nothing is published there.
  public let age: IndexAge?
  /// The number of its newest receipt.
  public let receipt: Int64?
  /// When that was written, by the clock there, in seconds since 1970.
  public let written: Int64?
  /// When it came here, in seconds since 1970.
  public let received: Int64?
  /// What was free there, in bytes.
  public let freeBytes: Int64?
  /// The next bundle, of the newest snapshot; `nil` without a snapshot here.
  public let next: NextBundle?
  /// What was packed for it last.
  public let packed: PackedForSite?

  /// The next bundle for a site.
  public struct NextBundle: Sendable, Encodable {
    /// The snapshot.
    public let snapshot: Int
    /// The snapshot that it can build on; `nil`: it has to be a full one.
    public let base: Int?
    /// How many objects the site lacks.
    public let objects: Int
    /// Their bytes: the most that the bundle can have, but for its metadata.
    public let bytes: Int64
  }

  init(_ site: KnownSite, _ store: ContentStore, _ snapshots: [Snapshot]) throws(JobError) {
    let last = site.receipts.last
    name = site.name
    snapshot = site.newest?.current?.snapshot
    sealed = site.newest?.current?.created
    let held = site.newest?.current.flatMap { current in
      snapshots.first { $0.number == current.snapshot && $0.treeDigest == current.tree }
    }
    let databases = held.map { SnapshotAge($0.notes) }
    indexDate = databases?.date
    age = site.newest?.current.map { _ in databases?.age(WallClock.seconds) ?? .unknown }
    receipt = site.newest?.number
    written = site.newest?.time
    received = last?.received
    freeBytes = site.newest?.freeBytes
    packed = site.packed
    let base = site.base(among: snapshots)?.number
    next = try snapshots.last.map { (newest) throws(JobError) in
      let lacking = try translatingErrors { try store.lacking(of: newest.number, in: base) }
      return NextBundle(snapshot: newest.number, base: base, objects: lacking.objects, bytes: lacking.bytes)
    }
  }
}

/// All that is known of a site.
public struct SiteReport: Sendable, Encodable {
  /// What it has and lacks.
  public let facts: SiteFacts
  /// The fingerprint of its key, in groups of four digits.
  public let fingerprint: [String]
  /// Since when it is known, in seconds since 1970.
  public let since: Int64
  /// The fingerprint of the root that it trusts, in groups.
  public let root: [String]
  /// The version of the metadata that it imported last.
  public let metadataVersion: Int?
  /// The newest format of bundles that it can read.
  public let bundleFormat: Int64
  /// The program that wrote its newest receipt.
  public let program: String?
  /// What its Administration Server manages, by the newest receipt that tells; `nil`: none does.
  public let demand: ReportedDemand?
  /// The snapshots that it holds, newest first.
  public let held: [HeldSnapshot]
  /// Its receipts, newest first.
  public let receipts: [ReceiptFacts]
  /// Its newest parcels that have come, newest first.
  public let parcels: [TakenParcel]
  /// Its parcels that have not come; `nil` if there are none.
  public let missingParcels: MissingParcels?

  /// How many parcels are told.
  static let shownParcels = 10

  /// A snapshot that a site holds.
  public struct HeldSnapshot: Sendable, Encodable {
    /// Its number.
    public let snapshot: Int
    /// The digest of its tree.
    public let tree: String
    /// Whether it is here too, so that a bundle can build on it.
    public let isHere: Bool
  }

  /// A receipt that came here.
  public struct ReceiptFacts: Sendable, Encodable {
    /// Its number.
    public let number: Int64
    /// The snapshot that was published there.
    public let snapshot: Int?
    /// When it was written, by the clock there, in seconds since 1970.
    public let written: Int64
    /// When it came here, in seconds since 1970.
    public let received: Int64
    /// What was free there, in bytes.
    public let freeBytes: Int64
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
