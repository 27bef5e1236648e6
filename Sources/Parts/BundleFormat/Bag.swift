import FileSystem
import MirrorTypes
import SystemPackage

/// Makes a bundle's folder a BagIt bag (RFC 8493), so that `sha256sum -c` and any tool for bags can check it.
package struct Bag {
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

  /// The first file of a bag that is not as its manifests say: what `sha256sum -c` would find.
  ///
  /// - Parameter isSkipped: whether a file is passed over, since it is proven otherwise.
  /// - Returns: its path below the bag; `nil`: all are as they should be.
  package static func firstDamaged(in folder: Place, skipping isSkipped: (String) -> Bool) throws(FileError)
    -> String?
  {
    for manifest in [tagManifest, manifest] {
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try folder.appending(manifest).read(atMost: mostManifestBytes)
      } catch {
        guard error.reason == .noSuchFileOrDirectory || error.isNoSuchPlainFile else { throw error }
        return manifest
      }
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        guard let (path, expected) = entry(String(decoding: line, as: UTF8.self)) else { return manifest }
        if isSkipped(path) { continue }
        do throws(BundleError) {
          guard try VolumeCopy.digest(of: [folder.pushing(path)], atMost: mostBytes).digest == expected else {
            return path
          }
        } catch {
          guard case .file(let cause) = error else { return path }
          guard cause.reason == .noSuchFileOrDirectory || cause.isNoSuchPlainFile else { throw cause }
          return path
        }
      }
    }
    return nil
  }

  private static let mostManifestBytes = 64 << 20
  /// The most bytes of a file that is no volume; what claims more is damaged, and is not read for hours.
  private static let mostBytes: Int64 = 2 << 30

  /// Reads a line of a manifest; `nil` for one that is none of ours.
  private static func entry(_ line: String) -> (path: String, digest: ObjectDigest)? {
    let hex = line.utf8.prefix(64)
    guard let digest = ObjectDigest(hex: String(decoding: hex, as: UTF8.self)),
      line.utf8.dropFirst(64).starts(with: "  ".utf8)
    else { return nil }
    let path = String(decoding: line.utf8.dropFirst(66), as: UTF8.self)
    // No more than a name, or one below `data/`.
    return (try? TreePath(path)).map { ($0.string, digest) }
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
