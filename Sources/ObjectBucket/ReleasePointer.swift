import Foundation
import MirrorTypes

/// What the key `current` holds: which release is the current one, as a line of JSON.
public struct ReleasePointer: Hashable, Sendable, Codable {
  /// The version of this format.
  public let format: Int
  /// The release's number.
  public let release: Int
  /// The key of its manifest.
  public let manifest: String
  /// The manifest's SHA-256, 64 hexadecimal digits.
  public let sha256: String
  /// How many bytes the manifest has.
  public let size: Int

  /// The most bytes that a pointer may have.
  public static let maximumBytes = 4096

  /// Points to a release.
  public init(release: Int, manifest: String, digest: ObjectDigest, size: Int) {
    format = 1
    self.release = release
    self.manifest = manifest
    sha256 = digest.hex
    self.size = size
  }

  /// Reads one; `nil` for anything else, or one that leads out of the layout.
  public init?(reading bytes: [UInt8], _ layout: BucketLayout) {
    guard bytes.count <= Self.maximumBytes, let pointer = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      pointer.format == 1, let named = layout.release(at: pointer.manifest), named.number == pointer.release,
      named.manifest.hex == pointer.sha256, (0...ReleaseManifest.maximumBytes).contains(pointer.size)
    else { return nil }
    self = pointer
  }

  /// As text: keys in the order of the alphabet, so that the same pointer is always the same bytes.
  public func bytes() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
