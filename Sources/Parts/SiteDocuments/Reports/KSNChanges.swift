import MirrorTypes

/// What a site says about KSN, and what changed of it, in sentences that are safe to print.
package enum KSNChanges {
  /// How a site stands.
  package static func summary(of document: KSNDocument) -> String {
    var parts: [String] = []
    if let isOn = document.state.flag(.proxyEnabled) { parts.append("the KSN proxy is \(isOn ? "on" : "off")") }
    if let isConnected = document.state.flag(.connected) {
      parts.append("KSN \(isConnected ? "can" : "cannot") be reached")
    }
    if let isNeeded = document.state.flag(.needsStatistics) {
      parts.append("statistics are \(isNeeded ? "to be sent" : "not to be sent")")
    }
    if !document.configurations.isEmpty {
      parts.append(Words.count(document.configurations.count, "configuration") + " of Private KSN")
    }
    if !document.licences.isEmpty { parts.append(Words.count(document.licences.count, "licence")) }
    return parts.isEmpty ? "its server is unknown" : parts.joined(separator: ", ")
  }

  /// What changed from one document to a later one. What one of them does not tell has not changed.
  package static func sentences(from old: KSNDocument, to new: KSNDocument) -> [String] {
    state(old.state, new.state) + statements(old, new) + configurations(old, new) + licences(old, new)
  }

  private static func state(_ old: Record<KSNField>, _ new: Record<KSNField>) -> [String] {
    var sentences: [String] = []
    func compare(_ field: KSNField, _ isTrue: String, _ isFalse: String) {
      guard let before = old.flag(field), let now = new.flag(field), before != now else { return }
      sentences.append(now ? isTrue : isFalse)
    }
    compare(.proxyEnabled, "the KSN proxy was turned on", "the KSN proxy was turned off")
    compare(.connected, "KSN can be reached again", "KSN cannot be reached any more")
    compare(.needsStatistics, "statistics are to be sent now", "statistics are not to be sent any more")
    compare(.proxyHTTPS, "the KSN proxy takes HTTPS now", "the KSN proxy takes no HTTPS any more")
    compare(
      .usesPrimaryServer,
      "the primary server stands for KSN now",
      "the primary server does not stand for KSN any more"
    )
    compare(
      .connectsDirectly,
      "Private KSN is reached past proxies now",
      "Private KSN is not reached past proxies any more"
    )
    compare(
      .sendsPatchStatistics,
      "statistics of patch management are sent now",
      "statistics of patch management are not sent any more"
    )
    let numbers: [(KSNField, String)] = [
      (.networkType, "the kind of KSN"), (.proxyTCPPort, "the proxy's TCP port"),
      (.proxyUDPPort, "the proxy's UDP port"),
      (.proxyHTTPSPort, "the proxy's HTTPS port"),
    ]
    for (field, name) in numbers {
      guard let before = old.number(field), let now = new.number(field), before != now else { continue }
      sentences.append("\(name) is \(now), before \(before)")
    }
    if let before = old.text(.serverVersion), let now = new.text(.serverVersion), before != now {
      sentences.append("the server's version is \(SafeText.printable(now)), before \(SafeText.printable(before))")
    }
    return sentences
  }

  private static func statements(_ old: KSNDocument, _ new: KSNDocument) -> [String] {
    func text(_ statement: KSNStatement) -> String {
      let language = statement.text(.language).map { " (\($0))" } ?? ""
      return "statement '\(statement.text(.name) ?? "")'\(language)"
    }
    return differences(old.statements, new.statements, in: new.state, text)
  }

  private static func configurations(_ old: KSNDocument, _ new: KSNDocument) -> [String] {
    func text(_ configuration: KSNConfiguration) -> String {
      // Who provides it, and what a file is called, is personal data: it may be reported once and not the next time.
      configuration.text(.name) == KSNConfiguration.onServer
        ? "configuration of Private KSN '\(KSNConfiguration.onServer)'" : "configuration of Private KSN in a file"
    }
    return differences(old.configurations, new.configurations, in: new.state, text)
  }

  /// Things by their names and digests.
  private static func differences<Field: RecordField>(
    _ old: [Record<Field>],
    _ new: [Record<Field>],
    in state: Record<KSNField>,
    _ text: (Record<Field>) -> String
  ) -> [String] {
    let (before, now) = (Set(old), Set(new))
    let known = Set(old.map(text))
    let still = Set(new.map(text))
    let came = new.filter { !before.contains($0) }.map { thing in
      "\(SafeText.printable(text(thing))) \(known.contains(text(thing)) ? "has changed" : "is new")"
    }
    // An export without the server has nothing of the server's.
    guard state.text(.serverVersion) != nil else { return came }
    let gone = old.filter { !now.contains($0) && !still.contains(text($0)) }
    return came + gone.map { "\(SafeText.printable(text($0))) is gone" }
  }

  private static func licences(_ old: KSNDocument, _ new: KSNDocument) -> [String] {
    let (before, now) = (Set(old.licences), Set(new.licences))
    let came = now.subtracting(before).sorted().map {
      "licence \(SafeText.printable($0)) is new: a provider of Private KSN must be informed"
    }
    guard new.state.text(.serverVersion) != nil else { return came }
    return came + before.subtracting(now).sorted().map { "licence \(SafeText.printable($0)) is gone" }
  }
}
