import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// What is kept of parcels that were made here: a folder each in `parcels/out/`, or in `parcels/to/SITE/` of those for a
/// site, and `state.json` with the last number and when each was written to a medium.
package struct OutboxFiles {
  private let root: FilePath
  private let direction: ParcelDirection

  private static let kind = "kscmirror outbox"
  private static let maximumSize = 4 << 20
  private static let partialMark = ".part"

  private var stateFile: FilePath { root.appending("state.json") }

  package init(_ folders: StoreFolders, _ direction: ParcelDirection, site: String) {
    self.direction = direction
    root = direction == .fromSite ? folders.parcels.appending("out") : folders.parcels.appending("to").appending(site)
  }

  /// The files of the parcel in a folder.
  private func files(in folder: FilePath) -> ParcelFiles { ParcelFiles(direction: direction, folder: folder) }

  /// A parcel that is kept.
  package struct Kept {
    package let files: ParcelFiles
    package let signed: SignedParcelHeader

    package var reference: ParcelHeader.Previous { .init(number: signed.header.number, digest: signed.digest) }
  }

  /// The folder of a parcel.
  func folder(of number: Int64) -> FilePath { root.appending(ParcelNames.text(of: number)) }

  /// The folder of a parcel while it is made.
  func partial(of number: Int64) -> FilePath { root.appending(ParcelNames.text(of: number) + Self.partialMark) }

  /// The numbers of the parcels that are kept, ascending.
  func numbers() throws -> [Int64] {
    guard try Files.status(root)?.kind == .folder else { return [] }
    return try Files.entries(of: root).compactMap { entry in
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
    let files = files(in: folder(of: number))
    guard try Files.status(files.folder) != nil else {
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
    try Files.makeFolder(root, permissions: 0o700)
    for entry in try Files.entries(of: root) where entry.name.hasSuffix(Self.partialMark) {
      try Files.removeTree(root.appending(entry.name))
    }
  }

  /// Removes all that is kept, and with it the numbers.
  package func removeAll() throws { try Files.removeTree(root) }

  /// Removes a parcel, whose folder vanishes at once.
  func remove(_ number: Int64) throws {
    try Files.rename(folder(of: number), to: partial(of: number))
    try Files.removeTree(partial(of: number))
  }

  // MARK: - The state

  /// The last number that was given to a parcel; 0 before the first.
  func lastNumber() throws -> Int64 { try state().last }

  /// When each of the parcels that are kept was written to a medium last, in seconds since 1970.
  func notes() throws -> [Int64: Int64] { try state().written }

  /// Keeps the number of a parcel that is about to be made.
  func noteNumber(_ number: Int64) throws {
    var state = try state()
    state.last = number
    try save(state)
  }

  /// Notes that a parcel was written to a medium.
  func noteWritten(_ number: Int64) throws {
    var state = try state()
    state.written[number] = WallClock.seconds
    let there = Set(try numbers())
    state.written = state.written.filter { there.contains($0.key) }
    try save(state)
  }

  private struct State {
    var last: Int64 = 0
    var written: [Int64: Int64] = [:]
  }

  private func state() throws -> State {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(stateFile, atMost: Self.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return State() }
      throw error
    }
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == Self.kind,
      object["format"]?.integer == 1, let last = object["last"]?.integer, last >= 0,
      let written = object["written"]?.array
    else { throw damaged }
    var state = State(last: last)
    for entry in written {
      guard let number = entry.object?["number"]?.integer,
        let time = entry.object?["time"]?.string.flatMap(MetadataTime.seconds)
      else { throw damaged }
      state.written[number] = time
    }
    return state
  }

  private var damaged: JobError {
    JobError(
      .badStore,
      "\(stateFile) is damaged",
      remedy: "Remove it; numbering continues after the highest number known."
    )
  }

  private func save(_ state: State) throws {
    let object: JSONObject = [
      "kind": .string(Self.kind), "format": 1, "last": .integer(state.last),
      "written": .array(
        state.written.sorted { $0.key < $1.key }.map {
          .object(["number": .integer($0.key), "time": .string(MetadataTime.text($0.value))])
        }
      ),
    ]
    try Files.makeFolder(root, permissions: 0o700)
    try Files.replace(
      stateFile,
      with: JSONValue.object(object).serialized + [UInt8(ascii: "\n")],
      permissions: 0o600
    )
  }
}
