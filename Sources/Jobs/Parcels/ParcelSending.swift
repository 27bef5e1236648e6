import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import SystemPackage
import Trust

extension ParcelOutbox {
  /// Opens the medium that parcels are to be written to.
  package func medium(at folder: FilePath) throws -> Medium {
    try Medium.open(folder, configuration.parcels.mount, store: folders.root)
  }

  /// Writes parcels that are kept to a medium, and reads them back from it. What lies there of them and has arrived is
  /// removed.
  ///
  /// - Parameters:
  ///   - numbers: their numbers; `nil`: all that are not known to have arrived.
  ///   - medium: the medium.
  ///   - readBack: whether what was written is read back and compared.
  /// - Throws: an error; of the parcel that could not be written nothing is left then.
  package func send(
    _ numbers: [Int64]? = nil,
    to medium: Medium,
    readBack: Bool = true
  ) throws -> [WrittenParcel] {
    let opened = medium.place
    return try StoreLock.parcelsOut.holding(folders) {
      let arrived = try lane.arrivals().arrived
      var parcels: [OutboxFiles.Kept] = []
      if let numbers {
        for number in numbers { parcels.append(try files.kept(number)) }
      } else {
        parcels = try files.kept().filter { arrived[$0.reference] == nil }
      }
      try removeArrived(arrived, from: opened, besides: Set(parcels.map(\.reference)))
      var written: [WrittenParcel] = []
      for parcel in parcels { written.append(try send(parcel, to: opened, readBack: readBack)) }
      if !written.isEmpty { _ = try medium.finish() }
      try prune()
      return written
    }
  }

  private func send(
    _ parcel: OutboxFiles.Kept,
    to medium: Place,
    readBack: Bool
  ) throws -> WrittenParcel {
    let parcel = try signedAnew(parcel)
    let header = parcel.signed.header
    let sending = ParcelSending(parcel: parcel, medium: medium, readBack: readBack, reporter: reporter)
    let wasThere = try sending.isThere()
    if wasThere {
      try files.noteWritten(header.number)
    } else {
      let (name, size) = (lane.name(header.number), header.payload.size)
      try audit
        .noting(.parcel("the writing of \(name) to \(medium)", parcel.signed, size: size)) { _ in
          try sending.write()
          try files.noteWritten(header.number)
          return .parcel("\(name) was written to \(medium)", parcel.signed, size: size)
        }
    }
    return WrittenParcel(
      direction: lane.direction,
      number: header.number,
      folder: "\(sending.target)",
      bytes: header.payload.size,
      wasThere: wasThere
    )
  }

  /// A delivery whose key has been replaced since: the site that gets the new root trusts the old key no longer.
  private func signedAnew(_ parcel: OutboxFiles.Kept) throws -> OutboxFiles.Kept {
    guard lane.direction == .toSite else { return parcel }
    let signer = try lane.signer()
    guard Fingerprint(signer.id) != parcel.signed.signer else { return parcel }
    let signed: SignedParcelHeader
    do throws(KeyError) {
      signed = try SignedParcelHeader(parcel.signed.header, key: signer)
    } catch {
      throw JobError(error, at: folders.key(OnlineKeys.Role.timestamp.rawValue).string)
    }
    try parcel.files.write(signed, contents: parcel.files.contents(of: parcel.signed).text, permissions: 0o600)
    return OutboxFiles.Kept(files: parcel.files, signed: signed)
  }

  /// A medium that goes to and fro would fill up. Only what was made here is removed: by the key that signs now, or, for
  /// a delivery, by what the site's receipt says of its digest, since an earlier key may have signed it.
  private func removeArrived(
    _ arrived: [ParcelHeader.Previous: UTCTime],
    from medium: Place,
    besides kept: Set<ParcelHeader.Previous>
  ) throws {
    let own = try lane.ownSigners()
    for entry in try medium.entries(atMost: ParcelIntake.mostEntries) {
      let place = ParcelFiles(direction: lane.direction, folder: medium.appending(entry))
      guard let names = ParcelNames(folder: entry.name), names.direction == lane.direction, names.site == lane.site,
        let signed = try? place.header(), lane.direction == .toSite || own.contains(signed.signer)
      else { continue }
      let reference = ParcelHeader.Previous(number: signed.header.number, digest: signed.digest)
      guard arrived[reference] != nil, !kept.contains(reference) else { continue }
      try medium.appending(entry).vanish()
      reporter.information(
        "parcel-arrived",
        "\(lane.name(signed.header.number)) has arrived, and was removed from \(medium)"
      )
    }
  }
}

/// Writes one parcel to a medium.
private struct ParcelSending {
  let parcel: OutboxFiles.Kept
  let medium: Place
  let readBack: Bool
  let reporter: any JobReporter

  /// The most bytes of a file: what FAT32 takes, as for volumes.
  private static let largestPiece: Int64 = 3_900 << 20

  private var header: ParcelHeader { parcel.signed.header }
  private var names: ParcelNames { ParcelNames(header.direction, site: header.site, number: header.number) }

  private func files(in folder: Place) -> ParcelFiles { ParcelFiles(direction: header.direction, folder: folder) }

  /// The parcel's folder on the medium.
  var target: Place { medium.appending(names.folder) }

  /// Whether the very same parcel is there, whole, and signed by the key that signs now.
  ///
  /// - Throws: an error with ``ExitStatus/cannotCreate`` when another parcel of its number is there.
  func isThere() throws -> Bool {
    guard try target.status() != nil else { return false }
    let there = files(in: target)
    do {
      let signed = try there.header()
      guard signed.digest == parcel.signed.digest else {
        throw JobError(
          .cannotCreate,
          "\(target): another \(header.direction.noun) of this number is there",
          remedy: "Carry it to its receiver first, or use another stick."
        )
      }
      guard signed.signer == parcel.signed.signer else { return false }
      _ = try there.contents(of: signed)
      let files = try there.payload(of: signed)
      return try VolumeCopy.digest(of: files, atMost: header.payload.size).digest == header.payload.sha256
    } catch {
      let failure = JobError(error)
      // What is damaged or cut short is written again.
      guard failure.status == .badParcel || failure.status == .incompleteParcel else { throw error }
      return false
    }
  }

  /// Writes the parcel, reads it back, and gives its folder the name.
  func write() throws {
    let sources = try parcel.files.payload(of: parcel.signed)
    let contents = try parcel.files.contents(of: parcel.signed).text
    try refuseWithoutRoom()
    reporter.report(.phase("writing \(header.direction.noun) \(header.number)"))
    let unfinished = try UnfinishedFolder(parcel: names, in: medium)
    let partial = unfinished.place
    do {
      try files(in: partial).write(parcel.signed, contents: contents, permissions: 0o644)
      let files = try writePayload(sources, to: partial)
      if readBack { try verify(files, contents, in: partial) }
      try publish(partial)
    } catch {
      unfinished.abandon()
      throw error
    }
  }

  private func refuseWithoutRoom() throws {
    let needed = header.payload.size + header.contents.size + (1 << 20)
    let free = try medium.freeSpace().bytes
    guard needed > free else { return }
    throw JobError(
      .noSpace,
      "\(medium): \(header.direction.noun) \(header.number) needs \(needed) bytes, and \(free) are free",
      remedy: "Make room there, or use another stick; nothing was written."
    )
  }

  private func writePayload(_ sources: [Place], to partial: Place) throws -> [Place] {
    let largest = min(Self.largestPiece, medium.largestFile ?? Self.largestPiece)
    let payload = VolumeFileName(volume: ParcelNames.payload, piece: nil)
    let pieces = VolumePieces(payload, size: header.payload.size, largest: largest)
    do throws(BundleError) {
      let files = try pieces.write(from: sources, to: partial, expecting: header.payload.sha256) { done in
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: header.payload.size)))
      }
      return files.map { partial.appending($0.name) }
    } catch {
      guard case .volumeDamaged = error else { throw error }
      throw JobError(
        .damagedStore,
        "\(parcel.files.folder): the \(header.direction.noun) that is kept here is damaged",
        remedy: "Remove its folder, and make it again with what it held."
      )
    }
  }

  private func verify(_ files: [Place], _ contents: [UInt8], in partial: Place) throws {
    reporter.report(.phase("reading back what was written"))
    let parts: [(String, [UInt8])] = [
      (ParcelNames.header, parcel.signed.serialized), (ParcelNames.contents, contents),
    ]
    for (name, bytes) in parts {
      try VolumeCopy.verify([partial.appending(name)], has: ParcelHeader.Part(of: bytes).sha256)
    }
    var done: Int64 = 0
    try VolumeCopy.verify(files, has: header.payload.sha256) { count in
      done += Int64(count)
      reporter.report(.progress(JobProgress(bytes: done, totalBytes: header.payload.size)))
    }
  }

  private func publish(_ partial: Place) throws {
    try partial.syncFolder()
    try target.vanish()
    try partial.rename(to: target)
    try medium.syncFolder()
  }
}
