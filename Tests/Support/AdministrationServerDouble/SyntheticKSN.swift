/// What the double says of KSN.
package struct SyntheticKSN: Codable, Sendable {
  /// Whether the proxy is on.
  package var isEnabled = true
  /// Whether KSN can be reached.
  package var isReachable = true
  /// Whether statistics may be sent.
  package var takesStatistics = true
  /// The number of its kind.
  package var kind = 1
  /// Languages that its statements are in.
  package var languages = ["en", "ru"]

  /// Settings of the proxy that nobody knows.
  package var settingTexts: [String: String] = [:]
  /// Attributes that every statement has as texts, whatever they should be.
  package var statementTexts: [String: String] = [:]

  /// A proxy that is on.
  package init() {}

  var settings: [String: Any] {
    let all: [String: Any] = [
      "KSNPROXY_ENABLE": isEnabled, "KSNPROXY_TCP_PORT": 13111, "KSNPROXY_UDP_PORT": 15111,
      "KSNPROXY_ENABLE_HTTPS": false, "KSNPROXY_HTTPS_PORT": 17111, "KSNPROXY_KSN_TYPE": kind,
      "KSNPROXY_USE_MASTER_KSNPROXY_AS_KSN": false, "KSNPROXY_USE_DIRECT_CONN_KPSN": false,
      "KSNPROXY_ENABLE_PATCH_MAN_STAT": true,
    ]
    return all.merging(settingTexts) { $1 }
  }

  func statement(_ language: String) -> [String: Any]? {
    guard languages.contains(language) else { return nil }
    let all: [String: Any] = [
      "NKsnEula": "Synthetic statement (\(language))", "NKsnEulaLoc": language, "NKsnProviderLoc": language,
      "NKsnProviderName": "Nobody's Private KSN", "NKsnProviderContacts": "nobody@example.invalid",
      "NKsnCreateTime": "2024-05-20 10:00:00",
    ]
    return all.merging(statementTexts) { $1 }
  }
}
