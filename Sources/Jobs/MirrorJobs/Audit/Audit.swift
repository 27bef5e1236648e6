import BundleFormat
import Journal
import SystemPackage
import Trust

/// Writes into a store's journal what was done to it, refused, or decided about its keys.
struct Audit {
  private let journal: Journal

  /// The journal in a file.
  init(_ file: FilePath) { journal = Journal(file: file) }

  func append(
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

  /// Notes an import.
  func noteImport(_ report: ImportReport, acceptedExpired: [String]) throws(JobError) -> JournalPosition {
    var facts: [String: JournalValue] = [
      "bundle": .string(report.bundle), "snapshot": .integer(Int64(report.snapshot)),
      "version": .integer(Int64(report.version)), "files": .integer(Int64(report.files)),
      "bytes": .integer(report.bytes), "new-objects": .integer(Int64(report.newObjects)),
      "outcome": .string(report.outcome.rawValue),
    ]
    if !acceptedExpired.isEmpty { facts["accepted-expired"] = .string(acceptedExpired.joined(separator: " ")) }
    if let vendor = report.vendor {
      facts["vendor-indexes"] = .integer(Int64(vendor.indexes))
      facts["vendor-files"] = .integer(Int64(vendor.files))
      facts["not-verifiable"] = .integer(Int64(vendor.notVerifiable))
      if !vendor.olderIndexes.isEmpty { facts["older-indexes"] = .integer(Int64(vendor.olderIndexes.count)) }
    }
    let expired = acceptedExpired.isEmpty ? "" : "; its metadata had expired and was accepted all the same"
    let what =
      switch report.outcome {
      case .same: "was here already, and was verified again"
      case .held: "was here already, and was verified again; it is held back, since somebody went back from it"
      case .taken: "was imported, on the way to a later one"
      case .published, .verified: "was imported and published"
      }
    let text = "snapshot \(report.snapshot) of bundle \(report.bundle) \(what)\(expired)"
    return try append(.import, .ok, text, facts)
  }

  /// Notes that a bundle was refused.
  func noteRefusal(of bundle: BundleReader, _ error: JobError, _ reporter: any JobReporter) {
    noteRefusal(
      "\(bundle.name) was refused: \(error.message)",
      ["bundle": .string(bundle.folder.string)],
      error,
      reporter
    )
  }

  /// Notes that what a source sent was refused because it could not be trusted. Other failures are no refusals.
  func noteRefusal(ofSource name: String, _ error: JobError, _ reporter: any JobReporter) {
    guard error.status.isDistrust else { return }
    noteRefusal("source \(name) was refused: \(error.message)", ["source": .string(name)], error, reporter)
  }

  /// That the journal cannot be written must not hide why something was refused.
  func noteRefusal(
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

  /// Notes a bundle that was written.
  func notePack(_ bundle: WrittenBundle, to folder: FilePath, _ reporter: any JobReporter) throws(JobError) {
    let position = try append(
      .pack,
      .ok,
      "snapshot \(bundle.snapshot.number) was packed to \(folder)\(bundle.facts.site.map { " for site \($0)" } ?? "")",
      [
        "bundle": .string(bundle.name), "snapshot": .integer(Int64(bundle.snapshot.number)),
        "version": .integer(Int64(bundle.header.version)), "volumes": .integer(Int64(bundle.volumes.count)),
      ]
    )
    reporter.information("journal", "journal: \(position)")
  }

  /// Notes a change to the keys.
  func noteKeys(_ text: String) throws(JobError) { _ = try append(.keys, .ok, text) }

  /// Notes whose bundles are trusted.
  func noteTrust(_ text: String, version: Int) throws(JobError) {
    _ = try append(.trust, .ok, text, ["root-version": .integer(Int64(version))])
  }

  /// Notes that a release is the current one of a bucket now.
  func notePublish(_ report: PublishReport, to place: String) throws(JobError) {
    _ = try append(
      .publish,
      .ok,
      "release \(report.release) was published to \(place)",
      [
        "snapshot": .integer(Int64(report.release)), "files": .integer(Int64(report.files)),
        "new-objects": .integer(Int64(report.objects)), "bytes": .integer(report.bytes), "bucket": .string(place),
      ]
    )
  }

  /// Notes what was removed from the store.
  func notePrune(_ text: String) throws(JobError) { _ = try append(.prune, .ok, text) }
}

extension JobError {
  /// A journal that cannot be read or continued.
  init(journal error: JournalError) {
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
