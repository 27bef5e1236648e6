import Catalogue
import JobCore
import MirrorConfiguration
import MirrorTypes
import Releases
import StoreTrust
import SyncRules

/// What a sync did.
package struct SyncReport: Sendable, Encodable {
  /// The snapshot that holds the state of all sources now.
  package let snapshot: Int
  /// The date of its databases, by their indexes; `nil` where it is not known.
  package let indexDate: UTCTime?
  /// How old they are by that, and by the limits that are set.
  package let age: IndexAge
  /// Whether this run sealed it.
  package let isNew: Bool
  /// The snapshot that is published now.
  package let current: Int?
  /// Why that is not the newest one, as after a rollback; `nil` if it is.
  package let heldBack: HeldBackFacts?
  /// A snapshot that an earlier run had sealed and not published, and that this one has published first; `nil` as a rule.
  package let finished: Int?
  /// The sources that were synced.
  package let sources: [SourceFacts]
  /// The sources that failed, and why.
  package let failures: [Failure]

  init(
    _ results: SourceResults,
    _ snapshot: Snapshot,
    isNew: Bool,
    _ standing: Standing,
    finished: Int?,
    _ context: JobContext
  ) {
    self.snapshot = snapshot.number
    let age = SnapshotAge(snapshot.notes)
    indexDate = age.date
    self.age = age.age(context.clock.now, by: context.configuration.watch.ages)
    self.isNew = isNew
    current = standing.current
    heldBack = standing.facts
    self.finished = finished
    sources = results.outcomes.map(\.facts)
    failures = results.failures.map {
      Failure(source: $0.source, status: $0.error.status.rawValue, message: $0.error.message)
    }
  }

  /// One source's part.
  package struct SourceFacts: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// How many files it has.
    package var files: Int
    /// Their bytes.
    package var bytes: Int64
    /// How many files were fetched by this run.
    package var fetchedFiles: Int
    /// Their bytes.
    package var fetchedBytes: Int64
    /// How many files the indexes name and the server does not have.
    package var absent: Int
    /// How many files were checked against the vendor's digest by this run.
    package var vendorChecked: Int
    /// How many requests were made.
    package var requests: Int
  }

  /// A source that failed.
  package struct Failure: Sendable, Encodable {
    /// Its name.
    package let source: String
    /// The exit status that its failure would have had alone.
    package let status: Int32
    /// The failure in words.
    package let message: String
  }
}
