import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import Mirroring
import SystemPackage

/// Tells how a file came into a store.
package struct WhyJob: Sendable, InContext {
  package let context: JobContext
  private let path: String

  /// A job on the context's store for a path as published, or without its `updates/`.
  package init(_ context: JobContext, path: String) {
    self.context = context
    self.path = path
  }

  /// Looks it up.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no snapshot has the path.
  package func run() throws -> WhyReport {
    let asked = try TreePath(path)
    let store = try ContentStore.open(folder, access: .reading)
    for candidate in [asked, try TreePath(StoreFolders.updates).appending(asked)] {
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

/// How a file came here.
package struct WhyReport: Sendable, Encodable {
  /// Its path as published.
  package let path: String
  /// Its versions, newest first.
  package let versions: [Version]

  /// One content that the path had.
  package struct Version: Sendable, Encodable {
    /// The first snapshot that has it so.
    package let first: Int
    /// The last one; those in between have the same.
    package let last: Int
    /// Those of them that are published.
    package let releases: [Int]
    /// Its digest.
    package let sha256: String
    /// Its bytes.
    package let bytes: Int64
    /// The source that it is of.
    package let source: String
    /// Its component.
    package let component: String
    /// The index that names it.
    package let namedBy: String?
    /// The server or bundle that it came from.
    package let origin: String?
    /// When its bytes came to this side.
    package let fetched: UTCTime
    /// When the vendor's server says that it last changed; `nil` where that is not known.
    package let modified: UTCTime?

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
      modified = provenance.file.modified
    }
  }
}
