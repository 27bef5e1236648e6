import MirrorTypes

/// What is known of a volume.
public struct Volume: Sendable, Hashable {
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
  /// Which parity volume it is, counted from 1; `nil` for one that carries objects.
  public var parity: Int?

  /// Facts about a volume.
  public init(name: String, size: Int64, sha256: ObjectDigest, entries: Int, contentBytes: Int64, parity: Int? = nil) {
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.entries = entries
    self.contentBytes = contentBytes
    self.parity = parity
  }
}

/// An object that a bundle carries.
public struct BundleObject: Sendable, Hashable {
  /// Its digest.
  public var digest: ObjectDigest
  /// Its bytes.
  public var size: Int64

  /// An object.
  public init(_ digest: ObjectDigest, size: Int64) {
    self.digest = digest
    self.size = size
  }
}
