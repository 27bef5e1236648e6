import ContentStore
import MirrorTypes
import SystemPackage

/// Tells how a file came into a store.
public struct WhyJob: Sendable {
  private let folder: FilePath
  private let path: String

  /// A job on the store in the folder `store` for a path as published, or without its `updates/`.
  public init(store: FilePath, path: String) {
    folder = store
    self.path = path
  }

  /// Looks it up.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/notThere`` when no snapshot has the path.
  public func run() throws(JobError) -> WhyReport {
    try translatingErrors {
      let asked = try TreePath(path)
      let store = try ContentStore.open(folder, access: .reading)
      for candidate in [asked, try TreePath(PublishedTree.folder).appending(asked)] {
        let history = try store.history(of: candidate)
        if !history.isEmpty {
          return WhyReport(path: candidate.string, versions: history.reversed().map(WhyReport.Version.init))
        }
      }
      let similar = try store.paths(endingIn: "/" + path, limit: 3).map(\.string).joined(separator: ", ")
      throw JobError(
        .notThere,
        "\(path): no snapshot of \(folder) has it",
        remedy: similar.isEmpty
          ? "The path is meant as in a release, such as updates/index/u1901g.xml." : "Did you mean: \(similar)?"
      )
    }
  }
}

/// How a file came here.
public struct WhyReport: Sendable, Encodable {
  /// Its path as published.
  public let path: String
  /// Its versions, newest first.
  public let versions: [Version]

  /// One content that the path had.
  public struct Version: Sendable, Encodable {
    /// The first snapshot that has it so.
    public let first: Int
    /// The last one; those in between have it alike.
    public let last: Int
    /// Those of them that are published.
    public let releases: [Int]
    /// Its digest.
    public let sha256: String
    /// Its bytes.
    public let bytes: Int64
    /// The source that it is of.
    public let source: String
    /// Its component.
    public let component: String
    /// The index that names it.
    public let namedBy: String?
    /// The server or bundle that it came from.
    public let origin: String?
    /// When, in seconds since 1970.
    public let fetched: Int64

    init(_ provenance: Provenance) {
      first = provenance.first
      last = provenance.last
      releases = provenance.releases
      sha256 = provenance.file.object.hex
      bytes = provenance.file.size
      source = provenance.file.source
      component = provenance.file.component
      namedBy = provenance.file.namedBy
      origin = provenance.file.origin
      fetched = provenance.file.fetched
    }
  }
}
