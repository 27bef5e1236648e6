import FileSystem
import MirrorTypes
import SystemPackage

/// Makes a bundle's folder a BagIt bag (RFC 8493), so that `sha256sum -c` and any tool for bags can check it.
struct Bag {
  private let folder: Place
  private var payload: [(path: String, size: Int64, digest: ObjectDigest)] = []
  private var tags: [(path: String, digest: ObjectDigest)] = []

  /// All files that were written or listed, by their paths below the bag.
  var files: [(path: String, digest: ObjectDigest)] { payload.map { ($0.path, $0.digest) } + tags }

  static let declaration = "bagit.txt"
  static let info = "bag-info.txt"
  static let manifest = BundleNames.manifest
  static let tagManifest = "tagmanifest-sha256.txt"

  init(_ folder: Place) { self.folder = folder }

  /// Lists a file of the payload, by its path below the bag.
  mutating func add(_ path: String, size: Int64, digest: ObjectDigest) { payload.append((path, size, digest)) }

  /// Writes a file of the payload and lists it.
  mutating func write(_ path: String, _ bytes: [UInt8]) throws {
    try Self.write(bytes, to: folder.pushing(path))
    add(path, size: Int64(bytes.count), digest: ObjectDigest.sha256(of: bytes))
  }

  /// The text of the payload's manifest.
  private var manifestText: String {
    payload.sorted { $0.path < $1.path }.map { "\($0.digest.hex)  \($0.path)\n" }.joined()
  }

  /// Writes the tag files.
  ///
  /// - Parameters:
  ///   - facts: further lines of bag-info.txt.
  ///   - label: makes the label from the digest of the payload's manifest.
  /// - Returns: the label.
  mutating func finish(facts: [(String, String)], label: (ObjectDigest) throws -> String) throws -> String {
    let sum = payload.totalBytes(\.size)
    let manifest = Array(manifestText.utf8)
    let label = try label(ObjectDigest.sha256(of: manifest))
    let lines = facts + [("Payload-Oxum", "\(sum).\(payload.count)")]
    let tags: [(String, [UInt8])] = [
      (Self.declaration, Array("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8)),
      (Self.info, Array(lines.map { "\($0): \($1)\n" }.joined().utf8)),
      (Self.manifest, manifest),
      (BundleNames.label, Array(label.utf8)),
    ]
    var sums = ""
    for (name, bytes) in tags.sorted(by: { $0.0 < $1.0 }) {
      try writeTag(name, bytes)
      sums += "\(ObjectDigest.sha256(of: bytes).hex)  \(name)\n"
    }
    try writeTag(Self.tagManifest, Array(sums.utf8))
    return label
  }

  private mutating func writeTag(_ name: String, _ bytes: [UInt8]) throws {
    try Self.write(bytes, to: folder.appending(name))
    tags.append((name, ObjectDigest.sha256(of: bytes)))
  }

  private static func write(_ bytes: [UInt8], to place: Place) throws(FileError) {
    var file = try OutputFile(place)
    try file.write(bytes)
    try file.sync()
    try file.close()
  }
}
