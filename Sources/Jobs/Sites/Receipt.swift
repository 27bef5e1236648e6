import BundleFormat
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import Trust

/// What a site says of itself: which snapshots it holds, so that the connected side knows what it lacks.
package struct Receipt: Sendable, Hashable {
  /// A snapshot whose files are all there.
  package struct Held: Sendable, Hashable, Encodable {
    /// Its number.
    package var snapshot: Int
    /// The digest of its tree.
    package var tree: ObjectDigest

    package init(snapshot: Int, tree: ObjectDigest) {
      self.snapshot = snapshot
      self.tree = tree
    }
  }

  /// The snapshot that is published there.
  package struct Current: Sendable, Hashable, Encodable {
    /// Its number.
    package var snapshot: Int
    /// The digest of its tree.
    package var tree: ObjectDigest
    /// When it was sealed on the connected side.
    package var created: UTCTime

    package init(snapshot: Int, tree: ObjectDigest, created: UTCTime) {
      self.snapshot = snapshot
      self.tree = tree
      self.created = created
    }
  }

  /// The site's name.
  package var site: String
  /// The receipt's number: each that a store writes has one more than the one before.
  package var number: Int64
  /// When it was written, by the site's clock.
  package var time: UTCTime
  /// What is published there; `nil` before the first import.
  package var current: Current?
  /// The snapshots whose files are all there, newest first: ``maximumHeld`` of them, and the current one.
  package var held: [Held]
  /// The version of the metadata that was imported last; `nil` before the first import.
  package var metadataVersion: Int?
  /// The fingerprint of the root that is trusted there.
  package var root: Fingerprint
  /// What is free on the file system of the store there, in bytes.
  package var freeBytes: Int64
  /// The newest format of bundles that can be read there.
  package var bundleFormat: Int64
  /// The program that wrote it.
  package var program: String
  /// The key that deliveries for the site are sealed to; `nil` in receipts of programs that take none.
  package var sealingKey: SealingPublicKey?
  /// Which deliveries have come; `nil` before the first.
  package var deliveries: ParcelAnswer?
  /// What the site's Administration Server manages; `nil` where none was asked.
  package var demand: ReportedDemand? = nil
  /// The date of the databases that are published there: of their newest primary index; `nil` in
  /// receipts of programs that do not tell, and where it is not known.
  package var indexDate: UTCTime?
  /// When what was imported last expires; `nil` in receipts of programs that do not tell.
  package var expires: UTCTime?

  package init(
    site: String,
    number: Int64,
    time: UTCTime,
    current: Current? = nil,
    held: [Held],
    metadataVersion: Int? = nil,
    root: Fingerprint,
    freeBytes: Int64,
    bundleFormat: Int64,
    program: String,
    sealingKey: SealingPublicKey? = nil,
    deliveries: ParcelAnswer? = nil,
    demand: ReportedDemand? = nil,
    indexDate: UTCTime? = nil,
    expires: UTCTime? = nil
  ) {
    self.indexDate = indexDate
    self.expires = expires
    self.site = site
    self.number = number
    self.time = time
    self.current = current
    self.held = held
    self.metadataVersion = metadataVersion
    self.root = root
    self.freeBytes = freeBytes
    self.bundleFormat = bundleFormat
    self.program = program
    self.sealingKey = sealingKey
    self.deliveries = deliveries
    self.demand = demand
  }

  /// How many of the newest snapshots a receipt lists.
  package static let maximumHeld = 50
  /// The version of the format that this program writes, and the newest that it reads.
  static let formatVersion: Int64 = 1
  /// What the statement says that it is.
  static let kind = "kscmirror receipt"
  /// The most bytes that a receipt may have.
  package static let maximumSize = 256 << 10
}

// MARK: - As JSON

extension Receipt {
  /// The fields that are signed.
  var object: JSONObject {
    var object: JSONObject = [
      "format": .integer(Self.formatVersion), "site": .string(site), "number": .integer(number),
      "time": .string(time.text),
      "held": .array(held.map { .object(["snapshot": .integer(Int64($0.snapshot)), "tree": .string($0.tree.hex)]) }),
      "root": .string(root.digest.hex), "free-bytes": .integer(freeBytes), "bundle-format": .integer(bundleFormat),
      "program": .string(program),
    ]
    if let current {
      object["current"] = .object([
        "snapshot": .integer(Int64(current.snapshot)), "tree": .string(current.tree.hex),
        "created": .string(current.created.text),
      ])
    }
    // Readers that do not know these skip them.
    if let sealingKey { object["sealing-key"] = .object(sealingKey.object) }
    if let deliveries { object["deliveries"] = .object(deliveries.object) }
    if let demand { object["demand"] = .object(demand.object) }
    if let indexDate { object["index-date"] = .string(indexDate.text) }
    if let expires { object["expires"] = .string(expires.text) }
    if let metadataVersion { object["metadata-version"] = .integer(Int64(metadataVersion)) }
    return object
  }

  /// Reads the fields.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``.
  init(_ object: JSONObject, at place: String) throws {
    let fields = ReceiptFields(object: object, place: place)
    let format = try fields.integer("format", 1...Int64.max)
    guard format <= Self.formatVersion else {
      throw JobError(
        .badReceipt,
        "\(place): a receipt format \(format) needs a newer kscmirror",
        remedy: "Update kscmirror on this side."
      )
    }
    site = try fields.siteName("site")
    number = try fields.integer("number", 1...(1 << 48))
    time = try fields.time("time")
    root = try fields.fingerprint("root")
    freeBytes = try fields.integer("free-bytes", 0...Int64.max)
    bundleFormat = try fields.integer("bundle-format", 1...(1 << 16))
    program = try fields.text("program", atMost: 100)
    metadataVersion =
      object["metadata-version"] == nil ? nil : Int(try fields.integer("metadata-version", 1...Int64(Int32.max)))
    indexDate = try object["index-date"].map { _ in try fields.time("index-date") }
    expires = try object["expires"].map { _ in try fields.time("expires") }
    sealingKey = try fields.sealingKey("sealing-key")
    deliveries = try fields.answer("deliveries")
    current = try fields.object("current").map { inner in try Current(inner) }
    demand = try fields.object("demand").map { inner in try ReportedDemand(inner) }
    held = []
    var numbers = Set<Int>()
    for inner in try fields.objects("held", atMost: Self.maximumHeld + 1) {
      let snapshot = try Held(inner)
      guard numbers.insert(snapshot.snapshot).inserted else { throw fields.malformed("held") }
      held.append(snapshot)
    }
  }
}

extension Receipt.Held {
  fileprivate init(_ fields: ReceiptFields) throws {
    snapshot = try fields.snapshot()
    tree = try fields.digest("tree")
  }
}

extension Receipt.Current {
  fileprivate init(_ fields: ReceiptFields) throws {
    snapshot = try fields.snapshot()
    tree = try fields.digest("tree")
    created = try fields.time("created")
  }
}
