import MirrorTypes

/// An application on a device that uses a licence key.
public struct LicenceDevice: Hashable, Sendable {
  /// What the server calls the device.
  public let id: String
  /// The name that is shown for it.
  public let name: String?
  /// The group that it is in.
  public let group: String?
  /// Whether the key is the active one there; else it is in reserve.
  public let isActive: Bool?
  /// When the licence ends there.
  public let expires: UTCTime?
  /// Since when it is there.
  public let installed: UTCTime?
  /// The application, by the vendor's short name.
  public let product: String?
  /// The application's version.
  public let version: String?

  init(_ attributes: Params) throws(ParamsError) {
    id = try attributes.required("KLLICSRV_HOSTNAME", attributes.string("KLLICSRV_HOSTNAME"))
    name = try attributes.string("KLLICSRV_HOSTDN")
    group = try attributes.string("KLLICSRV_HOST_GRPNAME")
    isActive = try attributes.bool("KLLICSRV_HOST_CURRENT")
    expires = try attributes.time("KLLICSRV_EXPIRATION_TIME")
    installed = try attributes.time("KLLICSRV_INSTALL_TIME")
    product = try attributes.string("KLLICSRV_PRODUCT")
    version = try attributes.string("KLLICSRV_VERSION")
  }
}
