import Languages

/// What a document of KSN tells about the site, its proxy and its connection. ``setting`` is what
/// `KsnInternal.GetSettings` calls it.
package enum KSNField: String, RecordField {
  /// The site.
  case site
  /// When the document was made.
  case made
  /// The program that wrote it, with its version.
  case program
  /// The Administration Server's version.
  case serverVersion
  /// The Administration Server's installation, by its identifier.
  case serverInstallation
  /// The Administration Server's own name.
  case serverName
  /// Who has made it.
  case user
  /// What somebody has written about it.
  case comment
  /// Whether the proxy of KSN is on.
  case proxyEnabled
  /// Its TCP port, usually 13111.
  case proxyTCPPort
  /// Its UDP port, usually 15111.
  case proxyUDPPort
  /// Whether it serves HTTPS.
  case proxyHTTPS
  /// Its HTTPS port, usually 17111.
  case proxyHTTPSPort
  /// Which kind of KSN it serves, by the server's number.
  case networkType
  /// Whether the primary server's proxy stands for KSN.
  case usesPrimaryServer
  /// Whether Private KSN is reached past all proxies.
  case connectsDirectly
  /// Whether statistics of patch management are sent.
  case sendsPatchStatistics
  /// Whether statistics are to be sent, by `NeedToSendStatistics`.
  case needsStatistics
  /// Whether KSN could be reached at the last check, by `CheckKsnConnection`.
  case connected
  /// When that was checked.
  case checked
  /// What the check failed with, as the server's number.
  case checkError

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .site: .text(128, .site, .siteName)
    case .program: .text(128, .program, .program)
    case .serverVersion: .text(128, .serverVersion, .version)
    case .serverInstallation: .text(128, .serverInstallation, .identifier)
    case .made, .checked: .time(.dates)
    case .serverName: .server(256, .serverName)
    case .user: .free(256, .user)
    case .comment: .free(1024, .comment)
    case .proxyTCPPort, .proxyUDPPort, .proxyHTTPSPort: .number(0...65_535, .proxySettings)
    case .networkType: .count(.proxySettings)
    case .checkError: .number(Int64(Int32.min)...Int64(Int32.max), .ksnConnection)
    case .proxyEnabled, .proxyHTTPS, .usesPrimaryServer, .connectsDirectly, .sendsPatchStatistics, .needsStatistics:
      .flag(.proxySettings)
    case .connected: .flag(.ksnConnection)
    }
  }

  /// The setting of `KsnInternal.GetSettings` that holds it; `nil` for what is not a setting.
  package var setting: String? {
    switch self {
    case .proxyEnabled: "KSNPROXY_ENABLE"
    case .proxyTCPPort: "KSNPROXY_TCP_PORT"
    case .proxyUDPPort: "KSNPROXY_UDP_PORT"
    case .proxyHTTPS: "KSNPROXY_ENABLE_HTTPS"
    case .proxyHTTPSPort: "KSNPROXY_HTTPS_PORT"
    case .networkType: "KSNPROXY_KSN_TYPE"
    case .usesPrimaryServer: "KSNPROXY_USE_MASTER_KSNPROXY_AS_KSN"
    case .connectsDirectly: "KSNPROXY_USE_DIRECT_CONN_KPSN"
    case .sendsPatchStatistics: "KSNPROXY_ENABLE_PATCH_MAN_STAT"
    default: nil
    }
  }

  static let bySetting = Dictionary(
    uniqueKeysWithValues: allCases.compactMap { field in field.setting.map { ($0, field) } }
  )
}

/// A statement about KSN that was accepted, or not.
package enum StatementField: String, RecordField {
  /// Which one, as the server or the product calls it.
  case name
  /// Its language, such as `en`.
  case language
  /// Its version, where it has one.
  case version
  /// Whether it was accepted.
  case accepted
  /// When.
  case acceptedAt
  /// The SHA-256 of its text.
  case sha256

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .name: .text(256, .statementName, .oneOf([KSNStatement.ofPrivateKSN]))
    case .language: .text(64, .language, .language)
    case .version: .text(64, .statementVersion, .versionOrDate)
    case .accepted: .flag(.accepted)
    case .acceptedAt: .time(.dates)
    case .sha256: .digest(.digest)
    }
  }
}

/// A statement about KSN.
package typealias KSNStatement = Record<StatementField>

extension Record where Field == StatementField {
  /// What the statement of a server's Private KSN is called.
  package static var ofPrivateKSN: String { "Private KSN" }
}

/// A configuration of Private KSN by its outside: who signed it, when, and its digest.
package enum ConfigurationField: String, RecordField {
  /// The file's name.
  case name
  /// The provider, as the signer's certificate names it.
  case provider
  /// Who has issued that certificate.
  case issuer
  /// When it was signed, as the signature says.
  case signed
  /// Its size in bytes.
  case size
  /// Its SHA-256.
  case sha256
  /// `der` or `pem`.
  case form

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .name: .text(255, .configurationName, .oneOf([KSNConfiguration.onServer]))
    case .provider: .free(512, .privateProvider)
    case .issuer: .free(512, .certificateIssuer)
    case .signed: .time(.dates)
    case .size: .count(.size)
    case .sha256: .digest(.digest)
    case .form: .text(8, .form, .oneOf(["der", "pem"]))
    }
  }
}

/// A configuration of Private KSN by its outside.
package typealias KSNConfiguration = Record<ConfigurationField>

extension Record where Field == ConfigurationField {
  /// What the configuration is called that a server itself has.
  package static var onServer: String { "set up on the server" }
}
