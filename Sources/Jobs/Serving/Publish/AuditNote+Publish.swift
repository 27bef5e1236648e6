import JobCore
import Journal

extension AuditNote {
  /// A release is the current one of a bucket, or is to be.
  static func publish(_ text: String, _ report: PublishReport, to place: String) -> AuditNote {
    AuditNote(
      .publish,
      text,
      [
        "snapshot": .integer(Int64(report.release)), "files": .integer(Int64(report.files)),
        "new-objects": .integer(Int64(report.objects)), "bytes": .integer(report.bytes), "bucket": .string(place),
      ]
    )
  }
}
