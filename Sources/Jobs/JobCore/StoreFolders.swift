import FileSystem
import SystemPackage

/// Where a store keeps what it trusts and signs (DESIGN.md, section 4).
package struct StoreFolders: Sendable {
  /// Below which folder of a release update trees are published.
  package static let updates = "updates"

  private let root: FilePath

  /// The folders of the store in the folder `store`.
  package init(_ store: FilePath) { root = store }

  /// Private keys.
  package var keys: FilePath { root.appending("keys") }
  /// The signed metadata as the web store serves it.
  package var metadata: FilePath { root.appending("metadata") }
  /// What is trusted of the bundles that come here.
  package var trust: FilePath { root.appending("trust") }
  /// Receipts: this store's own, and those of the sites that it knows.
  package var receipts: FilePath { root.appending("receipts") }
  /// Parcels: those that this site makes in `out/`, and those that came here in `sites/NAME/`. Deliveries: those for
  /// sites in `to/NAME/`, and those that came here in `in/NAME/`.
  package var parcels: FilePath { root.appending("parcels") }
  /// Data for the Kaspersky Security Network: what of a spool has left, and in `SITE/` what sites have told.
  package var ksn: FilePath { root.appending("ksn") }
  /// What has come of bundles that are not whole yet.
  package var incoming: FilePath { root.appending("incoming") }
  /// A bundle that is being spread over several sticks.
  package var outgoing: FilePath { root.appending("outgoing") }
  /// The journal.
  package var journal: FilePath { root.appending("journal") }

  /// What is trusted of a source of kind `tuf`.
  package func trust(ofSource name: String) -> FilePath { trust.appending("source-\(name)") }

  /// The private key of a role.
  package func key(_ role: String) -> FilePath { keys.appending("\(role).key") }

  /// What of a repository's metadata has to outlive an update: the root, and the versions that protect against older ones.
  package static let keptMetadata: Set<String> = ["root.json", "timestamp.json", "snapshot.json"]
}
