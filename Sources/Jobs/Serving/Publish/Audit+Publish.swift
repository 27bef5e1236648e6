import JobCore
import Journal

extension Audit {
  /// Notes that a release is the current one of a bucket now.
  func notePublish(_ report: PublishReport, to place: String) throws {
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
}
