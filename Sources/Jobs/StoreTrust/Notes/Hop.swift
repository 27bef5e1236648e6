import Crypto
import MirrorTypes
import Trust

/// One store that files came through: what of it was taken, and the signed metadata that this rests on.
package struct Hop: Codable, Sendable, Hashable {
  /// Its address.
  package var url: String
  /// The number of its snapshot.
  package var snapshot: Int
  /// The version of its timestamp.
  package var version: Int
  /// The SHA-256 of its timestamp, as it was signed.
  package var timestamp: String
  /// The SHA-256 of its snapshot metadata, as it was signed.
  var metadata: String
  /// The fingerprint of the root that it was trusted by.
  var root: String
  /// The keys that the root lets sign timestamps.
  var keys: [String]
  /// The program that signed.
  var generator: String

  /// The most stores that are reported.
  static let most = 16
  private static let longestText = 512

  /// What came from where: from trusted metadata and the bytes that a cache has of it.
  package init(_ trusted: TrustedMetadata, _ snapshot: SignedSnapshot, _ cache: FileCache, at url: String) throws {
    self.url = url
    self.snapshot = snapshot.number
    version = trusted.timestamp?.header.version ?? 0
    timestamp = try Self.digest("timestamp.json", cache)
    metadata = try Self.digest("snapshot.json", cache)
    root = "\(trusted.rootFingerprint)"
    keys = (trusted.root.roles[.timestamp]?.keyIDs ?? []).sorted()
    generator = snapshot.generator
  }

  private static func digest(_ file: String, _ cache: FileCache) throws -> String {
    guard let bytes = try cache.load(file), let digest = Digest256(bytes: SHA256.hash(data: bytes)) else {
      throw TrustError.missing(file: file)
    }
    return digest.hex
  }

  /// All stores that a snapshot's files came through, this one first: what the snapshot says about the others is its
  /// signer's word.
  package func followed(by snapshot: SignedSnapshot) -> [Hop] {
    let earlier =
      SnapshotNotes(snapshot.notes)?.sources.sorted { $0.key < $1.key }.flatMap { $0.value.hops ?? [] } ?? []
    return [self] + earlier.filter(\.isSane).prefix(Self.most - 1)
  }

  /// Whether it is short enough to be carried on.
  private var isSane: Bool {
    let texts = [url, timestamp, metadata, root, generator] + keys
    return keys.count <= 16 && texts.allSatisfy { $0.utf8.count <= Self.longestText }
  }

  /// In one line.
  package var line: String {
    "\(url) snapshot \(snapshot) timestamp \(version) sha256 \(timestamp) metadata \(metadata) root \(root) keys \(keys.joined(separator: ",")) by \(generator)"
  }
}
