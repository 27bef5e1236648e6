/// What a sync did.
public struct SyncReport: Sendable, Encodable {
  /// The snapshot that holds the state of all sources now.
  public let snapshot: Int
  /// Whether this run sealed it.
  public let isNew: Bool
  /// The snapshot that is published now.
  public let current: Int?
  /// Why that is not the newest one, as after a rollback; `nil` if it is.
  public let heldBack: HeldBackFacts?
  /// A snapshot that an earlier run had sealed and not published, and that this one has published first; `nil` as a rule.
  public internal(set) var finished: Int?
  /// The sources that were synced.
  public let sources: [SourceFacts]
  /// The sources that failed, and why.
  public let failures: [Failure]

  /// One source's part.
  public struct SourceFacts: Sendable, Encodable {
    /// Its name.
    public let name: String
    /// How many files it has.
    public var files: Int
    /// Their bytes.
    public var bytes: Int64
    /// How many files were fetched by this run.
    public var fetchedFiles: Int
    /// Their bytes.
    public var fetchedBytes: Int64
    /// How many files the indexes name and the server does not have.
    public var absent: Int
    /// How many files were checked against the vendor's digest by this run.
    public var vendorChecked: Int
    /// How many requests were made.
    public var requests: Int
  }

  /// A source that failed.
  public struct Failure: Sendable, Encodable {
    /// Its name.
    public let source: String
    /// The exit status that its failure would have had alone.
    public let status: Int32
    /// The failure in words.
    public let message: String
  }
}
