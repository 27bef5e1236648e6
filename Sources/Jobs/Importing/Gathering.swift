import BundleFormat
import Bundles
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Gets the volumes of a bundle together: those on the medium, those that came with other media before, and those that
/// can be rebuilt from parity volumes.
struct Gathering {
  private(set) var bundle: VerifiedBundle
  let incoming: Incoming
  let store: FilePath
  let reporter: any JobReporter
  /// Volumes that are here, but have other bytes than were signed, or cannot be read; and what is wrong with each.
  private var damaged: [String: String] = [:]

  init(_ bundle: VerifiedBundle, store: FilePath, reporter: any JobReporter) throws {
    self.bundle = try bundle.withIncoming(of: store)
    self.store = store
    self.reporter = reporter
    incoming = try Incoming(bundle, in: store)
  }

  private func search() throws -> VolumeSearch {
    let places = bundle.reader.places
    return try VolumeSearch(places)
  }

  /// The volumes with objects that are not here by name and size, and what was found of them.
  private func lacking() throws -> [(volume: Volume, finding: VolumeFinding)] {
    let search = try search()
    return bundle.volumes.compactMap { volume in
      let finding = search.find(volume)
      if case .whole = finding { return nil }
      return (volume, finding)
    }
  }

  /// Gets all volumes together by name and size.
  ///
  /// - Throws: an error with ``ExitStatus/incompleteBundle`` when some are missing; what was there is kept in the store.
  mutating func gather() throws -> VerifiedBundle {
    let reader = bundle.reader
    let volumes = bundle.volumes + bundle.parity
    // Whatever else lies among the volumes is refused here.
    _ = try reader.states(of: volumes)
    try incoming.removeLeftovers()
    if try lacking().isEmpty { return bundle }
    if try rebuild() { return bundle }
    try takeIn()
    throw try incomplete()
  }

  /// Finds out what is damaged after reading has failed, and gets sound volumes in its place.
  ///
  /// - Throws: `failure`, if nothing can be done about it.
  mutating func mend(after failure: any Error) throws -> VerifiedBundle {
    reporter.report(.phase("looking for what is damaged in \(bundle.reader.name)"))
    var isRemoved = false
    for volume in bundle.volumes { _ = try isSound(volume, &isRemoved) }
    guard isRemoved || !damaged.isEmpty else { throw failure }
    if try lacking().isEmpty { return bundle }
    if try rebuild() { return bundle }
    guard isRemoved || !bundle.parity.isEmpty else { throw failure }
    if isRemoved { try takeIn() }
    throw try incomplete()
  }

  // MARK: - Looking for damage

  /// Whether a volume that is here is the signed one. What is not, is skipped from now on.
  private mutating func isSound(_ volume: Volume, _ isRemoved: inout Bool) throws -> Bool {
    while case .whole(let files) = try search().find(volume) {
      // A medium that cannot be read is as bad as one with other bytes.
      var failure: String?
      do throws(BundleError) {
        if try VolumeCopy.digest(of: files, atMost: volume.size).digest == volume.sha256 { return true }
      } catch {
        failure = "it cannot be read: \(error)"
      }
      try drop(volume, files, failure, &isRemoved)
    }
    return false
  }

  /// Passes over a volume from now on.
  ///
  /// - Parameter failure: why it could not be read, if that is it.
  private mutating func drop(
    _ volume: Volume,
    _ files: [Place],
    _ failure: String?,
    _ isRemoved: inout Bool
  ) throws {
    let reason = failure ?? VolumeDamage.reason(ofBytesIn: files, parity: volume.parity != nil)
    damaged[volume.name] = reason
    for file in files where incoming.holds(file) {
      try file.remove()
      isRemoved = true
    }
    let isOnMedium = files.contains { !incoming.holds($0) }
    if isOnMedium { bundle.reader.places[0].avoiding.insert(volume.name) }
    reporter.warning(
      "damaged-volume",
      "\(isOnMedium ? bundle.reader.volumeFolder : incoming.folder): \(volume.name) is damaged: \(reason)"
    )
  }

  // MARK: - Rebuilding

  /// Rebuilds the volumes that are lacking, if there is parity for all of them.
  private mutating func rebuild() throws -> Bool {
    guard !bundle.parity.isEmpty, try isEnough() else { return false }
    reporter.report(.phase("verifying the volumes of \(bundle.reader.name), to rebuild what is missing"))
    var (sources, lost, isRemoved): ([Int], [Int], Bool) = ([], [], false)
    for (number, volume) in bundle.volumes.enumerated() {
      if try isSound(volume, &isRemoved) { sources.append(number) } else { lost.append(number) }
    }
    for (number, volume) in bundle.parity.enumerated() where sources.count < bundle.volumes.count {
      if try isSound(volume, &isRemoved) { sources.append(bundle.volumes.count + number) }
    }
    guard !lost.isEmpty, sources.count == bundle.volumes.count else { return false }
    try make(lost, from: sources)
    return true
  }

  private func isEnough() throws -> Bool { try needed() <= 0 }

  /// How many more volumes, of either kind, are needed.
  private func needed() throws -> Int {
    let search = try search()
    let there = (bundle.volumes + bundle.parity).count { volume in
      if case .whole = search.find(volume) { true } else { false }
    }
    return bundle.volumes.count - there
  }

  private func make(_ lost: [Int], from sources: [Int]) throws {
    let all = bundle.volumes + bundle.parity
    let volumes = lost.map { bundle.volumes[$0] }
    guard let code = ParityCode(data: bundle.volumes.count, parity: bundle.parity.count),
      let decoder = code.decoder(for: lost, from: sources)
    else { throw JobError(.damagedBundle, "\(bundle.reader.name): its parity volumes contradict each other") }
    try refuseWithoutRoom(for: volumes.totalBytes { $0.size })
    let search = try search()
    let inputs = sources.compactMap { number -> [Place]? in
      guard case .whole(let files) = search.find(all[number]) else { return nil }
      return files
    }
    guard inputs.count == sources.count else { throw JobError(.inputOutput, "\(bundle.reader.folder) has changed") }
    let names = Words.list(volumes.map(\.name))
    reporter.report(.phase("rebuilding \(names)"))
    try incoming.folder.makeFolder()
    let outputs = volumes.map { ParityFiles.Output(incoming.unfinished($0.name), size: $0.size) }
    for output in outputs { try output.place.remove() }
    let digests = try ParityFiles.make(outputs, of: inputs, by: decoder)
    for (number, volume) in volumes.enumerated() {
      guard digests[number] == volume.sha256 else {
        for output in outputs { try output.place.remove() }
        throw JobError(.damagedBundle, "\(bundle.reader.name): its parity volumes do not give \(volume.name)")
      }
      try outputs[number].place.rename(to: incoming.place(of: volume.name))
    }
    try incoming.folder.syncFolder()
    reporter.warning(
      "rebuilt",
      "\(bundle.reader.folder): \(names) \(volumes.count == 1 ? "was" : "were") missing or damaged, and \(volumes.count == 1 ? "was" : "were") rebuilt from parity volumes; if nothing was left out on purpose, the stick is failing"
    )
  }

  private func refuseWithoutRoom(for bytes: Int64) throws {
    let free = try FreeSpace(at: store).bytes
    guard bytes > free else { return }
    throw JobError(
      .noSpace,
      "\(incoming.folder): \(bytes) bytes are needed until the bundle is whole, and \(free) are free",
      remedy: "Make room, for example with 'kscmirror prune', and import again; or copy the whole bundle to one stick."
    )
  }
}

// MARK: - Taking in

extension Gathering {
  /// What of the medium is not here yet.
  private enum Piece {
    /// A whole volume, from one file or from all its pieces.
    case volume(Volume, [Place])
    case piece(Volume, Int, Place, Int64)

    var bytes: Int64 {
      switch self {
      case .volume(let volume, _): volume.size
      case .piece(_, _, _, let size): size
      }
    }
  }

  /// Keeps what the medium has of the bundle until the rest comes.
  private mutating func takeIn() throws {
    let pieces = try wanted()
    let total = pieces.totalBytes { $0.bytes }
    try refuseWithoutRoom(for: total)
    reporter.report(.phase("keeping what is here of \(bundle.reader.name)"))
    var done: Int64 = 0
    for piece in pieces {
      switch piece {
      case .volume(let volume, let files): try take(volume, files)
      case .piece(let volume, let number, let file, let size): try take(number, of: volume, file, size)
      }
      done += piece.bytes
      reporter.report(.progress(JobProgress(bytes: done, totalBytes: total)))
    }
    try incoming.keep(try incoming.hints(of: bundle))
    for volume in bundle.volumes + bundle.parity { try settle(volume) }
  }

  private func wanted() throws -> [Piece] {
    let medium = bundle.reader.places[0]
    let place = incoming.place
    let (here, there) = (try VolumeSearch([place]), try VolumeSearch([medium]))
    var wanted: [Piece] = []
    for volume in bundle.volumes + bundle.parity {
      if case .whole = here.find(volume) { continue }
      switch there.find(volume) {
      case .whole(let files): wanted.append(.volume(volume, files))
      case .partly:
        let known = here.pieces(of: volume)
        for (number, piece) in there.pieces(of: volume).sorted(by: { $0.key < $1.key })
        where known[number]?.size != piece.size {
          wanted.append(.piece(volume, number, piece.path, piece.size))
        }
      case .wrongSize, .missing: break
      }
    }
    return wanted
  }

  private mutating func take(_ volume: Volume, _ files: [Place]) throws {
    var isSound = false
    var failure: String?
    let place = incoming.place(of: volume.name)
    do {
      try incoming.make(place) { temporary in
        let digest = try VolumeCopy.copy(try JoinedInput(files), count: volume.size, to: temporary)
        isSound = digest == volume.sha256
      }
    } catch {
      // A bad spot of the medium costs one volume, not all of them.
      let cause = JobError(error)
      guard cause.status == .inputOutput else { throw error }
      failure = "it cannot be read: \(cause.message)"
    }
    guard isSound else {
      var isRemoved = false
      try place.remove()
      return try drop(volume, files, failure, &isRemoved)
    }
  }

  private func take(_ number: Int, of volume: Volume, _ file: Place, _ size: Int64) throws {
    try incoming.make(incoming.place(of: volume.name, piece: number)) { temporary in
      _ = try VolumeCopy.copy(try JoinedInput([file]), count: size, to: temporary)
    }
  }

  /// Sees whether the pieces of a volume make it up by now, and that they do not contradict each other.
  private mutating func settle(_ volume: Volume) throws {
    let (place, medium) = (incoming.place, bundle.reader.places[0])
    let (here, there) = (try VolumeSearch([place]), try VolumeSearch([medium]))
    switch here.find(volume) {
    case .whole(let files) where files.count > 1:
      let found = try VolumeCopy.digest(of: files, atMost: volume.size)
      guard found.digest != volume.sha256 else { return }
      var isRemoved = false
      try drop(volume, files, nil, &isRemoved)
    case .wrongSize:
      // They were cut in another way: those of today's medium count.
      let sound = there.pieces(of: volume)
      for (number, piece) in here.pieces(of: volume) where sound[number] == nil {
        try piece.path.remove()
      }
    default: break
    }
  }
}

// MARK: - Saying what is missing

extension Gathering {
  private static let named = 20

  /// What is missing of the bundle, and where it is said to lie; and what is there, but damaged.
  private func incomplete() throws -> JobError {
    let lacking = try lacking()
    let hints = try incoming.hints(of: bundle)
    var (absent, spoilt): ([String], [String]) = ([], [])
    for (volume, finding) in lacking {
      if let reason = reason(volume, finding) {
        spoilt.append("\(volume.name) (\(reason))")
      } else {
        absent.append("\(volume.name) is \(word(for: finding))\(hints.place(of: volume.name, besides: finding.pieces))")
      }
    }
    var parts: [String] = []
    let all = bundle.volumes.count
    if !absent.isEmpty {
      parts.append(
        "\(Words.count(absent.count)) of \(Words.count(all, "volume")) \(absent.count == 1 ? "is" : "are") not here: \(Self.list(absent))"
      )
    }
    if !spoilt.isEmpty {
      parts.append(
        "\(Words.count(spoilt.count)) of \(Words.count(all, "volume")) \(spoilt.count == 1 ? "is" : "are") damaged: \(Self.list(spoilt))"
      )
    }
    var message = "\(bundle.reader.folder): \(parts.joined(separator: "; "))"
    let needed = try needed()
    if !bundle.parity.isEmpty {
      message +=
        needed > 0
        ? "; \(needed) more are needed, of these or of parity, to rebuild the others"
        : "; there is enough parity to rebuild them; an import without --dry-run does so"
    }
    let isKept = try incoming.folder.status() != nil
    return JobError(
      absent.isEmpty ? .damagedBundle : .incompleteBundle,
      message,
      remedy: isKept
        ? "What is sound was kept in \(incoming.folder). Import the next stick, in any order, or copy again what is named here; nothing was published."
        : "Copy the whole bundle from the connected side again; nothing was changed here."
    )
  }

  private static func list(_ words: [String]) -> String {
    Words.list(words, atMost: named)
  }

  /// What is wrong with a volume that is here, but is not the signed one; `nil` for one that is missing, all or in part.
  private func reason(_ volume: Volume, _ finding: VolumeFinding) -> String? {
    if let reason = damaged[volume.name] { return reason }
    switch finding {
    case .whole, .missing, .partly: return nil
    case .wrongSize:
      return VolumeDamage.reason(volume, in: bundle.reader.places)
        ?? "its pieces do not make up the \(volume.size) bytes that it has"
    }
  }

  private func word(for finding: VolumeFinding) -> String {
    guard case .partly(let pieces) = finding else { return "missing" }
    let list = pieces.sorted().prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "only a part is there: of its pieces only \(list)\(pieces.count > 8 ? "…" : "")"
  }

  /// Tells what is missing, without keeping anything.
  func refuseIncomplete() throws { if try !lacking().isEmpty { throw try incomplete() } }
}

extension VolumeFinding {
  /// The pieces that are here.
  fileprivate var pieces: Set<Int> {
    if case .partly(let pieces) = self { pieces } else { [] }
  }
}

extension ImportJob {
  /// The bundle with all its volumes at hand, by name and size.
  func gathered(_ bundle: VerifiedBundle) throws -> VerifiedBundle {
    var gathering = try Gathering(bundle, store: folder, reporter: reporter)
    return try gathering.gather()
  }

  /// The bundle, whose volumes need not be there: all that it has is here already.
  func refusingStrangers(_ bundle: VerifiedBundle) throws -> VerifiedBundle {
    _ = try bundle.reader.states(of: bundle.volumes + bundle.parity)
    return bundle
  }

  /// Reads volumes, and once more when some were damaged and sound ones can be had in their place.
  func reading(
    _ bundle: VerifiedBundle,
    _ body: (VerifiedBundle) throws -> Void
  ) throws {
    do {
      try body(bundle)
    } catch {
      let isMendable = [.damagedBundle, .objectMismatch, .inputOutput, .incompleteBundle].contains(
        JobError(error).status
      )
      let hasMore = try Incoming(bundle, in: folder).folder.status() != nil
      guard isMendable, hasMore || !bundle.parity.isEmpty else { throw error }
      var gathering = try Gathering(bundle, store: folder, reporter: reporter)
      try body(try gathering.mend(after: error))
    }
  }
}
