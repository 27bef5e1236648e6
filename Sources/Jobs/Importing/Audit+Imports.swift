import BundleFormat
import Bundles
import JobCore
import Journal
import StoreTrust
import VendorChecks

extension Audit {
  /// Notes that a bundle was refused.
  func noteRefusal(of bundle: BundleReader, _ failure: JobError, _ reporter: any JobReporter) {
    noteRefusal(
      "\(bundle.name) was refused: \(failure.message)",
      ["bundle": .string("\(bundle.folder)")],
      failure,
      reporter
    )
  }
}

extension AuditNote {
  /// An import begins.
  static func beginningImport(of reader: BundleReader) -> AuditNote {
    AuditNote(
      .import,
      "the import of \(reader.name)",
      ["bundle": .string("\(reader.folder)")],
      refused: reader.name
    )
  }

  /// A bundle was imported.
  static func imported(_ report: ImportReport, _ bundle: VerifiedBundle) -> AuditNote {
    let acceptedExpired = bundle.trusted.tolerated
    var facts: [String: JournalValue] = [
      "bundle": .string(report.bundle), "snapshot": .integer(Int64(report.snapshot)),
      "version": .integer(Int64(report.version)), "files": .integer(Int64(report.files)),
      "bytes": .integer(report.bytes), "new-objects": .integer(Int64(report.newObjects)),
      "outcome": .string(report.outcome.rawValue),
    ]
    let age = SnapshotAge(bundle.snapshot.notes)
    if let date = age.date { facts["databases"] = .integer(date.seconds) }
    if !acceptedExpired.isEmpty { facts["accepted-expired"] = .string(acceptedExpired.joined(separator: " ")) }
    if let vendor = report.vendor {
      facts["vendor-indexes"] = .integer(Int64(vendor.indexes))
      facts["vendor-files"] = .integer(Int64(vendor.files))
      facts["not-verifiable"] = .integer(Int64(vendor.notVerifiable))
      if !vendor.olderIndexes.isEmpty { facts["older-indexes"] = .integer(Int64(vendor.olderIndexes.count)) }
    }
    let expired = acceptedExpired.isEmpty ? "" : "; its metadata had expired and was accepted by a person"
    let what =
      switch report.outcome {
      case .same: "was here already, and was verified again"
      case .held: "was verified, and is not published, because a person rolled it back"
      case .taken: "was imported, on the way to a later one"
      case .published, .verified: "was imported and published"
      }
    let text = "snapshot \(report.snapshot) of bundle \(report.bundle) \(what)\(age.logged)\(expired)"
    return AuditNote(.import, text, facts)
  }
}
