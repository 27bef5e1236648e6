import Console
import MirrorTypes
import ServerJobs

/// Agreements as people read them.
package enum AgreementView {
  /// A text from the server, with its line ends as they are here and no other control characters.
  package static func printable(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\t", with: "    ")
    return lines.hasSuffix("\n") ? lines : lines + "\n"
  }

  package static func table(_ agreements: [PackageAgreement]) -> String {
    let rows = agreements.map { agreement in
      [
        "\(agreement.number)", agreement.name, agreement.kind, agreement.language ?? "all",
        agreement.isAccepted ? "yes" : "no", agreement.isNeeded ? "yes" : "no",
        agreement.packages.map { "\($0)" }.joined(separator: ","), Words.bytes(agreement.size),
        "\(agreement.sha256.prefix(16))…",
      ]
    }
    let head = ["number", "name", "kind", "language", "accepted", "needed", "packages", "size", "SHA-256"]
    return Console.table([head] + rows, rightAligned: [0, 7], below: [2, 3, 6, 7, 8])
  }

  /// Tells what was accepted, and what waits.
  package static func show(_ report: PackageReport) {
    for agreement in report.agreements where report.accepted.contains(agreement.number) {
      Console.line("accepted \(agreement.title)")
    }
    for agreement in report.agreements where report.waiting.contains(agreement.number) {
      Console.line("not accepted: \(agreement.title)")
    }
  }
}
