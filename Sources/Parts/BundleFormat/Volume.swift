import MirrorTypes

/// What is known of a volume.
package struct Volume: Sendable, Hashable {
  /// Its name, without a folder.
  package var name: String
  /// Its bytes.
  package var size: Int64
  /// Its digest.
  package var sha256: ObjectDigest
  /// How many entries it has.
  package var entries: Int
  /// The bytes of their contents.
  package var contentBytes: Int64
  /// Which parity volume it is, counted from 1; `nil` for one that carries objects.
  package var parity: Int?

  /// Facts about a volume.
  package init(name: String, size: Int64, sha256: ObjectDigest, entries: Int, contentBytes: Int64, parity: Int? = nil) {
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.entries = entries
    self.contentBytes = contentBytes
    self.parity = parity
  }
}

/// An object that a bundle carries.
package struct BundleObject: Sendable, Hashable {
  /// Its digest.
  package var digest: ObjectDigest
  /// Its bytes.
  package var size: Int64

  /// An object.
  package init(_ digest: ObjectDigest, size: Int64) {
    self.digest = digest
    self.size = size
  }
}
