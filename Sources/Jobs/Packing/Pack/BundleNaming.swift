import BundleFormat
import JobCore
import Sites
import StoreTrust
import SystemPackage

/// Decides how the files of a bundle's volumes are named.
enum BundleNaming {
  /// As TUF clients look for them, unless the newest receipt of the site tells that the program there reads only bundles
  /// with plain names. Of a site without receipts nothing of the kind is known.
  static func choose(
    for site: String?,
    in store: FilePath,
    reporter: any JobReporter
  ) throws -> VolumeNaming {
    guard let site, let receipt = try SiteRegistry(store: store).site(named: site)?.newest,
      receipt.bundleFormat < BundleFacts.formatOfDigestNames
    else { return .digest }
    reporter.information(
      "plain-names",
      "site '\(site)' has a kscmirror that reads bundles up to format \(receipt.bundleFormat): the volumes get the plain names that it looks for, under which TUF clients do not find them"
    )
    return .plain
  }
}
