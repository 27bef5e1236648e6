import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Takes parcels of known sites from a medium, or deliveries for this site, sealed as they are. One that is taken was
/// signed by its sender, is whole, and can be opened with a key that is here: what the sender learns about it may be the
/// end of what is kept there.
package struct ParcelIntake: InContext {
  package let context: JobContext
  private let direction: ParcelDirection
  private let registry: SiteRegistry

  /// The most bytes that one may hold.
  private let mostBytes: Int64

  /// How many names of a medium's folder are looked at.
  static let mostEntries = 100_000
  /// The most parcels that are taken from one medium.
  private static let maximumParcels = 1000

  init(_ context: JobContext, _ direction: ParcelDirection) {
    self.context = context
    self.direction = direction
    mostBytes = context.configuration.parcels.mostBytes
    registry = SiteRegistry(context.folders)
  }

  /// The folders of parcels at a path, by site and number: those in it, or the one that it is or lies in.
  package static func find(at path: FilePath) throws -> [Place] {
    let resolved = try Files.resolvingLinks(path)
    for place in [resolved, resolved.removingLastComponent()] {
      if let name = place.lastComponent?.string, ParcelNames(folderOfAnyCase: name) != nil {
        return [try OpenFolder(place).place.ignoringCase]
      }
    }
    return try OpenFolder.ifFolder(resolved).map { try find(in: $0.place) } ?? []
  }

  /// The folders of parcels in a folder, by site and number.
  package static func find(in medium: Place) throws -> [Place] {
    let found = try medium.entries(atMost: mostEntries).compactMap { entry in
      ParcelNames(folderOfAnyCase: entry.name).map { ($0, medium.appending(entry).ignoringCase) }
    }.sorted { ($0.0.site, $0.0.number) < ($1.0.site, $1.0.number) }.map(\.1)
    guard found.count <= maximumParcels else {
      throw JobError(
        .badParcel,
        "\(medium): more than \(maximumParcels) parcels here; kscmirror never writes that many to one stick"
      )
    }
    return found
  }

  /// What the name of a parcel's folder tells.
  package static func claims(_ folder: Place) -> ParcelNames? {
    ParcelNames(folderOfAnyCase: folder.name)
  }

  /// Whether a folder's name says that it is a delivery for a site.
  package static func isDelivery(_ folder: Place, for site: String) -> Bool {
    claims(folder).map { $0.direction == .toSite && $0.site == site } ?? false
  }

  /// Takes the parcel in a folder. The caller holds the lock of the intake.
  ///
  /// - Throws: an error with ``ExitStatus/badParcel``, ``ExitStatus/incompleteParcel``,
  ///   ``ExitStatus/parcelNumberTaken``, ``ExitStatus/unknownKey`` or ``ExitStatus/keyUnusable``; nothing of the parcel
  ///   is kept then.
  func take(_ folder: Place) throws -> CollectedParcel {
    guard let names = Self.claims(folder), names.direction == direction else {
      throw JobError(.badParcel, "\(folder): this is not the name of a \(direction.noun)'s folder")
    }
    let files = ParcelFiles(direction: direction, folder: folder)
    let signed = try files.header()
    try translatingParcelErrors(at: files) {
      try signed.verify(site: names.site, number: names.number, signers: nil)
    }
    let signers = try self.signers(files, signed)
    try translatingParcelErrors(at: files) {
      try signed.verify(site: names.site, number: names.number, signers: signers)
    }
    let shelf = ParcelShelf(context, direction, site: names.site)
    var ledger = try self.ledger(of: signed, on: shelf)
    let order = ledger.order(of: signed)
    if order == .numberTaken { throw numberTaken(folder, signed, ledger) }
    let text = order.text(signed, closing: ledger.missing.contains(names.number))
    guard order.isTaken else { return CollectedParcel(signed, folder: folder, order: order, text: text) }
    try refuseTooLarge(files, signed)
    let size = signed.header.payload.size
    let what = "\(direction.noun) \(names.number) of site \(names.site)"
    try audit.noting(.parcel("the taking of \(what)", signed, size: size)) { _ in
      try copy(files, signed, to: shelf)
      try StoreLock.parcelsNotes.holding(folders) {
        // A parcel may have been used meanwhile.
        ledger = try self.ledger(of: signed, on: shelf)
        if ledger.entry(names.number) == nil { ledger.note(signed, received: clock.now) }
        try shelf.save(ledger)
      }
      return .parcel(text, signed, size: size)
    }
    return CollectedParcel(signed, folder: folder, order: order, text: text)
  }

  /// What is sealed may be much smaller than what comes out of it.
  private func refuseTooLarge(_ files: ParcelFiles, _ signed: SignedParcelHeader) throws {
    var rest = mostBytes
    for file in try files.contents(of: signed).contents.files {
      guard file.size <= rest else {
        throw JobError(
          .badParcel,
          "\(files.folder): it holds more than \(mostBytes) bytes, which is the most that is taken here",
          remedy: "If its sender means to send so much, set 'largest_parcel' in the configuration."
        )
      }
      rest -= file.size
    }
  }

  /// The fingerprints of the keys that may have signed a parcel.
  private func signers(_ files: ParcelFiles, _ signed: SignedParcelHeader) throws -> Set<Fingerprint> {
    switch direction {
    case .fromSite:
      guard let site = try registry.site(named: signed.header.site) else { throw unknownSite(files.folder, signed) }
      return [site.fingerprint]
    case .toSite: return try DeliverySigners.trusted(in: folders)
    }
  }

  /// What is remembered of parcels of or for the same site; nothing of those that a former key of the site has signed.
  private func ledger(of signed: SignedParcelHeader, on shelf: ParcelShelf) throws -> ParcelLedger {
    let site = shelf.site
    if let ledger = try shelf.load() {
      if direction == .toSite || ledger.fingerprint == signed.signer { return ledger }
      let unused = ledger.entries.filter { $0.isKept && !$0.isConsumed }
      let what = "the parcels of site \(site) that its former key has signed"
      try audit.noting(.site("the forgetting of \(what)", site)) { _ in
        try shelf.remove()
        return .site("\(what) were forgotten", site)
      }
      reporter.warning(
        "parcels-forgotten",
        "site \(site) has another key now: its parcels from before were forgotten, \(unused.count) of them unused"
      )
    }
    return ParcelLedger(site: site, fingerprint: signed.signer)
  }

  private func unknownSite(_ folder: Place, _ signed: SignedParcelHeader) -> JobError {
    JobError(
      .unknownKey,
      "\(folder): site '\(signed.header.site)' is not known here, so its parcel cannot be trusted",
      remedy: "Collect a receipt of it first: 'kscmirror collect' says how."
    )
  }

  private func numberTaken(_ folder: Place, _ signed: SignedParcelHeader, _ ledger: ParcelLedger) -> JobError {
    let header = signed.header
    let isLater = ledger.entries.last.map { header.time > $0.made } ?? false
    if direction == .toSite {
      return JobError(
        .parcelNumberTaken,
        "\(folder): another delivery \(header.number) for this site was collected before\(isLater ? ": the connected side was restored from a backup, and has given its numbers again" : "")",
        remedy: isLater
          ? "Have the newest receipt of this site collected there: its numbering then continues after \(ledger.highest). Then have what this delivery holds sent again."
          : "The connected side makes one delivery of a number. Find out who has made this one."
      )
    }
    return JobError(
      .parcelNumberTaken,
      "\(folder): another parcel \(header.number) of site '\(header.site)' was collected before\(isLater ? ": the site was restored from a backup, and has given its numbers again" : "")",
      remedy: isLater
        ? "Have the site import the next bundle that is made for it: its numbering then continues after \(ledger.highest). Then have what this parcel holds exported again there."
        : "Two different parcels have the same number. Find out who made this one."
    )
  }

  // MARK: - Copying

  /// Copies a parcel, opens all of it once, and gives its folder the name when it is on the disk.
  private func copy(_ files: ParcelFiles, _ signed: SignedParcelHeader, to shelf: ParcelShelf) throws {
    let header = signed.header
    let contents = try files.contents(of: signed).text
    let payload = try files.payload(of: signed)
    guard let key = try SealingKeys(in: context).key(header.sealedTo) else {
      throw JobError(parcel: .wrongKey(sealedTo: header.sealedTo), at: files)
    }
    let folder = try shelf.folder()
    let target = try shelf.folder(of: header.number)
    let partial = try shelf.partial(of: header.number)
    reporter.report(.phase("taking in \(direction.noun) \(header.number) of site \(header.site)"))
    try folder.makeFolder(permissions: 0o700)
    try refuseWithoutRoom(header, at: folder)
    do {
      try partial.removeTree()
      try partial.makeFolder(permissions: 0o700)
      try shelf.files(in: partial).write(signed, contents: contents, permissions: 0o600)
      try copyPayload(payload, signed, key, to: partial, from: files)
      try partial.rename(to: target)
      try folder.syncFolder()
    } catch {
      try? partial.removeTree()
      throw error
    }
  }

  private func copyPayload(
    _ payload: [Place],
    _ signed: SignedParcelHeader,
    _ key: SealingKey,
    to partial: Place,
    from files: ParcelFiles
  ) throws {
    let size = signed.header.payload.size
    do {
      var check = OpeningCheck(try ParcelOpener(signed, key: key))
      var done: Int64 = 0
      let path = partial.appending(ParcelNames.payload)
      _ = try VolumeCopy.copy(try JoinedInput(payload), count: size, to: path, permissions: 0o600) { bytes in
        try check.take(bytes)
        done += Int64(bytes.count)
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: size)))
      }
    } catch let error as ParcelError {
      throw JobError(parcel: error, at: files)
    } catch BundleError.caller(let cause as ParcelError) {
      throw JobError(parcel: cause, at: files)
    } catch BundleError.volumeDamaged {
      throw JobError(parcel: .alteredPayload("it became shorter while it was read"), at: files)
    } catch {
      throw error
    }
  }

  private func refuseWithoutRoom(_ header: ParcelHeader, at place: Place) throws {
    let free = try place.freeSpace().bytes
    let needed = header.payload.size + header.contents.size + (1 << 20)
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(place): \(direction.noun) \(header.number) of site '\(header.site)' needs \(needed) bytes, and \(free) are free",
      remedy: "Make room there, and collect again; nothing of it was collected."
    )
  }

  /// Notes in the journal that a parcel was refused.
  func noteRefusal(of folder: Place, _ error: JobError) {
    audit.noteRefusal(
      "a \(direction.noun) was refused: \(error.message)",
      ["parcel": .string("\(folder)")],
      error,
      reporter
    )
  }
}

/// Opens what is copied, chunk by chunk, and forgets what it holds.
private struct OpeningCheck {
  private var opener: ParcelOpener
  private var chunk: [UInt8] = []

  init(_ opener: ParcelOpener) { self.opener = opener }

  mutating func take(_ bytes: UnsafeRawBufferPointer) throws(ParcelError) {
    var rest = bytes
    while !rest.isEmpty {
      guard let size = opener.nextSize else { throw .alteredPayload("it has more bytes than were signed") }
      let count = min(rest.count, size - chunk.count)
      chunk += rest[..<count]
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      guard chunk.count == size else { return }
      _ = try opener.open(chunk)
      chunk.removeAll(keepingCapacity: true)
    }
  }
}

extension ParcelOrder {
  /// What is said of a parcel that stands so.
  fileprivate func text(_ signed: SignedParcelHeader, closing isMissing: Bool) -> String {
    let header = signed.header
    let isForUs = header.direction == .toSite
    let which = isForUs ? "delivery \(header.number)" : "parcel \(header.number) of site \(header.site)"
    let what = "\(which) was collected: \(header.carries.map(\.rawValue).joined(separator: ", "))"
    switch self {
    case .first, .next: return what
    case .late: return isMissing ? "\(what); it is late, and closes a gap" : "\(what); it is late"
    case .restored:
      let who = isForUs ? "connected side" : "site"
      return "\(what); it does not follow those that were collected: the \(who) was restored from a backup"
    case .same: return "\(which) was collected before"
    case .numberTaken: return "another \(which) was collected before"
    case .tooOld: return "ignored \(which): it is older than what is remembered"
    }
  }
}
