import Bundle

/// What an import did.
public struct ImportReport: Sendable, Encodable {
  /// How an import ended well.
  public enum Outcome: String, Sendable, Encodable {
    /// The bundle is whole and sound; nothing was changed, as asked.
    case verified
    /// The snapshot was here already, and is published.
    case same
    /// The snapshot was taken in and published.
    case published
  }

  /// How it ended.
  public let outcome: Outcome
  /// The snapshot.
  public let snapshot: Int
  /// When it was sealed on the connected side, in seconds since 1970.
  public let created: Int64
  /// How many files it has.
  public let files: Int
  /// Their bytes.
  public let bytes: Int64
  /// How many objects were not here before.
  public let newObjects: Int
  /// Their bytes.
  public let newBytes: Int64

  init(_ manifest: BundleManifest, outcome: Outcome, newObjects: Int = 0, newBytes: Int64 = 0) {
    self.outcome = outcome
    snapshot = manifest.snapshot
    created = manifest.created
    files = manifest.fileCount
    bytes = manifest.totalBytes
    self.newObjects = newObjects
    self.newBytes = newBytes
  }
}
