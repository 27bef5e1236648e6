import BundleFormat
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
  ) throws(JobError) -> JournalPosition {
    do throws(JournalError) {
      return try journal.append(
        event,
        outcome: outcome,
        text: text,
        facts: facts,
        at: WallClock.seconds,
        by: .current
      )
    } catch {
      throw JobError(journal: error)
    }
  }

  /// Notes that a bundle was refused.
  package func noteRefusal(of bundle: BundleReader, _ error: JobError, _ reporter: any JobReporter) {
    noteRefusal(
      "\(bundle.name) was refused: \(error.message)",
      ["bundle": .string(bundle.folder.string)],
      error,
      reporter
    )
  }

  /// Notes that what a source sent was refused because it could not be trusted. Other failures are no refusals.
  package func noteRefusal(ofSource name: String, _ error: JobError, _ reporter: any JobReporter) {
    guard error.status.isDistrust else { return }
    noteRefusal("source \(name) was refused: \(error.message)", ["source": .string(name)], error, reporter)
  }

  /// That the journal cannot be written must not hide why something was refused.
  package func noteRefusal(
    _ text: String,
    _ facts: [String: JournalValue],
    _ error: JobError,
    _ reporter: any JobReporter
  ) {
    do throws(JobError) {
      let status = JournalValue.integer(Int64(error.status.rawValue))
      _ = try append(.refusal, .refused, text, facts.merging(["status": status]) { $1 })
    } catch let failure {
      reporter.warning("journal", "\(failure)")
    }
  }

  /// Notes what was removed from the store.
  package func notePrune(_ text: String) throws(JobError) { _ = try append(.prune, .ok, text) }
}

extension JobError {
  /// A journal that cannot be read or continued.
  package init(journal error: JournalError) {
    switch error {
    case .file(let cause): self.init(file: cause)
    case .busy: self.init(.busy, error.description, remedy: "Try again later.")
    case .broken, .lacks, .differs:
      self.init(
        .brokenJournal,
        error.description,
        remedy:
          "Somebody, or the disk, has changed it. Keep the file for whoever looks into that, move it away, and run the command again: a new journal begins then."
      )
    }
  }
}
