import MirrorTypes

/// A device that the server manages, or has seen.
package struct Device: Hashable, Sendable {
  /// What the server calls it (`KLHST_WKS_HOSTNAME`).
  package let id: String
  /// The name that is shown for it.
  package let name: String?
  /// Its system.
  package let system: String?
  /// When it was last seen.
  package let lastVisible: UTCTime?
  /// When its Network Agent last connected.
  package let lastConnected: UTCTime?

  static let attributes = [
    "KLHST_WKS_HOSTNAME", "KLHST_WKS_DN", "KLHST_WKS_OS_NAME", "KLHST_WKS_LAST_VISIBLE",
    "KLHST_WKS_LAST_NAGENT_CONNECTED",
  ]

  init(_ attributes: Params) throws(ParamsError) {
    id = try attributes.required("KLHST_WKS_HOSTNAME", attributes.string("KLHST_WKS_HOSTNAME"))
    name = try attributes.string("KLHST_WKS_DN")
    system = try attributes.string("KLHST_WKS_OS_NAME")
    lastVisible = try attributes.time("KLHST_WKS_LAST_VISIBLE")
    lastConnected = try attributes.time("KLHST_WKS_LAST_NAGENT_CONNECTED")
  }
}

/// A product of the vendor on a device.
package struct InstalledProduct: Hashable, Sendable {
  /// The product, by the vendor's short name: `KES`, `1103`.
  package let product: String
  /// Its version: `11.0.0.0`.
  package let version: String
  /// Its version in full, as people see it: `11.0.0.6499`; `nil` where the agent does not tell.
  package let build: String?
  /// The product, by the name that is shown.
  package let displayName: String?
  /// When it was installed.
  package let installed: UTCTime?

  /// Reads what `HostGroup.GetHostProducts` tells: products by name, each with versions by number.
  static func products(_ params: Params) throws(ParamsError) -> [InstalledProduct] {
    var found: [InstalledProduct] = []
    for (product, value) in params.values.sorted(by: { $0.key < $1.key }) {
      guard let versions = value.params else { throw ParamsError("\(value.kind) where params belong", at: product) }
      for (version, facts) in versions.values.sorted(by: { $0.key < $1.key }) {
        guard let facts = facts.params else { throw ParamsError("\(facts.kind) where params belong", at: product) }
        found.append(
          InstalledProduct(
            product: product,
            version: version,
            build: try facts.string("ProdVersion"),
            displayName: try facts.string("DisplayName"),
            // Older agents give a text.
            installed: try? facts.time("InstallTime")
          )
        )
      }
    }
    return found
  }
}
