import Bundle
import FileSystem
import SystemPackage
import Trust

/// Takes parcels of known sites from a medium, sealed as they are. One that is taken was signed by the site, is whole, and
/// can be opened with a key that is here: what the site is told of it may be the end of what it has kept.
struct ParcelIntake {
  private let folders: StoreFolders
  private let registry: SiteRegistry
  let reporter: any JobReporter
  private let audit: Audit

  /// How many names of a medium's folder are looked at.
  static let mostEntries = 100_000
  /// The most parcels that are taken from one medium.
  private static let maximumParcels = 1000

  init(store: FilePath, reporter: any JobReporter) {
    folders = StoreFolders(store)
    registry = SiteRegistry(store: store)
    self.reporter = reporter
    audit = Audit(folders.journal)
  }

  /// The folders of parcels at a path, by site and number: those in it, or the one that it is or lies in.
  static func find(at path: FilePath) throws(JobError) -> [FilePath] {
    let found = try translatingErrors {
      let resolved = try Files.resolvingLinks(path)
      for place in [resolved, resolved.removingLastComponent()] {
        if let name = place.lastComponent?.string, ParcelNames(folder: name) != nil { return [place] }
      }
      guard try Files.status(resolved)?.kind == .folder else { return [] }
      return try Files.entries(of: resolved, atMost: mostEntries).compactMap { entry in
        ParcelNames(folder: entry.name).map { ($0, resolved.appending(entry.name)) }
      }.sorted { ($0.0.site, $0.0.number) < ($1.0.site, $1.0.number) }.map(\.1)
    }
    guard found.count <= maximumParcels else {
      throw JobError(.badParcel, "\(path): more than \(maximumParcels) parcels lie here, which no medium of ours has")
    }
    return found
  }

  /// The site that the name of a parcel's folder tells.
  static func claimedSite(_ folder: FilePath) -> String {
    ParcelNames(folder: folder.lastComponent?.string ?? "")?.site ?? ""
  }

  /// Takes the parcel in a folder. The caller holds the lock of the intake.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/badParcel``, ``ExitStatus/incompleteParcel``,
  ///   ``ExitStatus/parcelNumberTaken``, ``ExitStatus/unknownKey`` or ``ExitStatus/keyUnusable``; nothing of the parcel
  ///   is kept then.
  func take(_ folder: FilePath) throws(JobError) -> CollectedParcel {
    guard let names = ParcelNames(folder: folder.lastComponent?.string ?? "") else {
      throw JobError(.badParcel, "\(folder): this is no name of a parcel's folder")
    }
    let files = ParcelFiles(folder: folder)
    let signed = try files.header()
    try translatingParcelErrors(at: folder) {
      try signed.verify(site: names.site, number: names.number, signer: nil)
    }
    guard let site = try registry.site(named: names.site) else { throw unknownSite(folder, signed) }
    try translatingParcelErrors(at: folder) {
      try signed.verify(site: site.name, number: names.number, signer: site.fingerprint)
    }
    let shelf = ParcelShelf(folders, site: site.name)
    var ledger = try self.ledger(of: site, on: shelf)
    let order = ledger.order(of: signed)
    if order == .numberTaken { throw numberTaken(folder, signed, ledger) }
    let text = order.text(signed, closing: ledger.missing.contains(names.number))
    guard order.isTaken else { return CollectedParcel(signed, folder: folder, order: order, text: text) }
    try copy(files, signed, to: shelf)
    try ParcelsLock.notes.holding(folders) { () throws(JobError) in
      // A parcel may have been used meanwhile.
      ledger = try self.ledger(of: site, on: shelf)
      if ledger.entry(names.number) == nil { ledger.note(signed, received: WallClock.seconds) }
      try shelf.save(ledger)
    }
    try audit.noteParcel(text, signed, size: signed.header.payload.size)
    return CollectedParcel(signed, folder: folder, order: order, text: text)
  }

  /// What is remembered of a site's parcels; nothing of those that another key has signed.
  private func ledger(of site: KnownSite, on shelf: ParcelShelf) throws(JobError) -> ParcelLedger {
    if let ledger = try shelf.load() {
      if ledger.fingerprint == site.fingerprint { return ledger }
      let unused = ledger.entries.filter { $0.isKept && !$0.isConsumed }
      try shelf.remove()
      reporter.warning(
        "parcels-forgotten",
        "site \(site.name) has another key now: its parcels from before were forgotten, \(unused.count) of them unused"
      )
      try audit.noteSite(
        "the parcels of site \(site.name) that its former key has signed were forgotten",
        site: site.name
      )
    }
    return ParcelLedger(site: site.name, fingerprint: site.fingerprint)
  }

  private func unknownSite(_ folder: FilePath, _ signed: SignedParcelHeader) -> JobError {
    JobError(
      .unknownKey,
      "\(folder): site '\(signed.header.site)' is not known here, so that its parcel cannot be believed",
      remedy: "Take in a receipt of it first: 'kscmirror collect' tells how."
    )
  }

  private func numberTaken(_ folder: FilePath, _ signed: SignedParcelHeader, _ ledger: ParcelLedger) -> JobError {
    let header = signed.header
    let isLater = ledger.entries.last.map { header.time > $0.made } ?? false
    return JobError(
      .parcelNumberTaken,
      "\(folder): another parcel \(header.number) of site '\(header.site)' was taken in before\(isLater ? ": the site was restored from a backup, and has given its numbers again" : "")",
      remedy: isLater
        ? "Have the site import the next bundle that is made for it: its numbers then go on behind \(ledger.highest). Then have what this parcel holds exported again there."
        : "One site makes one parcel of a number. Find out who has made this one."
    )
  }

  // MARK: - Copying

  /// Copies a parcel, opens all of it once, and gives its folder the name when it is on the disk.
  private func copy(_ files: ParcelFiles, _ signed: SignedParcelHeader, to shelf: ParcelShelf) throws(JobError) {
    let header = signed.header
    let contents = try files.contents(of: signed).text
    let payload = try files.payload(of: signed)
    guard let key = try SealingKeys(in: folders).key(header.sealedTo) else {
      throw JobError(parcel: .wrongKey(sealedTo: header.sealedTo), at: files.folder)
    }
    let target = shelf.folder(of: header.number)
    let partial = shelf.partial(of: header.number)
    reporter.report(.phase("taking in parcel \(header.number) of site \(header.site)"))
    try translatingErrors { try Files.makeFolder(shelf.folder, permissions: 0o700) }
    try refuseWithoutRoom(header, at: shelf.folder)
    do throws(JobError) {
      try translatingErrors {
        try Files.removeTree(partial)
        try Files.makeFolder(partial, permissions: 0o700)
      }
      try ParcelFiles(folder: partial).write(signed, contents: contents, permissions: 0o600)
      try copyPayload(payload, signed, key, to: partial, from: files.folder)
      try translatingErrors {
        try Files.rename(partial, to: target)
        try Files.syncFolder(shelf.folder)
      }
    } catch {
      try? Files.removeTree(partial)
      throw error
    }
  }

  private func copyPayload(
    _ payload: [FilePath],
    _ signed: SignedParcelHeader,
    _ key: SealingKey,
    to partial: FilePath,
    from folder: FilePath
  ) throws(JobError) {
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
      throw JobError(parcel: error, at: folder)
    } catch BundleError.caller(let cause as ParcelError) {
      throw JobError(parcel: cause, at: folder)
    } catch BundleError.volumeDamaged {
      throw JobError(parcel: .alteredPayload("it became shorter while it was read"), at: folder)
    } catch {
      throw JobError(translating: error)
    }
  }

  private func refuseWithoutRoom(_ header: ParcelHeader, at place: FilePath) throws(JobError) {
    let free = try translatingErrors { try FreeSpace(at: place).bytes }
    let needed = header.payload.size + header.contents.size + (1 << 20)
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(place): parcel \(header.number) of site '\(header.site)' needs \(needed) bytes, and \(free) are free",
      remedy: "Make room there, and collect again; nothing of it was taken."
    )
  }

  /// Notes in the journal that a parcel was refused.
  func noteRefusal(of folder: FilePath, _ error: JobError) {
    audit.noteRefusal("a parcel was refused: \(error.message)", ["parcel": .string(folder.string)], error, reporter)
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
    let which = "parcel \(header.number) of site \(header.site)"
    let what = "\(which) was taken in: \(header.carries.map(\.rawValue).joined(separator: ", "))"
    switch self {
    case .first, .next: return what
    case .late: return isMissing ? "\(what); it is late, and closes a gap" : "\(what); it is late"
    case .restored:
      return "\(what); it does not follow those that have come: the site was restored from a backup"
    case .same: return "\(which) has come before"
    case .numberTaken: return "another \(which) has come before"
    case .tooOld: return "passed over \(which): it is older than what is remembered of the site"
    }
  }
}
