import BundleFormat
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Trust

/// The parcels that are made here: each has a number of its own, is kept until the other side has it, and can be written
/// to a medium again and again.
package struct ParcelOutbox: Sendable, InContext {
  package let context: JobContext
  package let lane: ParcelLane

  /// The parcels of the context's store.
  ///
  /// - Parameters:
  ///   - direction: which way they go.
  ///   - site: the name of this site, or of the one that they are for.
  /// - Throws: an error with ``ExitStatus/configuration`` when the name is none that a site may have.
  package init(_ context: JobContext, _ direction: ParcelDirection = .fromSite, site: String) throws {
    guard SiteName.isValid(site) else {
      throw JobError(.configuration, "'\(site)' cannot be the name of a site: it \(SiteName.rule)")
    }
    self.context = context
    lane = ParcelLane(context: context, direction: direction, site: site)
  }

  package var site: String { lane.site }
  private var settings: ParcelSettings { configuration.parcels }
  package var files: OutboxFiles { lane.files }

  // MARK: - Making

  /// Makes a parcel, which is kept in the store.
  ///
  /// Its number is on the disk before anything is sealed with it: whatever happens, no other parcel gets it.
  ///
  /// - Parameters:
  ///   - kinds: what it carries.
  ///   - fill: adds what it is to hold.
  /// - Throws: an error with ``ExitStatus/notThere`` when nothing was added, or the other side's key is not known yet;
  ///   what `fill` throws. Nothing of the parcel is left then.
  package func make(
    carrying kinds: [ParcelKind],
    _ fill: (ParcelWriter) throws -> Void
  ) throws -> SentParcel {
    let key = try lane.sealingKey()
    let signer = try lane.signer()
    return try StoreLock.parcelsOut.holding(folders) {
      try files.removeLeftovers()
      let number = try nextNumber()
      let beginning = AuditNote.parcel("the making of \(lane.name(number))", site: lane.site, number: number)
      let sent = try audit.noting(beginning) { _ in
        try files.noteNumber(number)
        let making = ParcelMaking(
          lane.direction,
          site: lane.site,
          number: number,
          kinds: kinds,
          previous: try files.newest()?.reference,
          at: clock.now,
          in: configuration.language
        )
        let signed = try making.write(to: files, sealedTo: key, signer: signer, fill)
        let sent = try sentParcel(signed)
        return (sent, .parcel("\(lane.name(number)) was made: \(sent.summary)", signed, size: sent.bytes))
      }.value
      try prune()
      return sent
    }
  }

  /// The number of the next parcel.
  ///
  /// A store that was restored from a backup learns from the other side's answer which numbers it has given before.
  private func nextNumber() throws -> Int64 {
    let last = max(
      try files.lastNumber(),
      try files.newest()?.signed.header.number ?? 0,
      try lane.arrivals().highest
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
  ///   - inner: takes the very bytes that would be sealed, a tar archive through zstd; `nil`: nobody.
  ///   - fill: adds what it would hold.
  package func preview(
    carrying kinds: [ParcelKind],
    inner: ((UnsafeRawBufferPointer) throws -> Void)? = nil,
    _ fill: (ParcelWriter) throws -> Void
  ) throws -> ParcelPreview {
    let number = try nextNumber()
    let making = ParcelMaking(
      lane.direction,
      site: lane.site,
      number: number,
      kinds: kinds,
      previous: nil,
      at: clock.now,
      in: configuration.language
    )
    return try making.preview(naming: folders.parcels, inner: inner, fill)
  }

  // MARK: - What is kept

  /// The parcels that are kept, by number.
  package func parcels() throws -> [SentParcel] {
    let arrivals = try lane.arrivals()
    let notes = try files.notes()
    var parcels: [SentParcel] = []
    for kept in try files.kept() {
      parcels.append(
        SentParcel(
          kept.signed,
          text: try kept.files.contents(of: kept.signed).text,
          written: notes[kept.signed.header.number],
          acknowledged: arrivals.arrived[kept.reference],
          isUsed: arrivals.arrived[kept.reference] != nil && arrivals.used.contains(kept.signed.header.number)
        )
      )
    }
    return parcels
  }

  private func sentParcel(_ signed: SignedParcelHeader) throws -> SentParcel {
    let kept = try files.kept(signed.header.number)
    return SentParcel(
      signed,
      text: try kept.files.contents(of: signed).text,
      written: nil,
      acknowledged: nil,
      isUsed: false
    )
  }

  /// When it was learnt that a parcel has arrived; `nil` as long as it is not known to have. A
  /// thousand parcels are remembered, whether they are kept or not.
  ///
  /// - Parameters:
  ///   - number: its number.
  ///   - digest: the digest of its header, ``SentParcel/digest``.
  package func acknowledged(number: Int64, digest: String) throws -> UTCTime? {
    try lane.arrivals().arrived.first { $0.key.number == number && $0.key.digest.hex == digest }?.value
  }

  /// Takes parcels back that have not arrived: they are not written to a stick any more. Their numbers stay given.
  ///
  /// - Returns: what was taken back, as it was.
  /// - Throws: an error when one of them is not kept, or has arrived; none is taken back then.
  package func withdraw(_ numbers: [Int64], dryRun: Bool) throws -> [SentParcel] {
    func chosen() throws -> [SentParcel] {
      let all = try parcels()
      return try Set(numbers).sorted().map { number in
        guard let parcel = all.first(where: { $0.number == number }) else {
          let kept = all.map { "\($0.number)" }
          throw JobError(
            .notThere,
            "no \(lane.direction.noun) \(number)\(lane.direction == .toSite ? " for site '\(site)'" : "") is kept here",
            remedy: kept.isEmpty ? "See 'kscmirror parcel list'." : "Those that are: \(Words.list(kept, atMost: 20))."
          )
        }
        guard parcel.acknowledged == nil else {
          throw JobError(
            .cannotCreate,
            "\(lane.name(number)) has arrived, and cannot be taken back",
            remedy: lane.direction == .toSite
              ? "Put its keys away there with 'kscmirror licence import --dismiss'." : nil
          )
        }
        return parcel
      }
    }
    if dryRun { return try chosen() }
    return try StoreLock.parcelsOut.holding(folders) {
      let parcels = try chosen()
      for parcel in parcels {
        let kept = try files.kept(parcel.number)
        let (name, size) = (lane.name(parcel.number), kept.signed.header.payload.size)
        try audit
          .noting(.parcel("the withdrawal of \(name)", kept.signed, size: size)) { _ in
            try files.remove(parcel.number)
            return .parcel("\(name) was withdrawn before it arrived", kept.signed, size: size)
          }
      }
      return parcels
    }
  }

  /// Removes parcels that need not be kept any more. The caller holds the lock.
  func prune() throws {
    let arrived = try lane.arrivals().arrived
    for kept in try files.kept().dropLast(settings.keep) {
      let isOld = clock.now.seconds(since: kept.signed.header.time) > settings.keepFor
      guard arrived[kept.reference] != nil || isOld else { continue }
      let number = kept.signed.header.number
      guard arrived[kept.reference] == nil else {
        try files.remove(number)
        continue
      }
      let text = "\(lane.name(number)) was removed: it is old, and no bundle has confirmed that it arrived"
      let size = kept.signed.header.payload.size
      try audit
        .noting(.parcel("the removal of \(lane.name(number))", kept.signed, size: size)) { _ in
          try files.remove(number)
          return .parcel(text, kept.signed, size: size)
        }
      reporter.warning("parcel-removed", text)
    }
  }
}
