import ContentStore
import FileSystem
import MirrorTypes
import SystemPackage

/// Where a store keeps what it trusts and signs (DESIGN.md, section 4).
package struct StoreFolders: Sendable {
  /// Below which folder of a release update trees are published.
  package static let updates = "updates"

  /// The permissions of a folder that holds nothing secret, and is nobody's business but the store's group's.
  package static let shared: UInt32 = 0o750

  private let map: StoreMap

  /// The store's own folder.
  package var root: FilePath { map.root }

  /// The folders of the store in the folder `store`.
  package init(_ store: FilePath) { map = StoreMap(store) }

  /// Private keys.
  package var keys: FilePath { map[.keys] }
  /// The signed metadata as the web store serves it.
  package var metadata: FilePath { map[.metadata] }
  /// What is trusted of the bundles that come here.
  package var trust: FilePath { map[.trust] }
  /// Receipts: this store's own, and those of the sites that it knows.
  package var receipts: FilePath { map[.receipts] }
  /// Parcels: those that this site makes in `out/`, and those that came here in `sites/NAME/`. Deliveries: those for
  /// sites in `to/NAME/`, and those that came here in `in/NAME/`.
  package var parcels: FilePath { map[.parcels] }
  /// Data for the Kaspersky Security Network: what of a spool has left, and in `SITE/` what sites have told.
  package var ksn: FilePath { map[.ksn] }
  /// Licence documents, in `SITE/`.
  package var licences: FilePath { map[.licences] }
  /// What has been exchanged with each site.
  package var exchange: FilePath { map[.exchange] }
  /// What has left exchange folders for a site.
  package func exchange(to site: String) -> FilePath { exchange.appending("to-\(site)") }
  /// What of the exchange folders of a site is kept here.
  package func exchange(from site: String) -> FilePath { exchange.appending("from-\(site)") }
  /// A package whose record on the Administration Server is in doubt.
  package var pendingPackage: FilePath { map[.pendingPackage] }
  /// What has come of bundles that are not whole yet.
  package var incoming: FilePath { map[.incoming] }
  /// A bundle that is being spread over several sticks.
  package var outgoing: FilePath { map[.outgoing] }
  /// Which commands fail, and whether that was reported.
  package var notices: FilePath { map[.notices] }
  /// Packages of this program.
  package var program: FilePath { map[.program] }
  /// Which folders had sticks mounted when they were last written to.
  package var mounts: FilePath { map[.mounts] }
  /// The journal.
  package var journal: FilePath { map[.journal] }

  /// The place of one of these folders, below the store's own folder, opened anew.
  package func place(of folder: FilePath) throws(FileError) -> Place {
    let store = try OpenFolder(root).place
    return folder.removingLastComponent() == root ? store.appending(folder.lastComponent?.string ?? "") : store
  }

  /// What is trusted of a source of kind `tuf`.
  package func trust(ofSource name: String) -> FilePath { trust.appending("source-\(name)") }

  /// The private key of a role.
  package func key(_ role: String) -> FilePath { keys.appending("\(role).key") }

  /// What of a repository's metadata has to outlive an update: the root, and the versions that protect against older ones.
  package static let keptMetadata: Set<String> = ["root.json", "timestamp.json", "snapshot.json"]

  /// The sites that have something in one of these folders, sorted.
  package static func sites(in folder: FilePath) throws -> [String] {
    guard try Files.status(folder)?.kind == .folder else { return [] }
    return try Files.entries(of: folder).map(\.name).filter(SiteName.isValid).sorted()
  }
}
