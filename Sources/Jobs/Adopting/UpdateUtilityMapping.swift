import MirrorTypes

/// What of the Update Utility's configuration there is in ours, and what of it there is not.
struct UpdateUtilityMapping {
  /// A setting that has no counterpart, and why, or what to do instead.
  struct Leftover: Hashable {
    let setting: String
    let reason: String
  }

  /// Our configuration.
  private(set) var text = ""
  /// What was not taken over.
  private(set) var leftovers: [Leftover] = []

  private let file: UpdateUtilityFile
  private var lines: [String] = []
  private var used = Set<String>()

  /// Whether it is such a configuration at all: one of its sections is there.
  static func isOne(_ file: UpdateUtilityFile) -> Bool {
    let sections = Set(file.settings.map(\.section))
    return !sections.isDisjoint(with: [
      "ConnectionSettings", "ComponentSettings", "UpdatesSourceSettings", "SdkSettings",
    ])
  }

  /// - Parameter store: the folder of the store, as it is to be written.
  init(_ file: UpdateUtilityFile, store: String) {
    self.file = file
    takeServers()
    takeSelection()
    takeProxy()
    takeRest()
    listWhatIsLeft()
    text = "store = \(Self.quoted(store))\n\n[[source]]\nname = \"kaspersky\"\nkind = \"kaspersky\"\n"
    text += lines.map { $0 + "\n" }.joined()
  }

  // MARK: - Reading

  private mutating func value(_ section: String, _ key: String) -> String? {
    used.insert("\(section)/\(key)")
    return file[section, key]
  }

  private mutating func isOn(_ section: String, _ key: String) -> Bool {
    used.insert("\(section)/\(key)")
    return file.isOn(section, key)
  }

  private mutating func leave(_ key: String, _ value: String?, _ reason: String) {
    leftovers.append(Leftover(setting: value.map { "\(key)=\($0)" } ?? key, reason: reason))
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.isUnsafeToShow:
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

  // MARK: - Single settings

  private mutating func takeServers() {
    let section = "UpdatesSourceSettings"
    let isVendor = isOn(section, "SourceKlabServer")
    let isCustom = isOn(section, "SourceCustom")
    guard let place = value(section, "SourceCustomPath"), isCustom else { return }
    let lowered = place.lowercased()
    if lowered.hasPrefix("https://") || lowered.hasPrefix("http://") || place.hasPrefix("/") {
      lines.append("servers = \(Self.list([place]))")
      if lowered.hasPrefix("http://") { lines.append("allow_http = true") }
      if isVendor {
        leave("SourceKlabServer", "true", "the source of your own is used alone; add the vendor's to 'servers'")
      }
    } else {
      leave(
        "SourceCustomPath",
        place,
        "FTP and Windows folders are not read: mount the share, and name it in 'servers'"
      )
    }
  }

  private mutating func takeSelection() {
    let section = "ComponentSettings"
    let isAll = isOn(section, "DownloadAllDatabases")
    _ = isOn(section, "DownloadSelectedComponents")
    let os = value(section, "ApplicationsOs")
    let chosen = file.settings.filter { $0.section == section && !used.contains("\(section)/\($0.key)") }
    for setting in chosen where ["true", "false"].contains(setting.value.lowercased()) {
      used.insert("\(section)/\(setting.key)")
    }
    let products = isAll ? [] : chosen.filter { $0.value.lowercased() == "true" }.map(\.key)
    if !products.isEmpty {
      lines.append("products = \(Self.list(products))")
    } else if !isAll {
      leave("ComponentSettings", nil, "no product is chosen there: this mirrors everything; set 'products'")
    }
    if let os { leave("ApplicationsOs", os, "a filter of its window; the products above are what was chosen") }
    takeIndex(hasProducts: !products.isEmpty)
  }

  private mutating func takeIndex(hasProducts: Bool) {
    let folder = value("SdkSettings", "PrimaryIndexRelativeUrlPath") ?? "index"
    guard let name = value("SdkSettings", "PrimaryIndexFileName") else { return }
    let path = "\(folder.byteParts.joined(separator: "/"))/\(name)"
    if hasProducts {
      leave("PrimaryIndexFileName", name, "the indexes that the products need are found by the vendor's catalogue")
    } else if (try? TreePath(new: path)) != nil {
      lines.append("indexes = \(Self.list([path]))")
    } else {
      leave("PrimaryIndexFileName", name, "it cannot be a file of an update tree")
    }
  }

  private mutating func takeProxy() {
    let section = "ConnectionSettings"
    let isUsed = isOn(section, "UseProxyServer")
    let isSpecified = isOn(section, "UseSpecifiedProxyServerSettings")
    let isDetected = isOn(section, "AutomaticallyDetectProxyServerSettings")
    let address = value(section, "AddressProxyServer")
    let port = value(section, "PortProxyServer")
    let needsUser = isOn(section, "UseAuthenticationProxyServer")
    let (user, password) = (value(section, "UserNameProxyServer"), value(section, "PasswordProxyServer"))
    let passesLocal = isOn(section, "ByPassProxyServer")
    guard isUsed || isSpecified else { return }
    guard let address, isSpecified || !isDetected else {
      return leave("AutomaticallyDetectProxyServerSettings", "true", "the proxy is not found by itself: set 'proxy'")
    }
    lines.append("proxy = \(Self.quoted("http://\(address)" + (port.map { ":\($0)" } ?? "")))")
    if needsUser, let user {
      lines.append("proxy_user = \(Self.quoted(user))")
      if password != nil {
        lines.append("# proxy_password_file = \"/etc/kscmirror/proxy-password\"")
        leave(
          "PasswordProxyServer",
          "…",
          "write the password to a file of mode 0600, and name it in 'proxy_password_file'"
        )
      }
    }
    if passesLocal { leave("ByPassProxyServer", "true", "a proxy is used for all servers of a source") }
  }

  private mutating func takeRest() {
    let seconds = value("ConnectionSettings", "TimeoutConnection").flatMap { Int($0) }
    if let seconds, (1...3600).contains(seconds) { lines.append("connect_timeout = \"\(seconds)s\"") }
    let patches = [isOn("ConnectionSettings", "DownloadPatches"), isOn("DownloadingSettings", "DownloadPatches")]
    if patches.contains(true) { lines.append("patches = true") }
    if isOn("DownloadingSettings", "RetranslateDiffs") { lines.append("diffs = true") }
    _ = isOn("DownloadingSettings", "DownloadDataBasesAndModules")
    let languages =
      value("DownloadingSettings", "DownloadLocalizations")?
      .split { ",; ".contains($0) }.map(String.init) ?? []
    if !languages.isEmpty { lines.append("languages = \(Self.list(languages))") }
    _ = isOn("DirectoriesSettings", "MoveToCustomFolder")
    if let folder = value("DirectoriesSettings", "UpdatesFolder") {
      leave(
        "UpdatesFolder",
        folder,
        "'kscmirror adopt' takes what lies there, and 'kscmirror export' writes such a folder"
      )
    }
  }

  /// What is known to have no counterpart, by section.
  private static let reasons = [
    "AgreementSettings": "nothing has to be accepted in a configuration",
    "AdditionalSettings": "there is no window",
    "ReportSettings": "see 'kscmirror log' and 'kscmirror status'",
    "ShedulerSettings": "enable kscmirror-sync.timer, or see cron",
    "DirectoriesSettings": "unfinished files lie in the store",
    "SdkSettings": "no licence file is needed",
  ]

  private mutating func listWhatIsLeft() {
    var sections = Set<String>()
    for setting in file.settings where !used.contains("\(setting.section)/\(setting.key)") {
      if let reason = Self.reasons[setting.section] {
        if sections.insert(setting.section).inserted { leave("[\(setting.section)]", nil, reason) }
      } else if setting.key != "UsePassiveFtpMode" {
        leave(setting.key, setting.value, "not known in [\(setting.section)]")
      }
    }
  }
}
