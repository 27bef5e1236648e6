import BundleFormat
import ContentStore
import Parcels
import StoreTrust
import SystemPackage

/// What a pack wrote, or would write.
package struct PackReport: Sendable, Encodable {
  /// One volume.
  package struct Volume: Sendable, Encodable {
    /// Its file's name.
    package let name: String
    /// Its bytes.
    package let bytes: Int64
  }

  /// What a component adds to an incremental bundle.
  package struct Component: Sendable, Encodable {
    /// The component; empty for files that belong to none.
    package let name: String
    /// Files of which the base has an older version.
    package let changed: Int
    /// New files that resemble one of the base by their names.
    package let renewed: Int
    /// Files that are new.
    package let new: Int
    /// The bytes of all of them, before they are compressed.
    package let bytes: Int64

    init(_ share: IncrementPlan.Share) {
      name = share.component
      changed = share.changed
      renewed = share.renewed
      new = share.new
      bytes = share.bytes
    }
  }

  /// A component that did not fit.
  package struct LeftBehind: Sendable, Encodable {
    /// The component.
    package let name: String
    /// Its files.
    package let files: Int
    /// Their bytes.
    package let bytes: Int64

    init(_ left: Fitting.LeftBehind) {
      name = left.component
      files = left.files
      bytes = left.bytes
    }
  }

  /// The folder that the bundle lies in.
  package let folder: String
  /// The bundle's own folder, without the path to it.
  package let bundle: String
  /// The snapshot.
  package let snapshot: Int
  /// The snapshot that it builds on; `nil` for a full bundle.
  package let base: Int?
  /// What each component adds to an incremental bundle, the largest first.
  package let components: [Component]
  /// Components that did not fit and stay behind.
  package let leftBehind: [LeftBehind]
  /// The site that it is for, if for one.
  package let site: String?
  /// The version of the metadata, and when it expires, in seconds since 1970; 0 in a dry run.
  package let version: Int
  /// When the metadata expires, in seconds since 1970; 0 in a dry run.
  package let expires: Int64
  /// How many files it has.
  package let files: Int
  /// Their bytes.
  package let contentBytes: Int64
  /// The bytes of the volumes; of a dry run: the most that the bundle can have.
  package let bundleBytes: Int64
  /// The volumes; empty for a dry run.
  package let volumes: [Volume]
  /// What was free in the folder before.
  package let freeBytes: Int64
  /// Whether nothing was written in truth.
  package let dryRun: Bool
  /// Whether the very same bundle was there already.
  package let wasThere: Bool
  /// Whether the site has the snapshot by its receipt, so that there is nothing to carry.
  package let siteHasIt: Bool
  /// The deliveries for the site that were written beside it; of a dry run: none.
  package internal(set) var deliveries: [WrittenParcel] = []

  init(
    _ written: WrittenBundle,
    increment: IncrementPlan?,
    left: [Fitting.LeftBehind],
    in folder: FilePath,
    freeBytes: Int64,
    wasThere: Bool
  ) {
    self.folder = folder.string
    base = written.facts.base?.number
    components = increment?.shares.map(Component.init) ?? []
    leftBehind = left.map(LeftBehind.init)
    bundle = written.name
    snapshot = written.snapshot.number
    site = written.facts.site
    version = written.header.version
    expires = written.header.expires
    files = written.snapshot.fileCount
    contentBytes = written.snapshot.totalBytes
    bundleBytes = written.volumes.reduce(0) { $0 + $1.size }
    volumes = written.volumes.map { Volume(name: written.facts.naming.file(of: $0).text, bytes: $0.size) }
    self.freeBytes = freeBytes
    dryRun = false
    self.wasThere = wasThere
    siteHasIt = false
  }

  init(
    plan: (objects: Int, worstCaseBytes: Int64),
    of snapshot: Snapshot,
    increment: IncrementPlan?,
    bundle: String,
    site: String?,
    left: [Fitting.LeftBehind],
    in folder: FilePath,
    freeBytes: Int64
  ) {
    self.folder = folder.string
    self.bundle = bundle
    self.snapshot = snapshot.number
    base = increment?.base.number
    components = increment?.shares.map(Component.init) ?? []
    leftBehind = left.map(LeftBehind.init)
    self.site = site
    version = 0
    expires = 0
    files = snapshot.fileCount
    contentBytes = snapshot.totalBytes
    bundleBytes = plan.worstCaseBytes
    volumes = []
    self.freeBytes = freeBytes
    dryRun = true
    wasThere = false
    siteHasIt = false
  }

  /// The site has the snapshot already.
  init(nothingToCarry snapshot: Snapshot, site: String?, in folder: FilePath) {
    self.folder = folder.string
    bundle = ""
    self.snapshot = snapshot.number
    base = snapshot.number
    components = []
    leftBehind = []
    self.site = site
    version = 0
    expires = 0
    files = snapshot.fileCount
    contentBytes = snapshot.totalBytes
    bundleBytes = 0
    volumes = []
    freeBytes = 0
    dryRun = false
    wasThere = false
    siteHasIt = true
  }
}
