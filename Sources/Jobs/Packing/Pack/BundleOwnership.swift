import BundleFormat
import Bundles
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Sites
import StoreTrust
import SystemPackage
import Trust

/// Tells whose a bundle is that lies in an output folder: which store has made it, and for whom.
struct BundleOwnership {
  /// The name of the first root of this store that is kept, which all its bundles carry.
  private let first: String
  private let root: [UInt8]

  private static let largestRoot = 1 << 20

  /// - Parameter metadata: the folder of this store's own metadata.
  init(metadata: FilePath) throws {
    let versions = try Files.entries(of: metadata).compactMap { RepositoryState.parts(of: $0.name) }
      .filter { $0.role == "root" }.map(\.version)
    first = "\(versions.min() ?? 1).root.json"
    root = try Files.read(metadata.appending(first), atMost: Self.largestRoot)
  }

  /// What an unfinished bundle of this store says about who is writing it.
  var mark: String { "Store: SHA-256 of its first root \(ObjectDigest.sha256(of: root).hex)" }

  /// Whether a bundle was made by this store.
  func isOurs(_ bundle: BundleReader) -> Bool { firstRoot(of: bundle) == root }

  /// Whether a bundle was made by another store: its root is a whole one, and not this store's. One without a root, or with
  /// a damaged one, is nobody's: no site can take it in.
  func isOthers(_ bundle: BundleReader) -> Bool {
    guard let other = firstRoot(of: bundle), other != root else { return false }
    return (try? TrustedMetadata(trustedRoot: other, now: .epoch)) != nil
  }

  private func firstRoot(of bundle: BundleReader) -> [UInt8]? {
    try? bundle.metadata.appending(first).read(atMost: Self.largestRoot)
  }

  /// Whether a bundle of this store is for a site, or for any if `site` is `nil`.
  func isOurs(_ bundle: BundleReader, for site: String?) -> Bool {
    guard isOurs(bundle), let claims = try? BundleClaims(bundle) else { return false }
    return claims.site == site
  }

  /// Whose a bundle is that has the name of the one that is to be written; `nil`: it may be written anew.
  ///
  /// - Parameter site: whom the new one is for.
  func otherOwner(of bundle: BundleReader, besides site: String?) -> String? {
    if isOthers(bundle) { return "it was made by another store" }
    guard let claims = try? BundleClaims(bundle), claims.site != site else { return nil }
    return "it is for \(claims.site.map { "site '\($0)'" } ?? "any site")"
  }
}

extension BundleOwnership {
  /// Removes bundles from a stick of which the newest receipt of their site proves that they were imported: the site has
  /// that very snapshot.
  ///
  /// - Returns: their names.
  func removeImported(by site: KnownSite, from medium: Place, _ store: ContentStore) throws -> [String] {
    guard let held = site.newest?.held, !held.isEmpty else { return [] }
    let trees = Dictionary(try store.snapshots().map { ($0.number, $0.treeDigest) }) { first, _ in first }
    let proven = Set(held.filter { trees[$0.snapshot] == $0.tree }.map(\.snapshot))
    let found = try BundleReader.find(in: medium)
      .filter { $0.folder.parent == medium && proven.contains($0.snapshot) && isOurs($0, for: site.name) }
    for bundle in found { try BundleWriter.remove(bundle, from: medium) }
    return found.map(\.name)
  }
}
