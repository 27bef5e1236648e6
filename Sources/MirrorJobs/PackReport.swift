import Bundle
import ContentStore
import SystemPackage

/// What a pack wrote, or would write.
public struct PackReport: Sendable, Encodable {
  /// One volume.
  public struct Volume: Sendable, Encodable {
    /// Its file's name.
    public let name: String
    /// Its bytes.
    public let bytes: Int64
  }

  /// The folder.
  public let folder: String
  /// The manifest's file name.
  public let manifest: String
  /// The snapshot.
  public let snapshot: Int
  /// How many files it has.
  public let files: Int
  /// Their bytes.
  public let contentBytes: Int64
  /// The bytes of all files of the bundle; of a dry run: the most that they can have.
  public let bundleBytes: Int64
  /// The volumes; empty for a dry run.
  public let volumes: [Volume]
  /// What was free in the folder before.
  public let freeBytes: Int64
  /// Whether nothing was written in truth.
  public let dryRun: Bool
  /// Whether the very same bundle was there already.
  public let wasThere: Bool

  init(_ written: WrittenBundle, in folder: FilePath, freeBytes: Int64) {
    self.folder = folder.string
    manifest = written.manifestName
    snapshot = written.manifest.snapshot
    files = written.manifest.fileCount
    contentBytes = written.manifest.totalBytes
    bundleBytes = written.manifest.volumes.reduce(written.manifest.listing.size) { $0 + $1.size }
    volumes = written.manifest.volumes.map { Volume(name: $0.name, bytes: $0.size) }
    self.freeBytes = freeBytes
    dryRun = false
    wasThere = written.wasThere
  }

  init(_ plan: BundlePlan, of snapshot: Snapshot, in folder: FilePath, freeBytes: Int64) {
    self.folder = folder.string
    manifest = plan.manifest
    self.snapshot = snapshot.number
    files = snapshot.fileCount
    contentBytes = snapshot.totalBytes
    bundleBytes = plan.worstCaseBytes
    volumes = []
    self.freeBytes = freeBytes
    dryRun = true
    wasThere = false
  }
}
