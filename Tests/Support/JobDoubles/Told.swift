import JobCore
import Synchronization

/// A reporter that remembers what jobs have told.
package final class Told: JobReporter {
  private let reported = Mutex<[JobNotice]>([])

  /// A reporter that was told nothing yet.
  package init() {}

  package func report(_ event: JobEvent) {
    if case .notice(let notice) = event { reported.withLock { $0.append(notice) } }
  }

  /// All notices so far, in their order.
  package var notices: [JobNotice] { reported.withLock { $0 } }

  /// The names of all warnings so far.
  package var warnings: [String] { notices.filter { $0.severity == .warning }.map(\.name) }
}
