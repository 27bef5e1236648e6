import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StrictJSON
import SystemPackage
import Trust

/// What is kept of parcels that were made here: a folder each in `parcels/out/`, or in `parcels/to/SITE/` of those for a
/// site, and `state.json` with the last number and when each was written to a medium.
package struct OutboxFiles {
  private let folders: StoreFolders
  private let clock: WallClock
  private let site: String
  private let direction: ParcelDirection

  private static let partialMark = ".part"

  /// The folder.
  private func root() throws -> Place {
    let parcels = try folders.place(of: folders.parcels)
    return direction == .fromSite ? parcels.appending("out") : parcels.appending("to").appending(site)
  }

  private func stateFile() throws -> StateFile {
    StateFile(
      try root().appending("state.json").shown,
      kind: "kscmirror outbox",
      remedy: "Remove it; numbering continues after the highest number known.",
      maximumSize: 4 << 20,
      isPrivate: true
    )
  }

  package init(_ context: JobContext, _ direction: ParcelDirection, site: String) {
    self.direction = direction
    folders = context.folders
    clock = context.clock
    self.site = site
  }

  /// The files of the parcel in a folder.
  private func files(in folder: Place) -> ParcelFiles { ParcelFiles(direction: direction, folder: folder) }

  /// A parcel that is kept.
  package struct Kept {
    package let files: ParcelFiles
    package let signed: SignedParcelHeader

    package var reference: ParcelHeader.Previous { .init(number: signed.header.number, digest: signed.digest) }
  }

  /// The folder of a parcel.
  func folder(of number: Int64) throws -> Place { try root().appending(ParcelNames.text(of: number)) }

  /// The folder of a parcel while it is made.
  func partial(of number: Int64) throws -> Place {
    try root().appending(ParcelNames.text(of: number) + Self.partialMark)
  }

  /// The numbers of the parcels that are kept, ascending.
  func numbers() throws -> [Int64] {
    let root = try root()
    guard try root.status()?.kind == .folder else { return [] }
    return try root.entries().compactMap { entry in
      Int64(entry.name).flatMap { ParcelNames.text(of: $0) == entry.name ? $0 : nil }
    }.sorted()
  }

  /// The parcels that are kept, by number.
  package func kept() throws -> [Kept] {
    var kept: [Kept] = []
    for number in try numbers() { kept.append(try self.kept(number)) }
    return kept
  }

  /// The parcel with the greatest number; `nil` if none is kept.
  func newest() throws -> Kept? { try numbers().last.map { number in try kept(number) } }

  /// A parcel that is kept.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when there is none of that number.
  package func kept(_ number: Int64) throws -> Kept {
    let files = try files(in: folder(of: number))
    guard try files.folder.status() != nil else {
      throw JobError(
        .notThere,
        "no \(direction.noun) \(number) is kept here",
        remedy: "See 'kscmirror parcel list'."
      )
    }
    return Kept(files: files, signed: try files.header())
  }

  /// Removes what runs have left that were killed. The caller holds the lock.
  func removeLeftovers() throws {
    let root = try root()
    try root.makeFolder(permissions: 0o700)
    for entry in try root.entries() where entry.name.hasSuffix(Self.partialMark) {
      try root.appending(entry).removeTree()
    }
  }

  /// Removes all that is kept, and with it the numbers.
  package func removeAll() throws { try root().removeTree() }

  /// Removes a parcel, whose folder vanishes at once.
  func remove(_ number: Int64) throws {
    try folder(of: number).rename(to: partial(of: number))
    try partial(of: number).removeTree()
  }

  // MARK: - The state

  /// The last number that was given to a parcel; 0 before the first.
  func lastNumber() throws -> Int64 { try state().last }

  /// When each of the parcels that are kept was written to a medium last.
  func notes() throws -> [Int64: UTCTime] { try state().written }

  /// Keeps the number of a parcel that is about to be made.
  func noteNumber(_ number: Int64) throws {
    var state = try state()
    state.last = number
    try save(state)
  }

  /// Leaves so many numbers out that none is given twice: the store was put back from a backup, and numbers were given since.
  package func leap() throws {
    let last = max(try lastNumber(), try newest()?.signed.header.number ?? 0)
    guard last > 0 else { return }
    try noteNumber(max(last, min(last + Self.leap, ParcelHeader.maximumNumber - Self.leap)))
  }

  private static let leap: Int64 = 1000

  /// Notes that a parcel was written to a medium.
  func noteWritten(_ number: Int64) throws {
    var state = try state()
    state.written[number] = clock.now
    let there = Set(try numbers())
    state.written = state.written.filter { there.contains($0.key) }
    try save(state)
  }

  private struct State {
    var last: Int64 = 0
    var written: [Int64: UTCTime] = [:]
  }

  private func state() throws -> State {
    try stateFile().read { object in
      guard let last = object["last"]?.integer, last >= 0,
        let written = object.list(
          "written",
          { value -> (Int64, UTCTime)? in
            guard let number = value["number"]?.integer, let time = value["time"]?.string.flatMap(UTCTime.init(_:))
            else { return nil }
            return (number, time)
          }
        )
      else { return nil }
      return State(last: last, written: Dictionary(written) { _, newer in newer })
    } ?? State()
  }

  private func save(_ state: State) throws {
    try stateFile().write([
      "last": .integer(state.last),
      "written": .array(
        state.written.sorted { $0.key < $1.key }.map {
          .object(["number": .integer($0.key), "time": .string($0.value.text)])
        }
      ),
    ])
  }
}
