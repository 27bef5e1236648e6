import MirrorTypes

/// What a snapshot notes of a source: shown by `status`, and the memory of the drift alarm.
package struct SourceNotes: Codable, Sendable, Hashable {
  /// The fingerprint of the plan, which changes with the selection.
  package var plan = ""
  /// What of the tree was chosen; `nil` where that is not for others to know, or was not noted.
  package var selection: NotedSelection?
  /// The dates of the primary indexes, by path.
  package var primaries: [String: UTCTime] = [:]
  /// The dates of the components' own indexes; `nil` in notes of programs that did not note them, and where there are no
  /// indexes.
  package var components: ComponentDates?
  /// Files that are named and absent, at most the first thousand.
  package var absent: [String] = []
  /// How many there are.
  package var absentCount = 0
  /// How many of them are indexes; `nil`: that was not counted.
  package var absentIndexCount: Int?
  /// How many of them a server refused that gives others; `nil`: that was not counted.
  package var refusedCount: Int?
  /// The components that the primary indexes name; `nil`: that was not noted.
  package var roster: ComponentRoster?
  /// What in the indexes is unknown to us.
  package var drift: [Drift] = []
  /// Indexes that are older than their parents say and stay so, sorted; `nil`: none.
  package var olderIndexes: [String]?
  /// What the vendor's signatures say; `nil` when they were not looked at.
  package var vendor: VendorNotes?
  /// Primary indexes that the servers give in another form than another index carries them, sorted; `nil`: none.
  package var differingPrimaries: [String]?
  /// The vendor's difference files among the source's; `nil` when they are not mirrored.
  package var differences: FileSum?
  /// For a source of kind `tuf`: through which stores its files came, the nearest first; it is signed with the rest, so
  /// that each store vouches for what it says about those before it.
  package var hops: [Hop]?

  package init(
    plan: String = "",
    selection: NotedSelection? = nil,
    primaries: [String: UTCTime] = [:],
    components: ComponentDates? = nil,
    absent: [String] = [],
    absentCount: Int = 0,
    absentIndexCount: Int? = nil,
    refusedCount: Int? = nil,
    roster: ComponentRoster? = nil,
    drift: [Drift] = [],
    olderIndexes: [String]? = nil,
    vendor: VendorNotes? = nil,
    differingPrimaries: [String]? = nil,
    differences: FileSum? = nil,
    hops: [Hop]? = nil
  ) {
    self.plan = plan
    self.selection = selection
    self.primaries = primaries
    self.components = components
    self.absent = absent
    self.absentCount = absentCount
    self.absentIndexCount = absentIndexCount
    self.refusedCount = refusedCount
    self.roster = roster
    self.drift = drift
    self.olderIndexes = olderIndexes
    self.vendor = vendor
    self.differingPrimaries = differingPrimaries
    self.differences = differences
    self.hops = hops
  }

  /// How many files, and how large.
  package struct FileSum: Codable, Sendable, Hashable {
    /// How many there are.
    package var files = 0
    /// Their bytes.
    package var bytes: Int64 = 0

    package init() {}
  }

  /// One kind of thing that is unknown to us.
  package struct Drift: Codable, Sendable, Hashable {
    /// Its stable name.
    package var name: String
    /// How often it occurs.
    package var count: Int
    /// Where it occurs, for example.
    package var sample: String

    package init(name: String, count: Int, sample: String) {
      self.name = name
      self.count = count
      self.sample = sample
    }
  }
}

/// What a snapshot notes of the vendor's signatures over a source.
package struct VendorNotes: Codable, Sendable, Hashable {
  /// How many indexes have a signature that is right.
  package var indexes = 0
  /// How many files have the digest that such an index gives.
  package var files = 0
  /// How many files carry nothing that can be checked.
  package var notVerifiable = 0

  package init(indexes: Int = 0, files: Int = 0, notVerifiable: Int = 0) {
    self.indexes = indexes
    self.files = files
    self.notVerifiable = notVerifiable
  }
}
