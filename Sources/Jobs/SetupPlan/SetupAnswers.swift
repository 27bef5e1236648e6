import MirrorConfiguration
import SystemPackage

/// What somebody has chosen for an installation.
package struct SetupAnswers: Hashable, Sendable {
  /// The side that it is on.
  package enum Side: String, Sendable, Hashable, Encodable, CaseIterable {
    /// The host with internet.
    case connected
    /// An isolated server.
    case isolated
  }

  /// The side.
  package var side: Side
  /// The folder of the store.
  package var store: FilePath
  /// The name of an isolated site.
  package var site: String?
  /// The folder that bundles are written to, on the connected side.
  package var output: FilePath?
  /// The vendor's names of products; with no components either: everything.
  package var products: [String]
  /// Names of components.
  package var components: [String]
  /// Update servers in the place of the vendor's.
  package var servers: [String]
  /// A file with the authorities that these servers' certificates are signed by.
  package var authorities: FilePath?
  /// The address of a proxy.
  package var proxy: String?

  /// Answers.
  package init(
    _ side: Side,
    store: FilePath = Configuration.defaultStore,
    site: String? = nil,
    output: FilePath? = nil,
    products: [String] = [],
    components: [String] = [],
    servers: [String] = [],
    authorities: FilePath? = nil,
    proxy: String? = nil
  ) {
    self.side = side
    self.store = store
    self.site = site
    self.output = output
    self.products = products
    self.components = components
    self.servers = servers
    self.authorities = authorities
    self.proxy = proxy
  }
}
