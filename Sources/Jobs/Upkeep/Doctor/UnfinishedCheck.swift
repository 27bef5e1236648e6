import JobCore
import Journal

/// Whether the journal can be written, and what of it has no outcome.
struct UnfinishedCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    let journal = Journal(file: patient.folders.journal, patience: 1)
    do throws(JournalError) {
      try journal.refuseIfBusy()
      let unfinished = try UnfinishedFacts.worthALook(in: journal)
      guard !unfinished.isEmpty else { return [.ok("journal.unfinished", "all that has begun has an outcome")] }
      return unfinished.suffix(5).map { fact in
        .warning(
          "journal.unfinished",
          fact.sentence,
          remedy:
            "See with 'kscmirror status' what is published, and with 'keys show' or 'trust show' what is in force; then run the command again."
        )
      }
    } catch {
      return [.error("journal.unfinished", JobError(error))]
    }
  }
}
