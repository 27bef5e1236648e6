import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Serving
import SystemPackage
import Watching
import WebStore

/// Writes what there is to watch as Prometheus reads it, for the text file collector of its node exporter.
package struct MetricsJob: Sendable, InContext {
  package let context: JobContext

  /// A job on the context's store.
  package init(_ context: JobContext) { self.context = context }

  /// The figures.
  package func text() throws -> String {
    let facts = try WatchGathering(context).facts()
    let store = try ContentStore.open(folder, access: .reading)
    var text = PrometheusText()
    text.store(try StatusFacts.brief(store, site: configuration.site, limits: configuration.watch.ages, now: facts.now))
    text.add(facts, forOwner: true)
    let state = WatchJudgement(facts, by: configuration.watch).points.map(\.state).max() ?? .ok
    text.family(
      "kscmirror_check_state",
      "gauge",
      "What 'kscmirror check' says: 0 ok, 1 warning, 2 critical, 3 unknown."
    )
    text.sample("kscmirror_check_state", Int64(state.rawValue))
    text.family("kscmirror_metrics_written_seconds", "gauge", "When these figures were written.")
    text.sample("kscmirror_metrics_written_seconds", facts.now.seconds)
    return text.text
  }

  /// Writes them to a file, in one step: a collector reads the old ones or the new ones, whole.
  package func write(to file: FilePath) throws -> MetricsReport {
    let bytes = Array(try text().utf8)
    // The collector runs as another user; that a web server of anybody's shows them is the administrator's choice of place.
    try Files.replace(file, with: bytes, permissions: 0o644)
    return MetricsReport(file: file.string, bytes: bytes.count)
  }
}

/// Where figures were written.
package struct MetricsReport: Sendable, Encodable {
  /// The file.
  package let file: String
  /// Its bytes.
  package let bytes: Int

  /// A report.
  package init(file: String, bytes: Int) {
    self.file = file
    self.bytes = bytes
  }
}
