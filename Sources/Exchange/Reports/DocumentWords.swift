import MirrorTypes

extension ParcelWords {
  /// What a document of licences carries, a sentence for each kind of thing.
  static func words(_ facts: LicenceFacts) -> [String] {
    let kinds = facts.keyFields.isEmpty ? "" : ", each with: \(PlainWords.kinds(facts.keyFields))"
    var lines = ["\(Words.count(facts.keys, "licence"))\(kinds)."]
    if facts.devices > 0 {
      let names = facts.namedDevices == 0 ? "none of them by name" : "BY NAME"
      lines.append(
        "\(Words.count(facts.devices, "entry", "entries")) of devices that use them, \(names), "
          + "each with: \(PlainWords.kinds(facts.deviceFields))."
      )
    }
    if facts.files > 0 {
      lines.append("\(Words.count(facts.files, "key file")) by name, size and digest, without content.")
    }
    lines += others(facts.others.keys) + [leftOut(facts.leftOut)]
    return lines
  }

  /// What a document of KSN carries.
  static func words(_ ksn: KSNDocument) -> [String] {
    var lines = ["The settings of the KSN proxy, its ports, and whether KSN could be reached."]
    func add(_ count: Int, _ one: String, plural: String? = nil, _ rest: String) {
      if count > 0 { lines.append("\(Words.count(count, one, plural)) \(rest).") }
    }
    add(ksn.statements.count, "statement", "accepted or not, with dates")
    add(ksn.configurations.count, "configuration", "of Private KSN by signer, date and digest")
    add(ksn.licences.count, "serial number", "of licences, for the provider")
    add(ksn.counters.count, "counter", "by name")
    let kept = ksn.statistics.reduce(0) { $0 + ($1.number(.kept) ?? 0) }
    let left = ksn.statistics.reduce(0) { $0 + ($1.number(.leftOut) ?? 0) }
    add(
      ksn.statistics.count,
      "body",
      plural: "bodies",
      "of statistics with \(Words.count(kept, "value")) that the site allows; \(left) were left out"
    )
    lines += others(ksn.state.other.keys) + [leftOut(ksn.leftOut, besidesOthers: left > 0)]
    return lines
  }

  /// What keys are sent to a site. A code is a secret that its digest must not help to guess.
  static func words(_ keys: LicenceBodies, _ order: KeyOrder) -> [String] {
    var lines = keys.serials.compactMap { name -> String? in
      guard let body = keys[name] else { return nil }
      let name = SafeText.printable(name)
      switch body.kind {
      case .activationCode: return "\(name): an activation code."
      case .keyFile:
        let digest = body.revealed { Digest256.sha256($0).hex }
        return "\(name): a key file of \(body.count) bytes, SHA-256 \(digest)."
      }
    }
    lines.append("Whoever can open this can install them. They are SECRETS.")
    if order.isAutomatic { lines.append("The server there is asked to give them to devices by itself.") }
    if !order.note.isEmpty { lines.append("Note: \(SafeText.printable(order.note))") }
    return lines
  }

  private static func others(_ names: some Collection<String>) -> [String] {
    names.isEmpty ? [] : ["Attributes beyond the usual that the site allows: \(Words.list(names))."]
  }

  private static func leftOut(_ leftOut: LeftOut, besidesOthers: Bool = false) -> String {
    guard leftOut.total > 0 else { return besidesOthers ? "Nothing else was left out." : "Nothing was left out." }
    return "Left out: "
      + leftOut.ordered.map { "\(PlainWords.word($0.name)) (\($0.count))" }.joined(separator: ", ") + "."
  }
}

extension KSNDocument {
  /// How often each personal field occurs.
  var personalFields: [String: Int] {
    var counts: [String: Int] = [:]
    for field in state.fields where field.rule.privacy == .personal { counts[field.rawValue, default: 0] += 1 }
    return counts
  }

  /// Whether it names the Administration Server.
  var namesServer: Bool { state.text(.serverName).map { !SiteSecret.isPseudonym($0) } ?? false }
}

/// What fields are, for somebody who knows neither the program nor the vendor's products.
enum PlainWords {
  private static let words: [(String, [String])] = [
    ("serial number", ["serial"]), ("name", ["name"]), ("identifier", ["id"]),
    ("product and version", ["product", "application", "applications", "suite", "majorVersion", "version"]),
    ("type", ["type"]), ("part number", ["partNumber"]),
    (
      "dates",
      ["created", "limitDate", "expires", "activated", "installed", "periodDays", "subscriptionEnd", "acceptedAt"]
    ),
    ("numbers of devices", ["limit", "effectiveLimit", "inUse", "reserve"]),
    ("use", ["current", "pending", "serverUse", "automatic"]),
    ("order number", ["licenceInfo"]),
    (
      "state",
      [
        "status", "blocked", "subscription", "subscriptionEndType", "subscriptionGraceDays", "subscriptionState",
        "subscriptionStateReason",
      ]
    ),
    ("customer", ["customerInfo"]), ("support contact", ["supportInfo"]), ("partner", ["partner"]),
    ("provider's address", ["subscriptionProvider"]), ("group of devices", ["group"]),
    ("virtual server", ["virtualServer"]), ("server's name", ["serverName"]), ("server's address", ["serverAddress"]),
    ("user", ["user"]), ("comment", ["comment"]), ("device", ["device"]),
  ]
  private static let byField = Dictionary(
    words.flatMap { word, fields in fields.map { ($0, word) } },
    uniquingKeysWith: { first, _ in first }
  )

  /// What a field is; its name where no word is known.
  static func word(_ field: String) -> String { byField[field] ?? SafeText.printable(field) }

  /// What fields are, each kind once and in one order.
  static func kinds(_ fields: Set<String>) -> String {
    let known = words.filter { !fields.isDisjoint(with: $0.1) }.map(\.0)
    return (known + fields.filter { byField[$0] == nil }.sorted()).joined(separator: ", ")
  }
}
