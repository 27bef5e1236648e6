import JobCore
import Watching

/// Judges an installation for monitoring: one line, with figures.
package struct CheckJob: Sendable, InContext {
  package let context: JobContext

  /// A job on the context's store, by the limits of its configuration.
  package init(_ context: JobContext) { self.context = context }

  /// Judges it.
  ///
  /// - Throws: an error when the store cannot be read: then nothing can be said.
  package func run() throws -> CheckReport {
    let facts = try WatchGathering(context).facts()
    let points = WatchJudgement(facts, by: configuration.watch).points
    let line = PluginLine(points, facts, configuration.watch)
    return CheckReport(state: line.state, line: line.text, points: points, facts: facts)
  }
}

/// What `check` says.
package struct CheckReport: Sendable, Encodable {
  /// The worst of all points.
  package let state: WatchPoint.State
  /// The line for monitoring.
  package let line: String
  /// The points one by one.
  package let points: [WatchPoint]
  /// What they were judged by.
  package let facts: WatchFacts
}
