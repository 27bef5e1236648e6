import BundleFormat
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// The parcels of one site on the connected side: a folder each in `parcels/sites/NAME/`, sealed as they came, and
/// `taken.json` with what is remembered of them. Deliveries for this site lie in `parcels/in/NAME/` likewise.
package struct ParcelShelf {
  let direction: ParcelDirection
  let site: String
  private let folders: StoreFolders

  private static let kind = "kscmirror parcels"
  private static let maximumSize = 32 << 20
  static let partialMark = ".part"

  /// The folder.
  var folder: FilePath { Self.root(folders, direction).appending(site) }
  private var ledgerFile: FilePath { folder.appending("taken.json") }

  package init(_ folders: StoreFolders, _ direction: ParcelDirection = .fromSite, site: String) {
    self.folders = folders
    self.direction = direction
    self.site = site
  }

  private static func root(_ folders: StoreFolders, _ direction: ParcelDirection) -> FilePath {
    folders.parcels.appending(direction == .fromSite ? "sites" : "in")
  }

  /// Removes all deliveries that have come here: another root says nothing about them.
  package static func removeDeliveries(_ folders: StoreFolders) throws(FileError) {
    try Files.removeTree(root(folders, .toSite))
  }

  /// The sites that parcels have come of, or for, sorted.
  static func sites(_ folders: StoreFolders, _ direction: ParcelDirection) throws -> [String] {
    let root = root(folders, direction)
    guard try Files.status(root)?.kind == .folder else { return [] }
    return try Files.entries(of: root).map(\.name).filter(SiteName.isValid)
  }

  /// The files of the parcel in a folder.
  func files(in folder: FilePath) -> ParcelFiles { ParcelFiles(direction: direction, folder: folder) }

  /// The folder of a parcel.
  func folder(of number: Int64) -> FilePath { folder.appending(ParcelNames.text(of: number)) }

  /// The folder of a parcel while it is collected.
  func partial(of number: Int64) -> FilePath { folder.appending(ParcelNames.text(of: number) + Self.partialMark) }

  /// The numbers of the parcels that are here.
  private func numbers() throws -> Set<Int64> {
    guard try Files.status(folder)?.kind == .folder else { return [] }
    return Set(
      try Files.entries(of: folder).compactMap { entry in
        Int64(entry.name).flatMap { ParcelNames.text(of: $0) == entry.name ? $0 : nil }
      }
    )
  }

  // MARK: - Reading

  /// What is remembered, also of a parcel that came when a run was killed before it could take note of it; `nil` if
  /// nothing has come.
  package func load() throws -> ParcelLedger? {
    let here = try numbers()
    var known = try read()
    if known == nil { known = try fresh(here) }
    guard var ledger = known else { return nil }
    for number in here.sorted() where ledger.entry(number) == nil && number > ledger.settled {
      let signed = try files(in: folder(of: number)).header()
      // The connected side may sign with a new key.
      guard direction == .toSite || signed.signer == ledger.fingerprint else { continue }
      ledger.note(signed, received: WallClock.seconds)
    }
    for entry in ledger.entries where !here.contains(entry.number) { ledger.change(entry.number) { $0.isKept = false } }
    return ledger
  }

  private func fresh(_ here: Set<Int64>) throws -> ParcelLedger? {
    guard let first = here.min() else { return nil }
    return ParcelLedger(site: site, fingerprint: try files(in: folder(of: first)).header().signer)
  }

  private func read() throws -> ParcelLedger? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(ledgerFile, atMost: Self.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error
    }
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == Self.kind,
      object["format"]?.integer == 1, object["site"]?.string == site,
      let fingerprint = object["fingerprint"]?.string.flatMap(Fingerprint.init),
      let settled = object["settled"]?.integer, let missing = object["missing"]?.array,
      let taken = object["taken"]?.array
    else { throw damaged }
    let ranges = NumberRanges(missing.compactMap { ParcelNumbers($0, atMost: ParcelHeader.maximumNumber)?.range })
    let entries = taken.compactMap(ParcelLedger.Entry.init)
    guard let ranges, ranges.ranges.count == missing.count, entries.count == taken.count else { throw damaged }
    return ParcelLedger(site: site, fingerprint: fingerprint, settled: settled, missing: ranges, entries: entries)
  }

  private var damaged: JobError {
    JobError(
      .badStore,
      "\(ledgerFile): what is known of the \(direction.plural) of site '\(site)' is damaged",
      remedy:
        "Put it back from a backup, or remove it: \(direction.plural) collected before could then be collected again."
    )
  }

  // MARK: - Writing

  /// Keeps what is remembered. The caller holds the lock of the notes.
  func save(_ ledger: ParcelLedger) throws {
    let object: JSONObject = [
      "kind": .string(Self.kind), "format": 1, "site": .string(site),
      "fingerprint": .string(ledger.fingerprint.digest.hex), "settled": .integer(ledger.settled),
      "missing": .array(
        ledger.missing.ranges.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }
      ),
      "taken": .array(ledger.entries.map { .object($0.object) }),
    ]
    try Files.makeFolder(folder, permissions: 0o700)
    try Files.replace(
      ledgerFile,
      with: JSONValue.object(object).serialized + [UInt8(ascii: "\n")],
      permissions: 0o600
    )
  }

  /// Changes what is remembered, while nobody else does.
  func change(_ body: (inout ParcelLedger) throws -> Void) throws {
    try StoreLock.parcelsNotes.holding(folders) {
      guard var ledger = try load() else { return }
      try body(&ledger)
      try save(ledger)
    }
  }

  /// Removes a parcel, whose folder vanishes at once.
  func remove(_ number: Int64) throws {
    try Files.rename(folder(of: number), to: partial(of: number))
    try Files.removeTree(partial(of: number))
  }

  /// Removes what runs have left that were killed. The caller holds the lock of the intake.
  func removeLeftovers() throws {
    guard try Files.status(folder)?.kind == .folder else { return }
    for entry in try Files.entries(of: folder) where entry.name.hasSuffix(Self.partialMark) {
      try Files.removeTree(folder.appending(entry.name))
    }
  }

  /// Forgets all parcels of the site.
  package func remove() throws {
    try StoreLock.parcelsNotes.holding(folders) {
      try Files.removeTree(folder)
    }
  }
}

extension ParcelLedger.Entry {
  fileprivate var object: JSONObject {
    [
      "number": .integer(number), "sha256": .string(reference.digest.hex), "made": .string(MetadataTime.text(made)),
      "received": .string(MetadataTime.text(received)), "bytes": .integer(bytes),
      "carries": .array(carries.map { .string($0.rawValue) }),
      "consumed": .array(consumed.map { .string($0.rawValue) }),
    ]
  }

  /// Reads what was written; `nil` for anything else.
  fileprivate init?(_ value: JSONValue) {
    guard let object = value.object, let reference = ParcelHeader.Previous(value),
      let made = object["made"]?.string.flatMap(MetadataTime.seconds),
      let received = object["received"]?.string.flatMap(MetadataTime.seconds), let bytes = object["bytes"]?.integer,
      let carries = object["carries"]?.array, let consumed = object["consumed"]?.array
    else { return nil }
    self.init(
      reference: reference,
      made: made,
      received: received,
      bytes: bytes,
      carries: carries.compactMap { $0.string.flatMap(ParcelKind.init) },
      consumed: consumed.compactMap { $0.string.flatMap(ParcelKind.init) }
    )
  }
}
