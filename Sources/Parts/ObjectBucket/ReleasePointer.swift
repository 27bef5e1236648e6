import Foundation
import MirrorTypes

/// What the key `current` holds: which release is the current one, as a line of JSON.
package struct ReleasePointer: Hashable, Sendable, Codable {
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
    guard bytes.count <= Self.maximumBytes, let pointer = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      pointer.format == 1, let named = layout.release(at: pointer.manifest), named.number == pointer.release,
      named.manifest.hex == pointer.sha256, (0...ReleaseManifest.maximumBytes).contains(pointer.size)
    else { return nil }
    self = pointer
  }

  /// As text: keys in the order of the alphabet, so that the same pointer is always the same bytes.
  package func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
