/// What of a made-up tree is for single applications, if it has any: components whose indexes the primary ones restrict
/// to an application, and the vendor's catalogue that knows these applications.
///
/// The tree calls them as the vendor does: what people see as `KES 12.1.0.506` is `KES 21.13.5.506` in the indexes.
package enum TreeApplication: String, CaseIterable, Sendable {
  case windows = "KES11"
  case linux = "KSLS12"
  case mac = "KESMAC12"

  /// Its component, which is named like the folder that it lies in.
  package var component: String { rawValue }

  /// What the indexes restrict it to.
  var restriction: String {
    switch self {
    case .windows: "KES 21.[4-24]"
    case .linux: "KSLS 12;KESLKSVLA 12"
    case .mac: "KESMAC 12.[0-3]"
    }
  }

  /// Its entry in the catalogue, with the component of its own and the common ones that it needs.
  var entry: String {
    let (name, version, application) =
      switch self {
      case .windows: ("KasperskyEndpointSecurityForWinWKS_11_13_256", "12.1.0.506 (AES-256)", "KES 21.13.5.506")
      case .linux: ("KasperskyEndpointSecurityForLinux_12_1_0", "12.1.0.1274", "KSLS 12.1.0.1274")
      case .mac: ("KasperskyEndpointSecurityForMacOSX_12_1_0", "12.1.0.553", "KESMAC 12.1.0.553")
      }
    return UpdateTree.product(name, version, ["KDB", "APU", "KSN", component], application: application)
  }

  /// The Administration Server's own entry.
  static var serverEntry: String {
    UpdateTree.product(
      "KasperskySecurityCenterLinux_15_1",
      "15.1.0.20748",
      ["KSN", "VLNS"],
      application: "KSC 15.1.0.20748"
    )
  }
}
