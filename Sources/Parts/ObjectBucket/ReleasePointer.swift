import MirrorTypes
import StrictJSON

/// What the key `current` holds: which release is the current one, as a line of JSON.
package struct ReleasePointer: Hashable, Sendable {
  /// The version of this format.
  package let format: Int
  /// The release's number.
  package let release: Int
  /// The key of its manifest.
  package let manifest: String
  /// The manifest's SHA-256, 64 hexadecimal digits.
  package let sha256: String
  /// How many bytes the manifest has.
  package let size: Int

  /// The most bytes that a pointer may have.
  package static let maximumBytes = 4096

  /// Points to a release.
  package init(release: Int, manifest: String, digest: ObjectDigest, size: Int) {
    format = 1
    self.release = release
    self.manifest = manifest
    sha256 = digest.hex
    self.size = size
  }

  /// Reads one; `nil` for anything else, or one that leads out of the layout.
  package init?(reading bytes: [UInt8], _ layout: BucketLayout) {
    let limits = JSONLimits(bytes: Self.maximumBytes, depth: 1, values: 16)
    guard let object = (try? JSONValue(parsing: bytes, within: limits))?.object, object["format"] == 1,
      let manifest = object["manifest"]?.string, let named = layout.release(at: manifest),
      object["release"]?.integer == Int64(named.number), object["sha256"]?.string == named.manifest.hex,
      let size = object["size"]?.integer, (0...Int64(ReleaseManifest.maximumBytes)).contains(size)
    else { return nil }
    self.init(release: named.number, manifest: manifest, digest: named.manifest, size: Int(size))
  }

  /// As text: keys in the order of the alphabet, so that the same pointer is always the same bytes.
  package var bytes: [UInt8] {
    let object: JSONObject = [
      "format": .integer(Int64(format)), "release": .integer(Int64(release)), "manifest": .string(manifest),
      "sha256": .string(sha256), "size": .integer(Int64(size)),
    ]
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }
}
