import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import StrictJSON
import SystemPackage
import Trust

/// Which bodies of statistics have gone into which parcels of this site: `ksn/.sent.json` in the store.
///
/// The parcels that are kept tell by themselves what they hold. So a body counts as sent from the moment on that its
/// parcel is there, whatever happens to the run that made it; the file remembers it when the parcel is gone.
struct SentStatistics {
  /// A body in a parcel.
  struct Entry: Hashable {
    let name: String
    let digest: Digest256
    let parcel: ParcelHeader.Previous
  }

  /// A body, whatever parcel it is in.
  struct Body: Hashable {
    let name: String
    let digest: Digest256

    init(_ name: String, _ digest: Digest256) {
      self.name = name
      self.digest = digest
    }

    init(_ body: StatisticsBody) { self.init(body.name, body.digest) }
  }

  /// How many entries are remembered of bodies that are in the spool no more.
  private static let maximumEntries = 20_000

  private let file: StateFile
  private var entries: [Entry] = []
  private var parcels: [Body: [ParcelHeader.Previous]] = [:]

  /// Reads the file, and what the parcels hold that are kept.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when the file is damaged.
  init(_ outbox: ParcelOutbox) throws {
    file = StateFile(
      outbox.folders.ksn.appending(".sent.json"),
      kind: "kscmirror sent statistics",
      remedy: "Remove it: bodies whose parcels are not kept here any more leave once more then.",
      maximumSize: 16 << 20,
      isPrivate: true
    )
    for entry in try file.read({ $0.list("sent", Entry.init) }) ?? [] { add(entry) }
    let known = Set(entries.map(\.parcel))
    for kept in try outbox.files.kept() where kept.signed.header.carries.contains(.ksn) {
      guard !known.contains(kept.reference) else { continue }
      for document in try kept.files.contents(of: kept.signed).contents.files {
        guard let name = StatisticsPath.name(in: document) else { continue }
        add(Entry(name: name, digest: document.sha256, parcel: kept.reference))
      }
    }
  }

  private mutating func add(_ entry: Entry) {
    entries.append(entry)
    parcels[Body(entry.name, entry.digest), default: []].append(entry.parcel)
  }

  /// Whether a body is in a parcel.
  func contains(_ body: StatisticsBody) -> Bool { parcels[Body(body)] != nil }

  /// Whether a body is in a parcel that has arrived.
  func isConfirmed(_ body: StatisticsBody, _ arrived: Set<ParcelHeader.Previous>) -> Bool {
    parcels[Body(body)]?.contains(where: arrived.contains) ?? false
  }

  /// Keeps it.
  ///
  /// - Parameter spool: the bodies that are in the spool; they are never forgotten.
  func save(keeping spool: Set<Body>) throws {
    let firstKept = entries.count - Self.maximumEntries
    let kept = entries.enumerated().filter { place, entry in
      place >= firstKept || spool.contains(Body(entry.name, entry.digest))
    }
    try file.write(["sent": .array(kept.map { .object($0.element.object) })])
  }
}

extension SentStatistics.Entry {
  fileprivate var object: JSONObject {
    [
      "name": .string(name), "sha256": .string(digest.hex), "parcel": .integer(parcel.number),
      "parcelSHA256": .string(parcel.digest.hex),
    ]
  }

  fileprivate init?(_ value: JSONValue) {
    guard let object = value.object, let name = object["name"]?.string, StatisticsName.isSound(name),
      let digest = object["sha256"]?.string.flatMap({ Digest256(hex: $0) }),
      let number = object["parcel"]?.integer,
      let parcel = object["parcelSHA256"]?.string.flatMap({ Digest256(hex: $0) })
    else { return nil }
    self.init(name: name, digest: digest, parcel: ParcelHeader.Previous(number: number, digest: parcel))
  }
}

/// Where bodies of statistics lie in a parcel, and on the shelf of a site.
enum StatisticsPath {
  static let folder = "statistics"

  /// The path of a body below the folder of its kind.
  static func path(of name: String) -> String { "\(folder)/\(name)\(StatisticsName.suffix)" }

  /// The name of the body that a file in a parcel is; `nil` for any other.
  static func name(in file: ParcelFile) -> String? {
    name(ofPath: file.path.string, below: "\(ParcelKind.ksn.folder)/")
  }

  /// The name of the body that has a path below the folder of its kind; `nil` for any other path.
  static func name(ofPath path: String, below root: String = "") -> String? {
    let start = "\(root)\(folder)/"
    return path.removing(prefix: start).flatMap { StatisticsName.name(ofFile: $0) }
  }
}

extension ParcelOutbox {
  /// The parcels that are known to have arrived.
  func arrived() throws -> Set<ParcelHeader.Previous> {
    Set(try lane.arrivals().arrived.keys)
  }
}
