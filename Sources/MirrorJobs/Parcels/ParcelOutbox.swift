import Bundle
import MirrorConfiguration
import SystemPackage
import Trust

/// The parcels that a site makes: each has a number of its own, is kept until the connected side has it, and can be
/// written to a medium again and again.
public struct ParcelOutbox: Sendable {
  let folders: StoreFolders
  let site: String
  let settings: ParcelSettings
  let reporter: any JobReporter

  /// The parcels of the store in the folder `store`.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - site: the name of this site.
  ///   - settings: how long parcels are kept.
  ///   - reporter: takes what is to be told.
  /// - Throws: ``JobError`` with ``ExitStatus/configuration`` when the name is none that a site may have.
  public init(
    store: FilePath,
    site: String,
    settings: ParcelSettings = ParcelSettings(),
    reporter: any JobReporter
  ) throws(JobError) {
    guard SiteName.isValid(site) else {
      throw JobError(.configuration, "'\(site)' cannot be the name of a site: it \(SiteName.rule)")
    }
    folders = StoreFolders(store)
    self.site = site
    self.settings = settings
    self.reporter = reporter
  }

  var files: OutboxFiles { OutboxFiles(folders) }

  /// What is known here of the connected side.
  var trust: ParcelTrust { ParcelTrust(folders) }

  // MARK: - Making

  /// Makes a parcel, which is kept in the store.
  ///
  /// Its number is on the disk before anything is sealed with it: whatever happens, no other parcel gets it.
  ///
  /// - Parameters:
  ///   - kinds: what it carries.
  ///   - words: what it holds, in plain words for the list beside it.
  ///   - fill: adds what it is to hold.
  /// - Throws: ``JobError`` with ``ExitStatus/notThere`` when nothing was added, or the connected side's key is not known
  ///   yet; what `fill` throws. Nothing of the parcel is left then.
  public func make(
    carrying kinds: [ParcelKind],
    words: [String] = [],
    _ fill: (ParcelWriter) throws -> Void
  ) throws(JobError) -> SentParcel {
    let key = try trust.sealingKey()
    let signer = try ReceiptsLock.holding(folders) { () throws(JobError) in try SiteKey(in: folders).readOrMake() }
    return try ParcelsLock.out.holding(folders) { () throws(JobError) in
      try files.removeLeftovers()
      let number = try nextNumber()
      try files.noteNumber(number)
      let making = ParcelMaking(
        site: site,
        number: number,
        kinds: kinds,
        words: words,
        previous: try files.newest()?.reference
      )
      let signed = try making.write(to: files, sealedTo: key, signer: signer, fill)
      let sent = try sentParcel(signed)
      try Audit(folders.journal).noteParcel("parcel \(number) was made: \(sent.summary)", signed, size: sent.bytes)
      try prune()
      return sent
    }
  }

  /// The number of the next parcel.
  ///
  /// A store that was restored from a backup learns from the connected side's answer which numbers it has given before.
  private func nextNumber() throws(JobError) -> Int64 {
    let last = max(
      try files.lastNumber(),
      try files.newest()?.signed.header.number ?? 0,
      try trust.answer(for: site)?.highest ?? 0
    )
    guard last < ParcelHeader.maximumNumber else {
      throw JobError(.badStore, "\(folders.parcels): there are no numbers left for parcels")
    }
    return last + 1
  }

  /// Tells what a parcel would be, without making one.
  ///
  /// - Parameters:
  ///   - kinds: what it would carry.
  ///   - words: what it would hold, in plain words.
  ///   - inner: takes the very bytes that would be sealed, a tar archive through zstd; `nil`: nobody.
  ///   - fill: adds what it would hold.
  public func preview(
    carrying kinds: [ParcelKind],
    words: [String] = [],
    inner: ((UnsafeRawBufferPointer) throws -> Void)? = nil,
    _ fill: (ParcelWriter) throws -> Void
  ) throws(JobError) -> ParcelPreview {
    let number = try nextNumber()
    let making = ParcelMaking(site: site, number: number, kinds: kinds, words: words, previous: nil)
    return try making.preview(naming: folders.parcels, inner: inner, fill)
  }

  // MARK: - What is kept

  /// The parcels that are kept, by number.
  public func parcels() throws(JobError) -> [SentParcel] {
    let answer = try trust.answer(for: site)
    let notes = try files.notes()
    var parcels: [SentParcel] = []
    for kept in try files.kept() {
      parcels.append(
        SentParcel(
          kept.signed,
          text: try kept.files.contents(of: kept.signed).text,
          written: notes[kept.signed.header.number],
          acknowledged: answer?.arrived[kept.reference]
        )
      )
    }
    return parcels
  }

  private func sentParcel(_ signed: SignedParcelHeader) throws(JobError) -> SentParcel {
    let kept = ParcelFiles(folder: files.folder(of: signed.header.number))
    return SentParcel(signed, text: try kept.contents(of: signed).text, written: nil, acknowledged: nil)
  }

  /// When it was learnt that a parcel has arrived, in seconds since 1970; `nil` as long as it is not known to have. A
  /// thousand parcels are remembered, whether they are kept or not.
  ///
  /// - Parameters:
  ///   - number: its number.
  ///   - digest: the digest of its header, ``SentParcel/digest``.
  public func acknowledged(number: Int64, digest: String) throws(JobError) -> Int64? {
    try trust.answer(for: site)?.arrived.first { $0.key.number == number && $0.key.digest.hex == digest }?.value
  }

  /// Removes parcels that need not be kept any more. The caller holds the lock.
  func prune() throws(JobError) {
    let arrived = try trust.answer(for: site)?.arrived ?? [:]
    for kept in try files.kept().dropLast(settings.keep) {
      let isOld = WallClock.seconds - kept.signed.header.time > settings.keepFor
      guard arrived[kept.reference] != nil || isOld else { continue }
      let number = kept.signed.header.number
      try files.remove(number)
      guard arrived[kept.reference] == nil else { continue }
      let text = "parcel \(number) was removed: it is old, and nothing tells that it has arrived"
      reporter.warning("parcel-removed", text)
      try Audit(folders.journal).noteParcel(text, kept.signed, size: kept.signed.header.payload.size)
    }
  }
}
