import ContentStore
import MirrorTypes

/// What syncing one source came to, before a snapshot is sealed of all of them.
struct SourceOutcome {
  /// The source's name.
  let source: String
  /// Its files as they will be published; `nil`: as in the last snapshot.
  var files: SourceFiles?
  /// Files of which nothing need be remembered once the snapshot is sealed.
  var forgotten: Set<TreePath> = []
  /// Files of which something is remembered once the snapshot is sealed.
  var remembered: [TreePath: KnownFile] = [:]
  /// What the vendor's signed indexes say now; `nil` for a source that has none, or where nothing changed.
  var vendorWord: VendorWord?
  /// What to remember of the source itself once the snapshot is sealed; `nil`: as it was.
  var state: SourceState?
  /// Facts for the snapshot's notes.
  var notes = SourceNotes()
  /// What was taken for which site, where that depends on sites.
  var demand: DemandNotes?
  /// Figures for the report.
  var facts: SyncReport.SourceFacts
}

/// The files of a source as they will be published. They are gone through where they lie, not gathered in memory.
struct SourceFiles {
  /// Goes through the files, in any order.
  let forEach: ((SnapshotFile) throws -> Void) throws -> Void
  /// How many there are.
  private(set) var count = 0
  /// Their bytes.
  private(set) var bytes: Int64 = 0
  /// What they call their components: several of a file are joined by commas.
  private(set) var components: Set<String> = []

  /// Goes through the files once, for the sums.
  init(_ forEach: @escaping ((SnapshotFile) throws -> Void) throws -> Void) throws(JobError) {
    self.forEach = forEach
    let sums = try translatingErrors {
      var sums = (count: 0, bytes: Int64(0), components: Set<String>())
      try forEach { file in
        sums.count += 1
        sums.bytes += file.size
        sums.components.insert(file.component)
      }
      return sums
    }
    (count, bytes, components) = sums
  }
}

/// What a snapshot notes of a source: shown by `status`, and the memory of the drift alarm.
struct SourceNotes: Codable, Sendable, Hashable {
  /// The fingerprint of the plan, which changes with the selection.
  var plan = ""
  /// What of the tree was chosen; `nil` where that is not for others to know, or was not noted.
  var selection: NotedSelection?
  /// The dates of the primary indexes, by path, in seconds since 1970.
  var primaries: [String: Int64] = [:]
  /// The dates of the components' own indexes; `nil` in notes of programs that did not note them, and where there are no
  /// indexes.
  var components: ComponentDates?
  /// Files that are named and absent, at most the first thousand.
  var absent: [String] = []
  /// How many there are.
  var absentCount = 0
  /// How many of them are indexes; `nil`: that was not counted.
  var absentIndexCount: Int?
  /// How many of them a server refused that gives others; `nil`: that was not counted.
  var refusedCount: Int?
  /// The components that the primary indexes name; `nil`: that was not noted.
  var roster: ComponentRoster?
  /// What in the indexes is unknown to us.
  var drift: [Drift] = []
  /// Indexes that are older than their parents say and stay so, sorted; `nil`: none.
  var olderIndexes: [String]?
  /// What the vendor's signatures say; `nil` when they were not looked at.
  var vendor: VendorNotes?
  /// Primary indexes that the servers give in another form than another index carries them, sorted; `nil`: none.
  var differingPrimaries: [String]?
  /// The vendor's difference files among the source's; `nil` when they are not mirrored.
  var differences: FileSum?
  /// For a source of kind `tuf`: through which stores its files came, the nearest first; it is signed with the rest, so
  /// that each store vouches for what it tells of those before it.
  var hops: [Hop]?

  /// How many files, and how large.
  struct FileSum: Codable, Sendable, Hashable {
    /// How many there are.
    var files = 0
    /// Their bytes.
    var bytes: Int64 = 0
  }

  /// One kind of thing that is unknown to us.
  struct Drift: Codable, Sendable, Hashable {
    /// Its stable name.
    var name: String
    /// How often it occurs.
    var count: Int
    /// Where it occurs, for example.
    var sample: String
  }
}

/// What a snapshot notes of the vendor's signatures over a source.
struct VendorNotes: Codable, Sendable, Hashable {
  /// How many indexes have a signature that is right.
  var indexes = 0
  /// How many files have the digest that such an index tells.
  var files = 0
  /// How many files carry nothing that can be checked.
  var notVerifiable = 0
}

extension VendorNotes {
  init(_ report: VendorReport) {
    self.init(indexes: report.indexes, files: report.files, notVerifiable: report.notVerifiable)
  }
}
