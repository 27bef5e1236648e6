/// What an Administration Server says of itself. What a server does not tell is `nil`.
package struct ServerInfo: Hashable, Sendable {
  /// All values, as they came.
  package let attributes: Params
  /// The product's name.
  package let productName: String?
  /// The product's version, in full.
  package let fullVersion: String?
  /// The product's version.
  package let version: String?
  /// What the server calls the device that it runs on.
  package let hostID: String?
  /// Whether it runs on Linux.
  package let isLinux: Bool?
  /// Whether it is a virtual server.
  package let isVirtual: Bool?

  static let names = [
    "KLADMSRV_PRODUCT_NAME", "KLADMSRV_PRODUCT_FULL_VERSION", "KLADMSRV_PRODUCT_VERSION", "KLADMSRV_SERVER_HOSTNAME",
    "KLADMSRV_LINUX_EDITION", "KLADMSRV_IS_VIRTUAL",
  ]

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    productName = try attributes.string("KLADMSRV_PRODUCT_NAME")
    fullVersion = try attributes.string("KLADMSRV_PRODUCT_FULL_VERSION")
    version = try attributes.string("KLADMSRV_PRODUCT_VERSION")
    hostID = try attributes.string("KLADMSRV_SERVER_HOSTNAME")
    isLinux = try attributes.bool("KLADMSRV_LINUX_EDITION")
    isVirtual = try attributes.bool("KLADMSRV_IS_VIRTUAL")
  }
}

extension AdministrationServer {
  /// What the server says of itself (`HostGroup.GetStaticInfo`).
  package func serverInfo() async throws(AdministrationServerError) -> ServerInfo {
    let method = "HostGroup.GetStaticInfo"
    let answer = try await call(method, ["pValues": .array(ServerInfo.names.map(ParamsValue.string))])
    return try asked(method) { () throws(ParamsError) in try ServerInfo(answer.returnedParams()) }
  }

  /// The path of the folder that the server shares, with the update tree in `Updates` (`AdmServerSettings`).
  package func sharedFolder() async throws(AdministrationServerError) -> String {
    let method = "AdmServerSettings.GetSharedFolder"
    let answer = try await call(method)
    return try asked(method) { () throws(ParamsError) in try answer.returnedString() }
  }

  /// The name that clients use for the server's Web server, ports 8060 and 8061 (`IWebSrvSettings`); empty where none
  /// was set.
  package func webServerName() async throws(AdministrationServerError) -> String {
    let method = "IWebSrvSettings.GetCustomPkgHttpFqdn"
    let answer = try await call(method)
    return try asked(method) { () throws(ParamsError) in try answer.returnedString() }
  }
}
