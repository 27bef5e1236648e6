import BundleFormat
import JobCore
import MirrorTypes
import StrictJSON
import Trust

/// What is signed of a bundle beside its volumes: a field of the metadata of the role `volumes`.
package struct BundleFacts: Sendable, Hashable {
  /// The name of the delegated role.
  package static let role = "volumes"

  /// The newest format of bundles that this program reads and writes: 1 has full bundles, 2 incremental ones and
  /// parity volumes too, 3 the SHA-256 of volumes before the names of their files, 4 folders with the names of sites. A
  /// bundle says which it needs up to 3; that a program reads 4 its receipts say.
  package static let newestFormat: Int64 = 4
  /// The first format with incremental bundles and parity volumes.
  package static let formatOfIncrements: Int64 = 2
  /// The first format in which the names of files begin with the SHA-256 of volumes.
  package static let formatOfDigestNames: Int64 = 3
  /// The first format in which the folder of a bundle for a site may have the site's name.
  package static let formatOfSiteNames: Int64 = 4

  /// A snapshot that an incremental bundle builds on.
  package struct Base: Sendable, Hashable {
    /// Its number.
    package var number: Int
    /// The digest of its tree.
    package var treeDigest: ObjectDigest

    package init(number: Int, treeDigest: ObjectDigest) {
      self.number = number
      self.treeDigest = treeDigest
    }
  }

  /// The site that it is for, if for one.
  package var site: String?
  /// The snapshot that its volumes carry.
  package var snapshot: Int
  /// What an incremental bundle builds on; `nil` for a full one.
  package var base: Base?

  /// How many of its volumes, the last ones, are of parity.
  var parity: Int

  /// How the files of its volumes are named.
  package var naming: VolumeNaming

  /// The key that parcels are sealed to; `nil` in bundles of programs that take none.
  package var sealingKey: SealingPublicKey?
  /// What the site learns about its parcels; `nil` before the first has come.
  package var answer: ParcelAnswer?

  /// `full` or `incremental`.
  package var kind: String { base == nil ? "full" : "incremental" }

  /// The names of the bundle's folder and files.
  package var names: BundleNames { BundleNames(snapshot: snapshot, base: base?.number, site: site) }

  /// The lowest format that a reader has to know; `nil` for the first, which needs no mention.
  private var format: Int64? {
    if naming == .digest { return Self.formatOfDigestNames }
    return parity > 0 || base != nil ? Self.formatOfIncrements : nil
  }

  /// The field. A full bundle with plain names has nothing in it that a reader of format 1 would not know.
  var object: JSONObject {
    var object: JSONObject = ["kind": .string(kind), "snapshot": .integer(Int64(snapshot))]
    if let site { object["site"] = .string(site) }
    if let format { object["format"] = .integer(format) }
    if parity > 0 { object["parity"] = .integer(Int64(parity)) }
    if let base {
      object["base"] = .object(["snapshot": .integer(Int64(base.number)), "tree": .string(base.treeDigest.hex)])
    }
    // Readers that know nothing of parcels skip these.
    if let sealingKey { object["sealing-key"] = .object(sealingKey.object) }
    if let answer { object["parcels"] = .object(answer.object) }
    return object
  }

  /// Facts about a bundle.
  package init(
    site: String?,
    snapshot: Int,
    base: Base? = nil,
    parity: Int = 0,
    naming: VolumeNaming = .digest,
    sealingKey: SealingPublicKey? = nil,
    answer: ParcelAnswer? = nil
  ) {
    self.site = site
    self.snapshot = snapshot
    self.base = base
    self.parity = parity
    self.naming = naming
    self.sealingKey = sealingKey
    self.answer = answer
  }

  /// Reads the field.
  package init(_ metadata: TargetsMetadata, at place: String) throws {
    let object = metadata.extensions[SignedSnapshot.field]?.object
    let format = object?["format"]?.integer ?? 1
    guard let object, let kind = object["kind"]?.string, let snapshot = object["snapshot"]?.integer,
      format <= Self.newestFormat
    else {
      throw JobError(
        .notABundle,
        "\(place): this program cannot read a bundle of this kind",
        remedy: "Update kscmirror on this side, or have a full bundle made with 'kscmirror pack --full'."
      )
    }
    site = object["site"]?.string
    guard site.map(SiteName.isValid) ?? (object["site"] == nil) else {
      throw JobError(.damagedBundle, "\(place): the site that it names has no valid name")
    }
    self.snapshot = Int(clamping: snapshot)
    base = try Self.base(object, snapshot: snapshot, at: place)
    parity = try Self.parity(object, of: metadata, at: place)
    naming = format >= Self.formatOfDigestNames ? .digest : .plain
    sealingKey = try Self.sealingKey(object, at: place)
    answer = try Self.answer(object, at: place)
    guard self.kind == kind else {
      throw JobError(.damagedBundle, "\(place): a bundle of kind '\(kind)' with the facts of another kind")
    }
  }

  /// A key of a kind that only newer programs know is skipped.
  private static func sealingKey(_ object: JSONObject, at place: String) throws -> SealingPublicKey? {
    guard let field = object["sealing-key"]?.object, SealingPublicKey.isKnown(field) else { return nil }
    guard let key = SealingPublicKey(field) else {
      throw JobError(.damagedBundle, "\(place): the key that parcels are sealed to is malformed")
    }
    return key
  }

  private static func answer(_ object: JSONObject, at place: String) throws -> ParcelAnswer? {
    guard let field = object["parcels"] else { return nil }
    guard let answer = field.object.flatMap(ParcelAnswer.init) else {
      throw JobError(.damagedBundle, "\(place): what it says about parcels is malformed")
    }
    return answer
  }

  private static func parity(_ object: JSONObject, of metadata: TargetsMetadata, at place: String) throws
    -> Int
  {
    guard let field = object["parity"] else { return 0 }
    guard let count = field.integer.flatMap({ Int(exactly: $0) }), count > 0,
      ParityCode(data: metadata.targets.count - count, parity: count) != nil
    else { throw JobError(.damagedBundle, "\(place): the count of its parity volumes is malformed") }
    return count
  }

  /// The bundle's volumes, as the metadata lists them.
  package func volumes(_ metadata: TargetsMetadata, at place: String) throws -> [Volume] {
    var list: [Volume] = []
    let carrying = metadata.targets.count - parity
    // By number, also from the thousandth on.
    let targets = metadata.targets.sorted {
      ($0.custom?["parity"] == nil ? 0 : 1, $0.path.utf8.count, $0.path)
        < ($1.custom?["parity"] == nil ? 0 : 1, $1.path.utf8.count, $1.path)
    }
    for (index, target) in targets.enumerated() {
      list.append(
        index < carrying
          ? try Volume(target, number: index, of: names, at: place)
          : try Volume(target, parity: index - carrying + 1, of: names, at: place)
      )
    }
    guard parity == 0 || list.suffix(parity).allSatisfy({ $0.size >= (list.map(\.size).max() ?? 0) }) else {
      throw JobError(.damagedBundle, "\(place): a parity volume is smaller than what it is made of")
    }
    return list
  }

  private static func base(_ object: JSONObject, snapshot: Int64, at place: String) throws -> Base? {
    guard let field = object["base"] else { return nil }
    guard let number = field.object?["snapshot"]?.integer, (1...Int64(BundleNames.maximumSnapshot)).contains(number),
      number != snapshot, let tree = field.object?["tree"]?.string.flatMap({ ObjectDigest(hex: $0) })
    else { throw JobError(.damagedBundle, "\(place): what the bundle builds on is malformed") }
    return Base(number: Int(number), treeDigest: tree)
  }
}

extension TargetFile {
  /// A volume, as the metadata of the role `volumes` lists it.
  init(_ volume: Volume) {
    var custom: JSONObject = [
      "entries": .integer(Int64(volume.entries)), "content": .integer(volume.contentBytes),
    ]
    if let parity = volume.parity { custom = ["parity": .integer(Int64(parity))] }
    self.init(
      path: "volumes/\(volume.name)",
      length: volume.size,
      sha256: volume.sha256,
      custom: custom
    )
  }
}

extension Volume {
  /// A volume that signed metadata lists.
  init(_ target: TargetFile, number: Int, of names: BundleNames, at place: String) throws {
    guard target.path == "volumes/\(names.volume(number))", let digest = target.sha256,
      let entries = target.custom?["entries"]?.integer, (0...(1 << 32)).contains(entries),
      let content = target.custom?["content"]?.integer, (0...(1 << 50)).contains(content)
    else { throw JobError(.damagedBundle, "\(place): the signed list of volumes is not what kscmirror writes") }
    self.init(
      name: names.volume(number),
      size: target.length,
      sha256: digest,
      entries: Int(entries),
      contentBytes: content
    )
  }

  /// A parity volume that signed metadata lists.
  init(_ target: TargetFile, parity number: Int, of names: BundleNames, at place: String) throws {
    guard target.path == "volumes/\(names.parity(number))", let digest = target.sha256,
      target.custom?["parity"]?.integer == Int64(number)
    else { throw JobError(.damagedBundle, "\(place): the signed list of volumes is not what kscmirror writes") }
    self.init(
      name: names.parity(number),
      size: target.length,
      sha256: digest,
      entries: 0,
      contentBytes: 0,
      parity: number
    )
  }
}
