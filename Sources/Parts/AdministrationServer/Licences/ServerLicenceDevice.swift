import MirrorTypes

/// An application on a device that uses a licence key. What a server does not tell, or tells in another form than
/// documented, is `nil`.
package struct ServerLicenceDevice: Hashable, Sendable {
  /// What the server calls the device.
  package let id: String
  /// The name that is shown for it.
  package let name: String?
  /// The group that it is in.
  package let group: String?
  /// Whether the key is the active one there; else it is in reserve.
  package let isActive: Bool?
  /// When the licence ends there.
  package let expires: UTCTime?
  /// Since when it is there.
  package let installed: UTCTime?
  /// The application, by the vendor's short name.
  package let product: String?
  /// The application's version.
  package let version: String?

  init(_ attributes: Params) throws(ParamsError) {
    id = try attributes.required("KLLICSRV_HOSTNAME", attributes.string("KLLICSRV_HOSTNAME"))
    name = attributes.tolerantly { try $0.string("KLLICSRV_HOSTDN") }
    group = attributes.tolerantly { try $0.string("KLLICSRV_HOST_GRPNAME") }
    isActive = attributes.tolerantly { try $0.bool("KLLICSRV_HOST_CURRENT") }
    expires = attributes.tolerantly { try $0.time("KLLICSRV_EXPIRATION_TIME") }
    installed = attributes.tolerantly { try $0.time("KLLICSRV_INSTALL_TIME") }
    product = attributes.tolerantly { try $0.string("KLLICSRV_PRODUCT") }
    version = attributes.tolerantly { try $0.string("KLLICSRV_VERSION") }
  }
}
