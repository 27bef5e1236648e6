import Languages
import StrictJSON

/// What a document tells of a device that uses a key. ``serverName`` is what the Administration Server calls it.
package enum DeviceField: String, RecordField {
  /// The server's own identifier of the device.
  case id
  /// The name that the server shows.
  case name
  /// The group of devices it is in.
  case group
  /// The product on it that uses the key.
  case product
  /// That product's version.
  case version
  /// Whether the key is in use there, or else in reserve.
  case current
  /// When the licence runs out there.
  case expires
  /// When the key was put there.
  case installed
  /// Whether its activation is still pending.
  case pending

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .id: .device(256, .identifier)
    case .name: .device(256, .name)
    case .group: .free(256, .deviceGroup)
    case .product: .text(256, .productAndVersion, .knownWords, else: .knownWords)
    case .version: .text(256, .productAndVersion, .version)
    case .current, .pending: .flag(.use)
    case .expires, .installed: .time(.dates)
    }
  }

  /// The attribute of `LicenseKeys.AcquireKeyHosts` that holds it.
  package var serverName: String {
    switch self {
    case .id: "KLLICSRV_HOSTNAME"
    case .name: "KLLICSRV_HOSTDN"
    case .group: "KLLICSRV_HOST_GRPNAME"
    case .product: "KLLICSRV_PRODUCT"
    case .version: "KLLICSRV_VERSION"
    case .current: "KLLICSRV_HOST_CURRENT"
    case .expires: "KLLICSRV_EXPIRATION_TIME"
    case .installed: "KLLICSRV_INSTALL_TIME"
    case .pending: "KLLIC_LIC_IS_PENDING_SUBSCRIPTION"
    }
  }
}

/// A device that uses a key.
package typealias LicenceDevice = Record<DeviceField>

extension Record where Field == DeviceField {
  /// Reads what `AcquireKeyHosts` gives for a device.
  ///
  /// - Returns: the device, and the names of the attributes whose values could not be read.
  package static func read(attributes: JSONObject) -> (device: LicenceDevice, unreadable: [String]) {
    let (record, unreadable) = LicenceDevice.read(attributes: attributes, fields: DeviceField.byServerName)
    return (record, unreadable)
  }
}

extension DeviceField {
  fileprivate static let byServerName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.serverName, $0) })
}
