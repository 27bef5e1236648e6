import MirrorTypes
import VendorChecks

extension Words {
  /// What the vendor's signatures say, in a line.
  package static func vendor(_ report: VendorReport) -> String {
    "vendor's signatures: \(count(report.indexes, "index", "indexes")) and \(count(report.files, "file")) verified, \(count(report.notVerifiable)) not verifiable"
  }
}
