/// How the server's KSN proxy is set up (section `KSNPROXY_SETTINGS`). What a server does not tell is `nil`.
package struct ServerKSNSettings: Hashable, Sendable {
  /// All settings, as they came.
  package let attributes: Params
  /// Whether the proxy is on.
  package let isEnabled: Bool?
  /// The number of the kind of KSN: global or private.
  package let kind: Int64?
  /// Its TCP port; 13111 if it was not changed.
  package let tcpPort: Int64?
  /// Its UDP port; 15111 if it was not changed.
  package let udpPort: Int64?
  /// Whether it takes HTTPS.
  package let isHTTPSEnabled: Bool?
  /// Its HTTPS port; 17111 if it was not changed.
  package let httpsPort: Int64?
  /// Whether it asks the primary server's proxy instead of KSN.
  package let usesPrimaryServer: Bool?
  /// Whether it goes to Private KSN past the proxy server.
  package let connectsDirectly: Bool?
  /// Whether statistics of patches are sent.
  package let sendsPatchStatistics: Bool?

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    isEnabled = try attributes.bool("KSNPROXY_ENABLE")
    kind = try attributes.integer("KSNPROXY_KSN_TYPE")
    tcpPort = try attributes.integer("KSNPROXY_TCP_PORT")
    udpPort = try attributes.integer("KSNPROXY_UDP_PORT")
    isHTTPSEnabled = try attributes.bool("KSNPROXY_ENABLE_HTTPS")
    httpsPort = try attributes.integer("KSNPROXY_HTTPS_PORT")
    usesPrimaryServer = try attributes.bool("KSNPROXY_USE_MASTER_KSNPROXY_AS_KSN")
    connectsDirectly = try attributes.bool("KSNPROXY_USE_DIRECT_CONN_KPSN")
    sendsPatchStatistics = try attributes.bool("KSNPROXY_ENABLE_PATCH_MAN_STAT")
  }
}

/// A statement of Private KSN, in one language ("Format of KPSN eula params").
package struct ServerKSNStatement: Hashable, Sendable {
  /// All attributes, as they came.
  package let attributes: Params
  /// The text.
  package let text: String?
  /// Its language: `en`, `ru` …
  package let language: String?
  /// Who provides the Private KSN.
  package let providerName: String?
  /// How to reach them.
  package let providerContacts: String?
  /// The language of what is said about them.
  package let providerLanguage: String?
  /// When the configuration was made, in the provider's own words.
  package let created: String?

  init(_ attributes: Params) throws(ParamsError) {
    self.attributes = attributes
    text = try attributes.string("NKsnEula")
    language = try attributes.string("NKsnEulaLoc")
    providerName = try attributes.string("NKsnProviderName")
    providerContacts = try attributes.string("NKsnProviderContacts")
    providerLanguage = try attributes.string("NKsnProviderLoc")
    created = try attributes.string("NKsnCreateTime")
  }
}
