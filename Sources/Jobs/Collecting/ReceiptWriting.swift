import BundleFormat
import Catalogue
import ContentStore
import Demand
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Writes the receipts of a site: each tells the state of its store, and has a number of its own.
package struct ReceiptWriting: InContext {
  package let context: JobContext
  private let site: String

  /// Where the newest receipt is kept in the store.
  var ownFile: FilePath { folders.receipts.appending("own.json") }

  /// Receipts of the context's store, which is the site `site`.
  ///
  /// - Throws: an error with ``ExitStatus/configuration`` when the name is none that a site may have.
  package init(_ context: JobContext, site: String) throws {
    guard SiteName.isValid(site) else {
      throw JobError(.configuration, "'\(site)' cannot be the name of a site: it \(SiteName.rule)")
    }
    self.context = context
    self.site = site
  }

  /// Writes the receipt of the newest state, and keeps it in the store.
  package func write(of store: ContentStore) throws -> WrittenReceipt {
    // Whose bundles are taken says which root, and which version of its metadata.
    let trust = try TrustJob(context).show()
    let sealingKey = try SealingKeys(in: context).readOrMake().publicKey
    return try StoreLock.receipts.holding(folders) {
      let key = try SiteKey(in: context).readOrMake()
      let receipt = try self.receipt(of: store, trust, sealingKey, number: try lastNumber() + 1)
      let signed: SignedReceipt
      do throws(KeyError) { signed = try SignedReceipt(receipt, key: key) } catch {
        throw JobError(error, at: folders.key(SiteKey.role).string)
      }
      try Files.replace(ownFile, with: signed.serialized)
      return WrittenReceipt(signed, file: ownFile)
    }
  }

  /// The number of the last receipt. One that cannot be read begins a new row of numbers, which the connected side takes
  /// for a site that was restored.
  private func lastNumber() throws -> Int64 {
    do {
      return try SignedReceipt(reading: ownFile).receipt.number
    } catch {
      let failure = JobError(error)
      guard failure.status == .notThere || failure.status == .badReceipt else { throw error }
      return 0
    }
  }

  private func receipt(
    of store: ContentStore,
    _ trust: TrustReport,
    _ sealingKey: SealingPublicKey,
    number: Int64
  ) throws -> Receipt {
    guard let root = Fingerprint(trust.fingerprint.joined()) else {
      throw JobError(.software, "\(folder): the trusted root has no fingerprint")
    }
    let published = try store.current()?.number
    let whole = try store.undamagedSnapshots()
    let newest = whole.suffix(Receipt.maximumHeld)
    let held = whole.filter { $0.number == published && !newest.contains($0) } + newest
    return Receipt(
      site: site,
      number: number,
      time: clock.now,
      current: try published.map { Receipt.Current(try store.snapshot($0)) },
      held: held.reversed().map { Receipt.Held(snapshot: $0.number, tree: $0.treeDigest) },
      metadataVersion: trust.version,
      root: root,
      freeBytes: try FreeSpace(at: folder).bytes,
      bundleFormat: BundleFacts.newestFormat,
      program: Program.generator,
      sealingKey: sealingKey,
      deliveries: try ParcelShelf(context, .toSite, site: site).load()?.answer,
      // What cannot be read is no reason to tell nothing; 'demand show' says what is wrong with it.
      demand: try? OwnDemand(folders).read(),
      indexDate: try published.flatMap { SnapshotAge(try store.snapshot($0).notes).date },
      expires: trust.expires
    )
  }
}

extension Receipt.Current {
  /// A snapshot of a store.
  init(_ snapshot: Snapshot) {
    self.init(snapshot: snapshot.number, tree: snapshot.treeDigest, created: snapshot.created)
  }
}

/// A receipt that was written.
package struct WrittenReceipt: Sendable, Encodable {
  /// The site.
  package let site: String
  /// The receipt's number.
  package let number: Int64
  /// The snapshot that is published, if one is.
  package let snapshot: Int?
  /// The fingerprint of the site's key, in groups of four digits.
  package let fingerprint: [String]
  /// Its file in the store.
  package let kept: String
  /// Its file on the medium, if it was written to one.
  package internal(set) var file: String?
  /// What the medium is that a command of its own wrote it to.
  package internal(set) var medium: MediumFacts?

  private let bytes: [UInt8]
  private let key: Fingerprint

  private enum CodingKeys: String, CodingKey { case site, number, snapshot, fingerprint, kept, file, medium }

  init(_ signed: SignedReceipt, file: FilePath) {
    site = signed.receipt.site
    number = signed.receipt.number
    snapshot = signed.receipt.current?.snapshot
    fingerprint = signed.fingerprint.groups
    kept = file.string
    bytes = signed.serialized
    key = signed.fingerprint
  }

  /// Writes it to a medium too, in the place of the site's last one.
  ///
  /// - Parameter folder: the medium's folder, which was opened when the work began.
  package mutating func write(to folder: Place) throws {
    let place = folder.appending(ReceiptNames.file(ofSite: site))
    try place.replace(with: bytes)
    file = "\(place)"
    removeFormer(from: folder)
  }

  /// How many names of a medium's folder are looked at.
  private static let mostEntries = 10_000
  /// How many receipts of others are read: as many as are taken from one medium.
  private static let mostReceipts = 1000

  /// Removes receipts that this site has left under names that it had before. What cannot be removed means nothing.
  private func removeFormer(from folder: Place) {
    let own = ReceiptNames.file(ofSite: site)
    let others = ((try? folder.entries(atMost: Self.mostEntries)) ?? [])
      .filter { ReceiptNames.isReceipt($0.name) && $0.name != own }
    for entry in others.prefix(Self.mostReceipts) {
      let other = folder.appending(entry)
      guard let signed = try? SignedReceipt(reading: other), signed.fingerprint == key else { continue }
      try? other.remove()
    }
  }
}
