import FoundationEssentials
import MirrorTypes
import SystemPackage

/// What a bundle is: kscmirror-bundle(5), section "The manifest".
public struct BundleManifest: Codable, Sendable, Hashable {
  /// The version of the format that this program writes, and the newest that it reads.
  public static let currentVersion = 1
  /// The most bytes that a manifest may have.
  static let maximumSize = 1 << 20

  /// The version of the format.
  public var version: Int
  /// `full`.
  public var kind: String
  /// The site that it is for, if for one.
  public var site: String?
  /// The snapshot's number.
  public var snapshot: Int
  /// When the snapshot was sealed, in seconds since 1970.
  public var created: Int64
  /// The SHA-256 of the lines `SHA256 SIZE PATH` of all files, ordered by path.
  public var treeDigest: ObjectDigest
  /// How many files the snapshot has.
  public var fileCount: Int
  /// Their bytes.
  public var totalBytes: Int64
  /// How many objects the volumes carry.
  public var objectCount: Int
  /// The listing.
  public var listing: Part
  /// The volumes, in order.
  public var volumes: [Volume]
  /// The program that wrote it.
  public var generator: String
  /// What the snapshot notes of its sources: JSON as a text.
  public var notes: String

  /// A file of the bundle.
  public struct Part: Codable, Sendable, Hashable {
    /// Its name, without a folder.
    public var name: String
    /// Its bytes.
    public var size: Int64
    /// Its digest.
    public var sha256: ObjectDigest
  }

  /// A volume.
  public struct Volume: Codable, Sendable, Hashable {
    /// Its name, without a folder.
    public var name: String
    /// Its bytes.
    public var size: Int64
    /// Its digest.
    public var sha256: ObjectDigest
    /// How many entries it has.
    public var entries: Int
    /// The bytes of their contents.
    public var contentBytes: Int64
  }

  /// The manifest as it is written: one form for one content.
  var json: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
  }
}

extension BundleManifest {
  /// Reads and checks a manifest.
  init(parsing bytes: [UInt8], at path: FilePath) throws(BundleError) {
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: Data(bytes))
    } catch {
      throw .manifestDamaged(path, "it is no manifest in JSON")
    }
    guard header.version <= Self.currentVersion else { throw .unsupportedVersion(path, header.version) }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    } catch {
      throw .manifestDamaged(path, "a field is missing or of the wrong kind")
    }
    try check(at: path)
  }

  private struct Header: Decodable { let version: Int }

  /// Checks everything that can be wrong without looking at another file.
  private func check(at path: FilePath) throws(BundleError) {
    guard version == 1, kind == "full" else { throw .manifestDamaged(path, "kind '\(kind.prefix(40))' is unknown") }
    guard (1...BundleNames.maximumSnapshot).contains(snapshot) else {
      throw .manifestDamaged(path, "snapshot \(snapshot) is no number of a snapshot")
    }
    let names = BundleNames(snapshot: snapshot)
    guard path.lastComponent?.string == names.manifest, listing.name == names.listing else {
      throw .manifestDamaged(path, "its name does not fit its snapshot \(snapshot)")
    }
    for (index, volume) in volumes.enumerated() where volume.name != names.volume(index) {
      throw .manifestDamaged(path, "volume \(index + 1) has the wrong name")
    }
    let counts =
      [Int64(fileCount), totalBytes, Int64(objectCount), listing.size]
      + volumes.flatMap { [$0.size, $0.contentBytes, Int64($0.entries)] }
    guard counts.allSatisfy({ (0...(1 << 50)).contains($0) }), volumes.count <= BundleNames.maximumVolumes else {
      throw .manifestDamaged(path, "a count is out of all bounds")
    }
  }
}

/// The names of a bundle's files: what FAT and NTFS take, all with one stem.
struct BundleNames: Sendable {
  let stem: String

  static let maximumSnapshot = 999_999_999
  static let maximumVolumes = 9999

  init(snapshot: Int) {
    let digits = String(snapshot)
    stem = "kscmirror-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  var manifest: String { stem + ".json" }
  var listing: String { stem + ".files" }

  /// The name of a volume, counted from 0.
  func volume(_ index: Int) -> String {
    let digits = String(index + 1)
    return "\(stem).\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits).tar.zst"
  }

  /// The stem of any file of a bundle; `nil` for what is none.
  static func stem(of name: String) -> String? {
    guard name.hasPrefix("kscmirror-") else { return nil }
    let stem = name.prefix { $0 != "." }
    let number = stem.dropFirst("kscmirror-".count)
    guard number.count >= 6, number.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return String(stem)
  }
}
