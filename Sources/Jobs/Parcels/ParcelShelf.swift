import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import SystemPackage
import Trust

/// The parcels of one site on the connected side: a folder each in `parcels/sites/NAME/`, sealed as they came, and
/// `taken.json` with what is remembered of them. Deliveries for this site lie in `parcels/in/NAME/` likewise.
package struct ParcelShelf: InContext {
  package let context: JobContext
  let direction: ParcelDirection
  let site: String

  static let partialMark = ".part"

  /// The folder.
  func folder() throws -> Place { try Self.root(folders, direction).appending(site) }

  private func ledgerFile() throws -> StateFile {
    StateFile(
      try folder().appending("taken.json").shown,
      kind: "kscmirror parcels",
      what: "what is known of the \(direction.plural) of site '\(site)'",
      remedy:
        "Put it back from a backup, or remove it: \(direction.plural) that came before could then be taken in again.",
      maximumSize: 32 << 20,
      isPrivate: true
    )
  }

  package init(_ context: JobContext, _ direction: ParcelDirection = .fromSite, site: String) {
    self.context = context
    self.direction = direction
    self.site = site
  }

  private static func root(_ folders: StoreFolders, _ direction: ParcelDirection) throws(FileError) -> Place {
    try folders.place(of: folders.parcels).appending(direction == .fromSite ? "sites" : "in")
  }

  /// Removes all deliveries that have come here: another root says nothing about them.
  package static func removeDeliveries(_ folders: StoreFolders) throws(FileError) {
    try root(folders, .toSite).removeTree()
  }

  /// The sites that parcels have come of, or for, sorted.
  static func sites(_ folders: StoreFolders, _ direction: ParcelDirection) throws -> [String] {
    let root = try root(folders, direction)
    guard try root.status()?.kind == .folder else { return [] }
    return try root.entries().map(\.name).filter(SiteName.isValid)
  }

  /// The files of the parcel in a folder.
  func files(in folder: Place) -> ParcelFiles { ParcelFiles(direction: direction, folder: folder) }

  /// The folder of a parcel.
  func folder(of number: Int64) throws -> Place { try folder().appending(ParcelNames.text(of: number)) }

  /// The folder of a parcel while it is taken in.
  func partial(of number: Int64) throws -> Place {
    try folder().appending(ParcelNames.text(of: number) + Self.partialMark)
  }

  /// The numbers of the parcels that are here.
  private func numbers() throws -> Set<Int64> {
    let folder = try folder()
    guard try folder.status()?.kind == .folder else { return [] }
    return Set(
      try folder.entries().compactMap { entry in
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
      ledger.note(signed, received: clock.now)
    }
    for entry in ledger.entries where !here.contains(entry.number) { ledger.change(entry.number) { $0.isKept = false } }
    return ledger
  }

  private func fresh(_ here: Set<Int64>) throws -> ParcelLedger? {
    guard let first = here.min() else { return nil }
    return ParcelLedger(site: site, fingerprint: try files(in: folder(of: first)).header().signer)
  }

  private func read() throws -> ParcelLedger? {
    try ledgerFile().read { object in
      guard object["site"]?.string == site, let fingerprint = object["fingerprint"]?.string.flatMap(Fingerprint.init),
        let settled = object["settled"]?.integer,
        let missing = object.list("missing", { ParcelNumbers($0, atMost: ParcelHeader.maximumNumber)?.range }),
        let ranges = NumberRanges(missing), let entries = object.list("taken", ParcelLedger.Entry.init)
      else { return nil }
      return ParcelLedger(site: site, fingerprint: fingerprint, settled: settled, missing: ranges, entries: entries)
    }
  }

  // MARK: - Writing

  /// Keeps what is remembered. The caller holds the lock of the notes.
  func save(_ ledger: ParcelLedger) throws {
    try ledgerFile().write([
      "site": .string(site),
      "fingerprint": .string(ledger.fingerprint.digest.hex), "settled": .integer(ledger.settled),
      "missing": .array(
        ledger.missing.ranges.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }
      ),
      "taken": .array(ledger.entries.map { .object($0.object) }),
    ])
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
    try folder(of: number).rename(to: partial(of: number))
    try partial(of: number).removeTree()
  }

  /// Removes what runs have left that were killed. The caller holds the lock of the intake.
  func removeLeftovers() throws {
    let folder = try folder()
    guard try folder.status()?.kind == .folder else { return }
    for entry in try folder.entries() where entry.name.hasSuffix(Self.partialMark) {
      try folder.appending(entry).removeTree()
    }
  }

  /// Gives the site another name. What is remembered stays, so that numbers go on; the parcels, which were used, go.
  package func rename(to name: String) throws {
    try StoreLock.parcelsNotes.holding(folders) {
      guard let ledger = try load() else { return }
      let renamed = ParcelShelf(context, direction, site: name)
      try renamed.folder().makeFolder(permissions: 0o700)
      try renamed.save(ledger)
      try folder().removeTree()
    }
  }

  /// Forgets all parcels of the site.
  package func remove() throws {
    try StoreLock.parcelsNotes.holding(folders) {
      try folder().removeTree()
    }
  }
}

extension ParcelLedger.Entry {
  fileprivate var object: JSONObject {
    var object: JSONObject = [
      "number": .integer(number), "sha256": .string(reference.digest.hex), "made": .string(made.text),
      "received": .string(received.text), "bytes": .integer(bytes),
      "carries": .array(carries.map { .string($0.rawValue) }),
      "consumed": .array(consumed.map { .string($0.rawValue) }),
    ]
    if refusals > 0 { object["refusals"] = .integer(Int64(refusals)) }
    return object
  }

  /// Reads what was written; `nil` for anything else.
  fileprivate init?(_ value: JSONValue) {
    guard let object = value.object, let reference = ParcelHeader.Previous(value),
      let made = object["made"]?.string.flatMap(UTCTime.init(_:)),
      let received = object["received"]?.string.flatMap(UTCTime.init(_:)), let bytes = object["bytes"]?.integer,
      let carries = object["carries"]?.array, let consumed = object["consumed"]?.array
    else { return nil }
    self.init(
      reference: reference,
      made: made,
      received: received,
      bytes: bytes,
      carries: carries.compactMap { $0.string.flatMap(ParcelKind.init) },
      consumed: consumed.compactMap { $0.string.flatMap(ParcelKind.init) },
      refusals: Int(clamping: max(0, object["refusals"]?.integer ?? 0))
    )
  }
}
