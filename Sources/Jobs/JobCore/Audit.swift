import Journal
import SystemPackage

/// Writes into a store's journal what was done to it, refused, or decided about its keys.
package struct Audit {
  private let journal: Journal

  /// The journal in a file.
  package init(_ file: FilePath) { journal = Journal(file: file) }

  package func append(
    _ event: JournalEvent,
    _ outcome: JournalOutcome,
    _ text: String,
    _ facts: [String: JournalValue] = [:]
  ) throws(JournalError) -> JournalPosition {
    try journal.append(event, outcome: outcome, text: text, facts: facts, at: WallClock.seconds, by: .current)
  }

  /// Notes that what a source sent was refused because it could not be trusted. Other failures are no refusals.
  package func noteRefusal(ofSource name: String, _ error: any Error, _ reporter: any JobReporter) {
    let failure = JobError(error)
    guard failure.status.isDistrust else { return }
    noteRefusal("source \(name) was refused: \(failure.message)", ["source": .string(name)], failure, reporter)
  }

  /// That the journal cannot be written must not hide why something was refused.
  package func noteRefusal(
    _ text: String,
    _ facts: [String: JournalValue],
    _ error: JobError,
    _ reporter: any JobReporter
  ) {
    do throws(JournalError) {
      let status = JournalValue.integer(Int64(error.status.rawValue))
      _ = try append(.refusal, .refused, text, facts.merging(["status": status]) { $1 })
    } catch let failure {
      reporter.warning("journal", "\(JobError(failure))")
    }
  }

  /// Notes what was removed from the store.
  package func notePrune(_ text: String) throws { _ = try append(.prune, .ok, text) }
}
