import JobCore
import Synchronization

/// A reporter that remembers what jobs have told.
package final class Told: JobReporter {
  private let notices = Mutex<[JobNotice]>([])

  /// A reporter that was told nothing yet.
  package init() {}

  package func report(_ event: JobEvent) {
    if case .notice(let notice) = event { notices.withLock { $0.append(notice) } }
  }

  /// The names of all warnings so far.
  package var warnings: [String] { notices.withLock { $0.filter { $0.severity == .warning }.map(\.name) } }
}
