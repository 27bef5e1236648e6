import Languages
import MirrorTypes

extension ParcelWords {
  /// What a document of licences carries, a sentence for each kind of thing.
  func words(_ facts: LicenceFacts) -> [String] {
    let keys = language.count(facts.keys, .licences)
    var lines = [language.text(.aboutSite, kinds(facts.headerFields))]
    lines.append(facts.keyFields.isEmpty ? keys + "." : language.text(.eachWith, keys, kinds(facts.keyFields)))
    if facts.devices > 0 {
      let entries = language.count(facts.devices, .deviceEntries)
      let names = language.text(facts.named.devices == 0 ? .noneByName : .byName)
      lines.append(language.text(.devicesThatUse, entries, names, kinds(facts.deviceFields)))
    }
    if facts.files > 0 { lines.append(language.text(.keyFilesByDigest, language.count(facts.files, .keyFiles))) }
    return lines + [leftOut(facts.leftOut, in: "licences")]
  }

  /// What a document of KSN carries.
  func words(_ ksn: KSNDocument) -> [String] {
    var lines = [language.text(.aboutSite, kinds(Set(ksn.state.fields)))]
    func add<Field: RecordField>(_ records: [Record<Field>], _ what: Counted) {
      guard !records.isEmpty else { return }
      let fields = records.reduce(into: Set<Field>()) { $0.formUnion($1.fields) }
      lines.append(language.text(.with, language.count(records.count, what), kinds(fields)))
    }
    add(ksn.statements, .statements)
    add(ksn.configurations, .configurations)
    if !ksn.licences.isEmpty {
      lines.append(language.text(.forProvider, language.count(ksn.licences.count, .serialNumbers)))
    }
    if !ksn.counters.isEmpty {
      lines.append(language.text(.countersByName, language.count(ksn.counters.count, .counters)))
    }
    let kept = ksn.statistics.clampedSum { $0.number(.kept) ?? 0 }
    let left = ksn.statistics.clampedSum { $0.number(.leftOut) ?? 0 }
    if !ksn.statistics.isEmpty {
      let bodies = language.count(ksn.statistics.count, .bodies)
      lines.append(language.text(.statistics, bodies, language.count(kept, .values), language.number(left)))
    }
    return lines + [leftOut(ksn.leftOut, in: "ksn", besidesOthers: left > 0)]
  }

  /// What bodies of keys leave a site.
  func words(_ bodies: LicenceBodies) -> [String] {
    [language.text(.keysInFull, language.count(bodies.count, .keys)), language.text(.ownerInKey)]
  }

  /// What keys are sent to a site. A code is a secret that its digest must not help to guess.
  func words(_ keys: LicenceBodies, _ order: KeyOrder) -> [String] {
    var lines = keys.serials.compactMap { name -> String? in
      guard let body = keys[name] else { return nil }
      let name = SafeText.printable(name)
      switch body.kind {
      case .activationCode: return language.text(.activationCode, name)
      case .keyFile:
        let digest = body.revealed { Digest256.sha256(of: $0).hex }
        return language.text(.keyFile, name, language.exactBytes(body.count), digest)
      }
    }
    lines.append(language.text(.whoOpensInstalls))
    if order.isAutomatic { lines.append(language.text(.givesToDevices)) }
    if !order.note.isEmpty { lines.append(language.text(.note, SafeText.printable(order.note))) }
    return lines
  }

  private func kinds<Field: RecordField>(_ fields: Set<Field>) -> String { FieldTable.kinds(fields, in: language) }

  private func leftOut(_ leftOut: LeftOut, in document: String, besidesOthers: Bool = false) -> String {
    guard leftOut.total > 0 else { return language.text(besidesOthers ? .nothingElseLeftOut : .nothingLeftOut) }
    let counts = leftOut.ordered.map { "\(language.word(FieldTable.word(of: $0.name, in: document))) (\($0.count))" }
    return language.text(.leftOut, counts.joined(separator: ", "))
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
    for name in counters.keys where !Self.counterNames.contains(name) { named.count(personal: .counter) }
    return named
  }
}
