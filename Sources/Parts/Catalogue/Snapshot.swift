import MirrorTypes

/// One complete, consistent state of all sources. It never changes.
package struct Snapshot: Hashable, Sendable {
  /// Where a snapshot came from.
  package enum Origin: Hashable, Sendable {
    /// This store's own sync.
    case synced
    /// A bundle, by its name.
    case imported(bundle: String)
  }

  /// Its number, from 1.
  package let number: Int
  /// When it was made.
  package let created: UTCTime
  /// The SHA-256 of its listing: see ``TreeListing``.
  package let treeDigest: ObjectDigest
  /// How many files it has.
  package let fileCount: Int
  /// The sum of their sizes in bytes.
  package let totalBytes: Int64
  /// Where it came from.
  package let origin: Origin
  /// Facts about each source, as JSON text. The store does not look into it.
  package let notes: String
  /// The snapshot that this store made it of, if it is a smaller selection to be carried; such a one is never published
  /// here.
  package let selectedFrom: Int?

  /// Whether it is a state of all sources, and no selection of one.
  package var isWhole: Bool { selectedFrom == nil }
}

/// What is said of a snapshot when it is sealed.
package struct SnapshotHeader: Hashable, Sendable {
  /// Its number; `nil`: the next one.
  package var number: Int?
  /// When it was made.
  package var created: UTCTime
  /// Where it comes from.
  package var origin: Snapshot.Origin
  /// Facts about each source, as JSON text.
  package var notes: String
  /// The digest that its listing must have; `nil`: any.
  package var treeDigest: ObjectDigest?
  /// The snapshot that it is a smaller selection of; `nil`: it is a state of its own.
  package var selectedFrom: Int?
  /// What has to follow its sealing, and is owed until ``ContentStore/settle(_:)``; `nil`: nothing.
  package var owes: OwedTask?

  /// The header of a new snapshot.
  package init(
    number: Int? = nil,
    created: UTCTime,
    origin: Snapshot.Origin = .synced,
    notes: String = "{}",
    treeDigest: ObjectDigest? = nil,
    selectedFrom: Int? = nil,
    owes: OwedTask? = nil
  ) {
    self.selectedFrom = selectedFrom
    self.owes = owes
    self.number = number
    self.created = created
    self.origin = origin
    self.notes = notes
    self.treeDigest = treeDigest
  }
}

/// One file of a snapshot.
package struct SnapshotFile: Hashable, Sendable {
  /// Where it is published: `updates/…` or `packages/…`.
  package var path: TreePath
  /// Its bytes.
  package var object: ObjectDigest
  /// Its size in bytes.
  package var size: Int64
  /// The source that it belongs to.
  package var source: String
  /// The component, as the index calls it; several are joined by a comma.
  package var component: String
  /// The index that names it; `nil` for what nothing names, as a primary index.
  package var namedBy: String?
  /// The server or bundle that its bytes came from.
  package var origin: String?
  /// When its bytes came. For a file that was not fetched again, the first time: a file that
  /// is alike in all fields is stored once for all snapshots.
  package var fetched: UTCTime
  /// When the server says that it last changed.
  package var modified: UTCTime?

  /// A file of a snapshot.
  package init(
    path: TreePath,
    object: ObjectDigest,
    size: Int64,
    source: String,
    component: String,
    namedBy: String? = nil,
    origin: String? = nil,
    fetched: UTCTime,
    modified: UTCTime? = nil
  ) {
    self.path = path
    self.object = object
    self.size = size
    self.source = source
    self.component = component
    self.namedBy = namedBy
    self.origin = origin
    self.fetched = fetched
    self.modified = modified
  }
}

/// What a component has in a snapshot.
package struct ComponentSummary: Hashable, Sendable {
  /// The source.
  package let source: String
  /// The component, as the index calls it.
  package let component: String
  /// How many files.
  package let files: Int
  /// The sum of their sizes in bytes.
  package let bytes: Int64
  /// When the last of them came to this side. It says
  /// nothing of how old they are.
  package let arrived: UTCTime

  /// What a component has.
  package init(source: String, component: String, files: Int, bytes: Int64, arrived: UTCTime) {
    self.source = source
    self.component = component
    self.files = files
    self.bytes = bytes
    self.arrived = arrived
  }
}
