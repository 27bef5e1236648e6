import BundleFormat
import JobCore
import Sites
import StoreTrust
import SystemPackage

/// Decides how the folder and the volumes of a bundle are named, by what the program at its site looks for.
struct BundleNaming {
  /// How the files of volumes are named: as TUF clients look for them, unless the site's program reads plain names only.
  let volumes: VolumeNaming
  /// Whether the folder of a bundle for a site has the site's name.
  let hasSite: Bool

  /// Of a site without receipts nothing is known that would be in the way.
  init(for site: String?, in store: FilePath, reporter: any JobReporter) throws {
    let format = try site.flatMap { try SiteRegistry(store: store).site(named: $0)?.newest?.bundleFormat }
    hasSite = format ?? BundleFacts.newestFormat >= BundleFacts.formatOfSiteNames
    guard let site, let format, format < BundleFacts.formatOfDigestNames else {
      volumes = .digest
      return
    }
    volumes = .plain
    reporter.information(
      "plain-names",
      "site '\(site)' has a kscmirror that reads bundles up to format \(format): the volumes get the plain names that it looks for, under which TUF clients do not find them"
    )
  }
}
