import Collecting
import Console

/// What is trusted, as people read it.
package enum TrustView {
  package static func show(_ report: TrustReport) {
    Console.line("root version \(report.rootVersion), expires \(Timestamp.local(report.rootExpires))")
    Console.line("fingerprint:")
    KeysView.show(report.fingerprint)
    Console.line("the next root has to be signed by \(report.threshold) of")
    for key in report.keys { Console.line("  \(key)") }
    if let version = report.version, let expires = report.expires {
      Console.line("last bundle: version \(version), expires \(Timestamp.local(expires))")
    }
  }

  /// The name of this site, and the key by which the connected side knows it.
  package static func showSite(_ report: TrustReport) {
    Console.line(
      "this site: \(report.site ?? "has no name, and so writes no receipts (site = \"NAME\" in the configuration)")"
    )
    guard let fingerprint = report.siteFingerprint else {
      return Console.line("its key is made with its first receipt")
    }
    Console.line("fingerprint of its key:")
    KeysView.show(fingerprint)
  }
}
