import MirrorTypes

extension ParcelWords {
  /// What a document of licences carries, a sentence for each kind of thing.
  static func words(_ facts: LicenceFacts) -> [String] {
    let kinds = facts.keyFields.isEmpty ? "" : ", each with: \(FieldTable.kinds(facts.keyFields))"
    var lines = [
      "About the site: \(FieldTable.kinds(facts.headerFields)).", "\(Words.count(facts.keys, "licence"))\(kinds).",
    ]
    if facts.devices > 0 {
      let names = facts.named.devices == 0 ? "none of them by name" : "BY NAME"
      lines.append(
        "\(Words.count(facts.devices, "entry", "entries")) of devices that use them, \(names), "
          + "each with: \(FieldTable.kinds(facts.deviceFields))."
      )
    }
    if facts.files > 0 {
      lines.append("\(Words.count(facts.files, "key file")) by name, size and digest, without content.")
    }
    lines += [leftOut(facts.leftOut, in: "licences")]
    return lines
  }

  /// What a document of KSN carries.
  static func words(_ ksn: KSNDocument) -> [String] {
    var lines = ["About the site: \(FieldTable.kinds(Set(ksn.state.fields)))."]
    func add(_ count: Int, _ one: String, plural: String? = nil, _ rest: String) {
      if count > 0 { lines.append("\(Words.count(count, one, plural)) \(rest).") }
    }
    func add<Field: RecordField>(_ records: [Record<Field>], _ one: String, plural: String? = nil) {
      let fields = records.reduce(into: Set<Field>()) { $0.formUnion($1.fields) }
      add(records.count, one, plural: plural, "with: \(FieldTable.kinds(fields))")
    }
    add(ksn.statements, "statement")
    add(ksn.configurations, "configuration of Private KSN", plural: "configurations of Private KSN")
    add(ksn.licences.count, "serial number", "of licences, for the provider")
    add(ksn.counters.count, "counter", "by name")
    let kept = ksn.statistics.clampedSum { $0.number(.kept) ?? 0 }
    let left = ksn.statistics.clampedSum { $0.number(.leftOut) ?? 0 }
    add(
      ksn.statistics.count,
      "body",
      plural: "bodies",
      "of statistics with \(Words.count(kept, "value")) that the site allows; \(left) were left out"
    )
    lines += [leftOut(ksn.leftOut, in: "ksn", besidesOthers: left > 0)]
    return lines
  }

  /// What bodies of keys leave a site.
  static func words(_ bodies: LicenceBodies) -> [String] {
    [
      "\(Words.count(bodies.count, "key")) in full. Anyone who can open the parcel can install them. They are SECRETS.",
      "A key can hold the name of its owner.",
    ]
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
        return "\(name): a key file of \(Words.exactBytes(body.count)), SHA-256 \(digest)."
      }
    }
    lines.append("Anyone who can open this can install them. They are SECRETS.")
    if order.isAutomatic { lines.append("The server there is asked to give them to devices by itself.") }
    if !order.note.isEmpty { lines.append("Note: \(SafeText.printable(order.note))") }
    return lines
  }

  private static func leftOut(_ leftOut: LeftOut, in document: String, besidesOthers: Bool = false) -> String {
    guard leftOut.total > 0 else { return besidesOthers ? "Nothing else was left out." : "Nothing was left out." }
    return "Left out or replaced: "
      + leftOut.ordered.map { "\(FieldTable.word(of: $0.name, in: document)) (\($0.count))" }.joined(separator: ", ")
      + "."
  }
}

extension KSNDocument {
  /// What it names.
  var named: NamedFacts {
    var named = NamedFacts()
    named.count(state)
    for statement in statements { named.count(statement) }
    for configuration in configurations { named.count(configuration) }
    for entry in statistics { named.count(entry) }
    for serial in licences { named.count(serial, as: LicenceField.serial) }
    for name in counters.keys where !Self.counterNames.contains(name) { named.count(personal: "counter") }
    return named
  }
}
