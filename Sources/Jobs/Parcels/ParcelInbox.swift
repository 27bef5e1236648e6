import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// The parcels that have come to a store, of sites or for this one: opens them, and remembers what of each was used.
package struct ParcelInbox: Sendable, InContext {
  package let context: JobContext
  let direction: ParcelDirection

  /// The parcels of the context's store that go one way.
  package init(_ context: JobContext, _ direction: ParcelDirection = .fromSite) {
    self.context = context
    self.direction = direction
  }

  func shelf(_ site: String) -> ParcelShelf { ParcelShelf(context, direction, site: site) }

  private func names(_ site: String?) throws -> [String] {
    try ParcelShelf.sites(folders, direction).filter { name in site.map { $0 == name } ?? true }
  }

  /// The parcels that have come, by site and number.
  ///
  /// - Parameter site: only those of this site.
  package func parcels(of site: String? = nil) throws -> [TakenParcel] {
    var parcels: [TakenParcel] = []
    for name in try names(site) {
      for entry in try shelf(name).load()?.entries ?? [] {
        parcels.append(TakenParcel(entry, direction, site: name))
      }
    }
    return parcels
  }

  /// The parcels that are here and carry something of a kind that was not used yet, by site and number, but for those
  /// that are set aside.
  package func pending(_ kind: ParcelKind, of site: String? = nil) throws -> [TakenParcel] {
    try parcels(of: site).filter {
      $0.isKept && !$0.isSetAside && $0.carries.contains(kind) && !$0.consumed.contains(kind)
    }
  }

  /// The numbers that have not come, of each site that has such.
  package func missing(of site: String? = nil) throws -> [MissingParcels] {
    var missing: [MissingParcels] = []
    for name in try names(site) {
      guard let ledger = try shelf(name).load(), !ledger.missing.isEmpty else { continue }
      missing.append(MissingParcels(direction, site: name, ledger.missing))
    }
    return missing
  }

  /// Opens a parcel.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when it is not here, ``ExitStatus/keyUnusable`` when the key is
  ///   not, ``ExitStatus/badParcel`` when it is damaged.
  package func open(site: String, number: Int64) throws -> ParcelReader {
    let (files, signed) = try kept(site: site, number: number)
    guard let key = try SealingKeys(in: context).key(signed.header.sealedTo) else {
      throw JobError(parcel: .wrongKey(sealedTo: signed.header.sealedTo), at: files)
    }
    return try ParcelReader(files, signed, key: key)
  }

  /// The list of what a parcel holds, which needs no key.
  package func contents(site: String, number: Int64) throws -> String {
    let (files, signed) = try kept(site: site, number: number)
    return String(decoding: try files.contents(of: signed).text, as: UTF8.self)
  }

  private func kept(site: String, number: Int64) throws -> (ParcelFiles, SignedParcelHeader) {
    let shelf = shelf(site)
    guard SiteName.isValid(site), let entry = try shelf.load()?.entry(number), entry.isKept else {
      throw notHere(site: site, number: number)
    }
    let files = try shelf.files(in: shelf.folder(of: number))
    let signed = try files.header()
    guard signed.digest == entry.reference.digest else {
      throw JobError(.damagedStore, "\(files.folder): this is not the \(direction.noun) that was collected")
    }
    return (files, signed)
  }

  func notHere(site: String, number: Int64) -> JobError {
    JobError(
      .notThere,
      "there is no \(direction.noun) \(number) of site '\(site)' here",
      remedy: "See 'kscmirror parcel list'."
    )
  }

  /// Uses what a parcel carries of a kind, unless it was used before.
  ///
  /// That it was used is noted when `body` has returned. A run that is killed in between uses it again: what `body`
  /// does has to happen by one rename, or be known again by ``TakenParcel/digest``.
  ///
  /// - Returns: whether `body` was called.
  package func consume(
    _ parcel: TakenParcel,
    as kind: ParcelKind,
    _ body: (ParcelReader) throws -> Void
  ) throws -> Bool {
    let shelf = shelf(parcel.site)
    guard let entry = try shelf.load()?.entry(parcel.number), !entry.consumed.contains(kind) else { return false }
    let reader = try open(site: parcel.site, number: parcel.number)
    try body(reader)
    try shelf.change { ledger in
      ledger.change(parcel.number) { entry in
        if !entry.consumed.contains(kind) { entry.consumed.append(kind) }
      }
    }
    return true
  }
}

/// A parcel that has come.
package struct TakenParcel: Sendable, Encodable {
  /// Which way it has gone.
  package let direction: ParcelDirection
  /// The site that it is of, or for.
  package let site: String
  /// The parcel's number.
  package let number: Int64
  /// The SHA-256 of what is signed of it, in hexadecimal digits.
  package let digest: String
  /// When it was made, by the sender's clock.
  package let made: UTCTime
  /// When it came here.
  package let received: UTCTime
  /// What it carries.
  package let carries: [ParcelKind]
  /// What of that was used.
  package let consumed: [ParcelKind]
  /// The bytes of its sealed content.
  package let bytes: Int64
  /// Whether it is still here.
  package let isKept: Bool
  /// Whether it was refused so often that it is not tried again.
  package let isSetAside: Bool

  init(_ entry: ParcelLedger.Entry, _ direction: ParcelDirection, site: String) {
    self.direction = direction
    self.site = site
    number = entry.number
    digest = entry.reference.digest.hex
    made = entry.made
    received = entry.received
    carries = entry.carries
    consumed = entry.consumed
    bytes = entry.bytes
    isKept = entry.isKept
    isSetAside = entry.isSetAside
  }
}
