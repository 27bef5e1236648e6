import FileSystem
import JobCore
import MirrorTypes
import StrictJSON
import SystemPackage
import Trust

/// What is kept of a site in a folder of its own: `site.json`, `packed.json`, and its newest receipts as `NUMBER.json`.
package struct SiteFiles {
  /// The folder.
  let folder: FilePath
  /// The site's name.
  let name: String

  /// How many receipts are kept.
  static let keptReceipts = 10
  private static let maximumSize = 64 << 10
  private static let kind = "kscmirror site"

  var siteFile: FilePath { folder.appending("site.json") }
  private var packedFile: FilePath { folder.appending("packed.json") }
  private func receiptFile(_ number: Int64) -> FilePath { folder.appending("\(number).json") }

  /// Whether something is kept of the site.
  func isThere() throws -> Bool { try Files.status(siteFile) != nil }

  // MARK: - Reading

  /// Reads what is kept; `nil` if the site is not known.
  func load() throws -> KnownSite? {
    guard let object = try read(siteFile) else { return nil }
    guard object["kind"]?.string == Self.kind, object["format"]?.integer == 1, object["name"]?.string == name,
      let fingerprint = object["fingerprint"]?.string.flatMap(Fingerprint.init),
      let since = object["since"]?.string.flatMap(MetadataTime.seconds), let highest = object["highest"]?.integer,
      let listed = object["receipts"]?.array
    else { throw damaged(siteFile) }
    var receipts: [KnownSite.TakenReceipt] = []
    for entry in listed {
      guard let number = entry.object?["number"]?.integer,
        let received = entry.object?["received"]?.string.flatMap(MetadataTime.seconds)
      else { throw damaged(siteFile) }
      let signed = try receipt(number)
      guard signed.fingerprint == fingerprint, signed.receipt.site == name else { throw damaged(receiptFile(number)) }
      receipts.append(.init(signed: signed, received: received))
    }
    return KnownSite(
      name: name,
      fingerprint: fingerprint,
      since: since,
      highest: highest,
      receipts: receipts,
      packed: try loadPacked()
    )
  }

  private func receipt(_ number: Int64) throws -> SignedReceipt {
    do {
      return try SignedReceipt(reading: receiptFile(number))
    } catch {
      let failure = JobError(error)
      guard failure.status == .badReceipt || failure.status == .notThere else { throw error }
      throw damaged(receiptFile(number))
    }
  }

  private func loadPacked() throws -> PackedForSite? {
    guard let object = try read(packedFile) else { return nil }
    guard let snapshot = object["snapshot"]?.integer, let bundle = object["bundle"]?.string,
      let tree = object["tree"]?.string.flatMap({ ObjectDigest(hex: $0) }), let bytes = object["bytes"]?.integer,
      let time = object["time"]?.string.flatMap(MetadataTime.seconds)
    else { throw damaged(packedFile) }
    return PackedForSite(
      snapshot: Int(clamping: snapshot),
      tree: tree,
      base: object["base"]?.integer.map { Int(clamping: $0) },
      bundle: bundle,
      bytes: bytes,
      time: time
    )
  }

  private func read(_ path: FilePath) throws -> JSONObject? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path, atMost: Self.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error
    }
    guard let object = (try? JSONValue(parsing: bytes))?.object else { throw damaged(path) }
    return object
  }

  private func damaged(_ path: FilePath) -> JobError {
    JobError(
      .badStore,
      "\(path): what is known of site '\(name)' is damaged",
      remedy:
        "Run 'kscmirror site forget \(name)', then collect a receipt of it again, with --fingerprint."
    )
  }

  // MARK: - Writing

  /// Keeps a site with its receipts, of which the last is a new one.
  package func save(_ site: KnownSite) throws {
    let kept = site.receipts.suffix(Self.keptReceipts)
    let object: JSONObject = [
      "kind": .string(Self.kind), "format": 1, "name": .string(name),
      "fingerprint": .string(site.fingerprint.digest.hex), "since": .string(MetadataTime.text(site.since)),
      "highest": .integer(site.highest),
      "receipts": .array(
        kept.map {
          .object([
            "number": .integer($0.signed.receipt.number), "received": .string(MetadataTime.text($0.received)),
          ])
        }
      ),
    ]
    try Files.makeFolder(folder)
    if let last = kept.last {
      try Files.replace(receiptFile(last.signed.receipt.number), with: last.signed.serialized)
    }
    try write(object, to: siteFile)
    try removeReceipts(besides: Set(kept.map { "\($0.signed.receipt.number).json" }))
  }

  /// Keeps what was packed for the site.
  func save(_ packed: PackedForSite) throws {
    var object: JSONObject = [
      "snapshot": .integer(Int64(packed.snapshot)), "tree": .string(packed.tree.hex),
      "bundle": .string(packed.bundle), "bytes": .integer(packed.bytes),
      "time": .string(MetadataTime.text(packed.time)),
    ]
    if let base = packed.base { object["base"] = .integer(Int64(base)) }
    try write(object, to: packedFile)
  }

  private func write(_ object: JSONObject, to path: FilePath) throws(FileError) {
    try Files.replace(path, with: JSONValue.object(object).serialized + [UInt8(ascii: "\n")])
  }

  private func removeReceipts(besides kept: Set<String>) throws(FileError) {
    for entry in try Files.entries(of: folder) where entry.name.first?.isNumber == true && !kept.contains(entry.name) {
      try Files.remove(folder.appending(entry.name))
    }
  }

  /// Forgets the site: what makes it known goes first.
  package func remove() throws {
    try Files.remove(siteFile)
    try Files.removeTree(folder)
  }
}
