import Catalogue
import Demand
import JobCore
import MirrorTypes
import StoreTrust
import SyncRules

/// What syncing one source came to, before a snapshot is sealed of all of them.
struct SourceOutcome {
  /// The source's name.
  let source: String
  /// Its files as they will be published; `nil`: as in the last snapshot.
  var files: SourceFiles?
  /// Files of which nothing need be remembered once the snapshot is sealed.
  var forgotten: Set<TreePath> = []
  /// Files that the selection no longer has, and that a snapshot has: going back to them fetches nothing anew.
  var setAside: Set<TreePath> = []
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

/// What syncing the sources came to: a part of them may have failed.
struct SourceResults {
  /// A source that failed, and why.
  struct Failure {
    let source: String
    let error: JobError
  }

  var outcomes: [SourceOutcome] = []
  var failures: [Failure] = []

  /// How the run is remembered.
  var outcome: Run.Outcome { failures.isEmpty ? .ok : .withErrors }

  /// What is remembered of the failures; empty if there are none.
  var message: String { failures.map { "source \($0.source) failed: \($0.error.message)" }.joined(separator: "; ") }
}
