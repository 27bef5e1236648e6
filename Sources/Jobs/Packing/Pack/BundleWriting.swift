import BundleFormat
import Bundles
import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage
import Trust

/// Writes and signs the bundle of one snapshot: the joint between ContentStore, BundleFormat and Trust.
struct BundleWriting: InContext {
  let context: JobContext
  let store: ContentStore
  let snapshot: Snapshot
  let repository: OwnRepository
  /// The names of its folder and files.
  let names: BundleNames
  /// Whose the bundles in the folder are.
  let ownership: BundleOwnership
  let writer: BundleWriter
  /// What an incremental bundle carries; `nil` for a full one.
  let increment: IncrementPlan?
  /// About how many bytes the bundle will have, where that was measured.
  let measuredBytes: Int64?
  let site: String?
  let parity: Int
  /// How the files of volumes are named.
  let naming: VolumeNaming
  /// How it is measured whether the bundle fits.
  let measuring: BundleOptions
  /// Whether a bundle that is there already is read before it is said to be.
  let readsBack: Bool
  /// What the site learns about parcels.
  let parcels: ParcelWord
  /// Packages of this program that ride along, and where they lie.
  let programs: [CarriedProgram]
  let shelf: ProgramShelf

  /// The name of the bundle's folder.
  var name: String { names.folder }

  private var facts: BundleFacts {
    let base = increment.map { BundleFacts.Base(number: $0.base.number, treeDigest: $0.base.treeDigest) }
    return BundleFacts(
      site: site,
      snapshot: snapshot.number,
      base: base,
      parity: parity,
      naming: naming,
      sealingKey: parcels.sealingKey,
      answer: parcels.answer
    )
  }

  /// About how many bytes of metadata a file of the snapshot needs.
  private static let metadataPerFile: Int64 = 400

  private var metadataBytes: Int64 { (1 << 20) + Int64(snapshot.fileCount) * Self.metadataPerFile + programBytes }

  private var programBytes: Int64 { programs.totalBytes(\.size) }

  private var content: BundleContent {
    if let increment { return .patches(increment.groups) }
    return .objects { [store, number = snapshot.number] take in
      try store.forEachContent(in: number) { try take(BundleObject($1.object, size: $1.size)) }
    }
  }

  /// Tells what would be written.
  func plan() throws -> (objects: Int, worstCaseBytes: Int64) {
    try writer.plan(content, metadataBytes: metadataBytes)
  }

  /// Refuses to write in the place of a bundle that somebody else waits for.
  ///
  /// - Throws: an error with ``ExitStatus/cannotCreate``.
  func refuseOthers() throws {
    guard try writer.place.status() != nil, let there = BundleReader(there: writer.place),
      let owner = ownership.otherOwner(of: there, besides: site)
    else { return }
    throw JobError(
      .cannotCreate,
      "\(writer.place): a bundle is there, and \(owner)",
      remedy: "Use another folder or stick; if nobody needs that bundle, add --overwrite. Nothing was written."
    )
  }

  /// The same bundle, if it is there, whole, and good for a while.
  ///
  /// - Throws: an error with ``ExitStatus/cannotCreate`` when another bundle of the same number is there.
  func bundleThere() async throws -> WrittenBundle? {
    guard try writer.place.status() != nil,
      let reader = BundleReader(there: writer.place)
    else { return nil }
    let cache = PendingCache(FileCache(repository.metadataFolder, keeping: ["root.json"]), keepsRoot: false)
    let there: VerifiedBundle
    do {
      there = try await VerifiedBundle.open(reader, store: store, cache: cache, clock)
      try there.checkLabel()
    } catch {
      // Cut short, expired, or signed with keys of old: it is made again.
      guard JobError(error).status != .inputOutput else { throw error }
      return nil
    }
    guard there.snapshot.treeDigest == snapshot.treeDigest else {
      throw JobError(
        .cannotCreate,
        "\(writer.place): another bundle of the same snapshot number is there",
        remedy: "Remove it, or pack with --overwrite."
      )
    }
    let states = try reader.states(of: there.volumes + there.parity)
    guard there.facts == facts, there.programs == programs, states.allSatisfy({ $0.state == .present }),
      !repository.isOld(there.header)
    else {
      return nil
    }
    guard try isGivenBack(there, reader) else { return nil }
    return WrittenBundle(
      snapshot: there.snapshot,
      name: name,
      facts: there.facts,
      volumes: there.volumes + there.parity,
      header: there.header
    )
  }

  /// Whether the medium gives back what was written to it. If not, the bundle is made again.
  private func isGivenBack(_ there: VerifiedBundle, _ reader: BundleReader) throws -> Bool {
    guard readsBack else { return true }
    reporter.report(.phase("reading the bundle that is there"))
    let volumes = there.volumes + there.parity
    let total = volumes.totalBytes { $0.size }
    var damaged = try reader.firstDamaged(of: volumes) { [reporter] done in
      reporter.report(.progress(JobProgress(bytes: done, totalBytes: total)))
    }?.name
    if damaged == nil {
      // The volumes were just read.
      damaged = try Bag.firstDamaged(in: reader.folder) { $0.hasPrefix("\(BundleNames.volumes)/") }
    }
    guard let damaged else { return true }
    reporter.warning(
      "bundle-damaged",
      "\(reader.folder): \(damaged) is not as it was written: the bundle is written again. If it happens once more, take another medium"
    )
    return false
  }

  /// Writes the volumes, signs them, and gives the bundle its name.
  func write() throws -> WrittenBundle {
    try refuseWithoutRoom()
    var written: WrittenBundle?
    do { try writeBag(&written) } catch BundleError.file(let cause) where cause.isOutOfSpace {
      throw JobError(
        .noSpace,
        "\(writer.place.parent) has no room for the bundle; nothing of it was left there",
        remedy:
          "Make room there, name another folder, leave components behind with --fit, or spread the bundle over several sticks with --spread."
      )
    }
    guard let written else { throw JobError(.software, "\(writer.place): a bundle was written without a seal") }
    return written
  }

  private func writeBag(_ written: inout WrittenBundle?) throws {
    _ = try writer.write(
      content,
      objectPath: store.path(of:),
      progress: { [reporter, total = contentBytes] done in
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: total)))
      },
      readingBack: { done, total in
        if done == 0 { reporter.report(.phase("reading back what was written")) }
        reporter.report(.progress(JobProgress(bytes: done, totalBytes: total)))
      },
      seal: { volumes in
        reporter.report(.phase("signing"))
        let (seal, bundle) = try seal(volumes)
        written = bundle
        return seal
      }
    )
  }

  private var contentBytes: Int64 {
    increment.map { $0.groups.totalBytes { $0.contentBytes } } ?? snapshot.totalBytes
  }

  private func refuseWithoutRoom() throws {
    // What was chosen to fit has been measured.
    if measuredBytes != nil { return }
    // No closer look is needed where there is room for every file on its own.
    let rough = contentBytes + contentBytes / 128 + Int64(snapshot.fileCount) * 16_384 + metadataBytes
    do {
      try writer.refuseWithoutRoom(for: rough)
    } catch {
      do {
        try writer.refuseWithoutRoom(for: try plan().worstCaseBytes)
      } catch {
        // What is compressed may fit all the same: that is worth the time that measuring takes.
        try writer.refuseWithoutRoom(for: try measured())
      }
    }
  }

  /// How many bytes the bundle takes at the least: all is compressed once, and thrown away. What may fit is tried: a medium
  /// that turns out to be too small is an error that leaves nothing on it.
  private func measured() throws -> Int64 {
    reporter.report(.phase("measuring whether it fits"))
    let groups: [PatchGroup]
    if let increment {
      groups = increment.groups
    } else {
      var plan = GroupPlan(limits: GroupPlan.Limits(volumeSize: measuring.volumeSize), objectPath: store.path(of:))
      var seen = Set<ObjectDigest>()
      try store.forEachContent(in: snapshot.number) { path, content in
        guard seen.insert(content.object).inserted else { return }
        try plan.add(NewFile(Extent(path, content.object, size: content.size), bases: []))
      }
      plan.close()
      groups = plan.groups
    }
    let writer = BundleWriter(names, to: self.writer.place.parent, options: measuring)
    let blocks = MediumBlocks(size: try self.writer.place.parent.freeSpace().blockSize)
    return blocks.least(bundle: try writer.measure(groups, objectPath: store.path(of:)) + programBytes)
  }

  private func seal(_ volumes: [Volume]) throws -> (BundleSeal, WrittenBundle) {
    try repository.sign(
      snapshot,
      { take in try store.forEachFile(in: snapshot.number) { try take($0) } },
      volumes: .init(volumes: volumes, facts: facts, programs: programs)
    )
    let bundle = WrittenBundle(
      snapshot: SignedSnapshot(snapshot),
      name: name,
      facts: facts,
      volumes: volumes,
      header: try repository.timestampHeader()
    )
    let label = BundleLabel.Facts(
      snapshot: bundle.snapshot,
      bundle: bundle.facts,
      volumes: volumes.count,
      version: bundle.header.version,
      expires: bundle.header.expires,
      root: repository.fingerprint,
      programs: programs.map(\.package.name)
    )
    let key = repository.timestampKey
    let language = configuration.language
    let seal = BundleSeal(
      metadata: try metadata(),
      copies: programs.map { program in
        BundleCopy(
          path: "\(BundleNames.programs)/\(program.package.name)",
          source: shelf.path(of: program.package),
          size: program.size,
          sha256: program.sha256
        )
      },
      facts: [
        ("Bagging-Date", String(clock.now.text.prefix(10))),
        ("Bag-Software-Agent", Program.generator),
        (BundleNames.identifier, "\(name), metadata version \(bundle.header.version)"),
        ("External-Description", "antivirus databases and updates, verified and published by 'kscmirror import'"),
      ],
      label: { manifest in try BundleLabel.text(label, manifest: manifest, key: key, in: language) }
    )
    return (seal, bundle)
  }

  /// The files of metadata. The list of files of an incremental bundle would be larger than what has changed.
  private func metadata() throws -> [(name: String, bytes: [UInt8])] {
    let files = try repository.files()
    guard let increment else { return files.map { ($0.name, $0.bytes) } }
    return try files.map { file in
      guard file.name.hasSuffix(".targets.json") else { return (file.name, file.bytes) }
      let base = try BaseListing.bytes(of: increment.base.number, in: store)
      return (file.name + PatchedMetadata.suffix, try DocumentPatch.make(of: file.bytes, against: base))
    }
  }
}

/// A bundle that was written, or was there.
struct WrittenBundle {
  let snapshot: SignedSnapshot
  /// The name of its folder.
  let name: String
  let facts: BundleFacts
  let volumes: [Volume]
  let header: MetadataHeader
}
