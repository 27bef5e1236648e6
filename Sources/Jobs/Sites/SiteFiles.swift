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

  var siteFile: StateFile { file("site.json", kind: "kscmirror site") }
  private var packedFile: StateFile { file("packed.json", kind: "kscmirror packed bundle", wasUnmarked: true) }
  private func receiptFile(_ number: Int64) -> FilePath { folder.appending("\(number).json") }

  /// Whether something is kept of the site.
  func isThere() throws -> Bool { try siteFile.exists() }

  private func file(_ name: String, kind: String, wasUnmarked: Bool = false) -> StateFile {
    StateFile(
      folder.appending(name),
      kind: kind,
      what: "what is known of site '\(self.name)'",
      remedy: "Run 'kscmirror site forget \(self.name)', then collect a receipt of it again, with --fingerprint.",
      maximumSize: 64 << 10,
      wasUnmarked: wasUnmarked
    )
  }

  // MARK: - Reading

  /// Reads what is kept; `nil` if the site is not known.
  func load() throws -> KnownSite? {
    guard let object = try siteFile.read() else { return nil }
    guard object["name"]?.string == name, let fingerprint = object["fingerprint"]?.string.flatMap(Fingerprint.init),
      let since = object["since"]?.string.flatMap(UTCTime.init(_:)), let highest = object["highest"]?.integer,
      let listed = object["receipts"]?.array,
      let former = (object["former"]?.array ?? []).map(\.string) as? [String]
    else { throw siteFile.damaged }
    var receipts: [KnownSite.TakenReceipt] = []
    for entry in listed {
      guard let number = entry["number"]?.integer,
        let received = entry["received"]?.string.flatMap(UTCTime.init(_:))
      else { throw siteFile.damaged }
      let signed = try receipt(number)
      guard signed.fingerprint == fingerprint, ([name] + former).contains(signed.receipt.site) else {
        throw damaged(receipt: number)
      }
      receipts.append(.init(signed: signed, received: received))
    }
    return KnownSite(
      name: name,
      fingerprint: fingerprint,
      since: since,
      highest: highest,
      receipts: receipts,
      packed: try loadPacked(),
      formerNames: former
    )
  }

  private func receipt(_ number: Int64) throws -> SignedReceipt {
    do {
      return try SignedReceipt(reading: receiptFile(number))
    } catch {
      let failure = JobError(error)
      guard failure.status == .badReceipt || failure.status == .notThere else { throw error }
      throw damaged(receipt: number)
    }
  }

  private func damaged(receipt number: Int64) -> JobError { file("\(number).json", kind: "receipt").damaged }

  private func loadPacked() throws -> PackedForSite? {
    try packedFile.read { object in
      guard let snapshot = object["snapshot"]?.integer, let bundle = object["bundle"]?.string,
        let tree = object["tree"]?.string.flatMap({ ObjectDigest(hex: $0) }), let bytes = object["bytes"]?.integer,
        let time = object["time"]?.string.flatMap(UTCTime.init(_:))
      else { return nil }
      return PackedForSite(
        snapshot: Int(clamping: snapshot),
        tree: tree,
        base: object["base"]?.integer.map { Int(clamping: $0) },
        bundle: bundle,
        bytes: bytes,
        time: time
      )
    }
  }

  // MARK: - Writing

  /// Keeps a site with its receipts, of which the last is a new one.
  package func save(_ site: KnownSite) throws {
    let kept = site.receipts.suffix(Self.keptReceipts)
    var object: JSONObject = [
      "name": .string(name),
      "fingerprint": .string(site.fingerprint.digest.hex), "since": .string(site.since.text),
      "highest": .integer(site.highest),
      "receipts": .array(
        kept.map {
          .object([
            "number": .integer($0.signed.receipt.number), "received": .string($0.received.text),
          ])
        }
      ),
    ]
    if !site.formerNames.isEmpty { object["former"] = .array(site.formerNames.map { .string($0) }) }
    try Files.makeFolder(folder, permissions: StoreFolders.shared)
    if let last = kept.last {
      try Files.replace(receiptFile(last.signed.receipt.number), with: last.signed.serialized)
    }
    try siteFile.write(object)
    try removeReceipts(besides: Set(kept.map { "\($0.signed.receipt.number).json" }))
  }

  /// Keeps what was packed for the site.
  func save(_ packed: PackedForSite) throws {
    var object: JSONObject = [
      "snapshot": .integer(Int64(packed.snapshot)), "tree": .string(packed.tree.hex),
      "bundle": .string(packed.bundle), "bytes": .integer(packed.bytes),
      "time": .string(packed.time.text),
    ]
    if let base = packed.base { object["base"] = .integer(Int64(base)) }
    try packedFile.write(object)
  }

  private func removeReceipts(besides kept: Set<String>) throws(FileError) {
    for entry in try Files.entries(of: folder) where entry.name.first?.isNumber == true && !kept.contains(entry.name) {
      try Files.remove(folder.appending(entry.name))
    }
  }

  /// Forgets the site: what makes it known goes first.
  package func remove() throws {
    try siteFile.remove()
    try Files.removeTree(folder)
  }
}
