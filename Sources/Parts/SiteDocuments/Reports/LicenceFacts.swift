import Languages

/// What records in a parcel name, counted value by value with the rules that have redacted them.
package struct NamedFacts: Hashable, Sendable {
  /// How often there is something personal, by what it is.
  package private(set) var personal: [FieldWord: Int] = [:]
  /// How many records name a device by another name than a pseudonym.
  package private(set) var devices = 0
  /// Whether the Administration Server is named.
  package private(set) var namesServer = false
  /// How often attributes beyond our fields occur: they can hold anything.
  package private(set) var others = 0

  /// Nothing yet.
  package init() {}

  /// Counts a record.
  package mutating func count<Field: RecordField>(_ record: Record<Field>) {
    var namesDevice = false
    for field in record.fields {
      switch record[field].map(field.rule.privacy) {
      case .personal: personal[field.rule.word, default: 0] += 1
      case .device: namesDevice = true
      case .server: namesServer = true
      // Names that the site has chosen stand in the list of files, and are counted there.
      case .open, .chosen, nil: break
      }
    }
    devices += namesDevice ? 1 : 0
    others += record.other.count
  }

  /// Counts a value that stands by itself as one of a field.
  mutating func count<Field: RecordField>(_ text: String, as field: Field) {
    if field.rule.privacy(of: .text(text)) == .personal { personal[field.rule.word, default: 0] += 1 }
  }

  /// Counts a value that stands by itself, and is of one of two fields.
  mutating func count<One: RecordField, Other: RecordField>(_ text: String, as field: One, or other: Other) {
    if other.rule.privacy(of: .text(text)) != .open { count(text, as: field) }
  }

  /// Counts a value of no field.
  ///
  /// - Parameter word: what it is.
  mutating func count(personal word: FieldWord) { personal[word, default: 0] += 1 }

  /// Counts what another count has.
  mutating func add(_ more: NamedFacts) {
    for (name, number) in more.personal { personal[name, default: 0] += number }
    devices += more.devices
    namesServer = namesServer || more.namesServer
    others += more.others
  }
}

/// What a document of licences really carries, counted from its records: for the list that lies beside a parcel.
package struct LicenceFacts: Hashable, Sendable {
  /// How many keys.
  package private(set) var keys = 0
  /// How many entries of devices, over all keys.
  package private(set) var devices = 0
  /// How many key files.
  package private(set) var files = 0
  /// The fields of the head.
  package private(set) var headerFields: Set<LicenceHeaderField> = []
  /// The fields of keys that occur.
  package private(set) var keyFields: Set<LicenceField> = []
  /// The fields of devices that occur.
  package private(set) var deviceFields: Set<DeviceField> = []
  /// What is named.
  package private(set) var named = NamedFacts()
  /// What was left out.
  package private(set) var leftOut = LeftOut()

  /// Nothing yet.
  package init() {}

  /// Counts a record.
  package mutating func count(_ record: LicenceRecord) {
    switch record {
    case .header(let header):
      headerFields = Set(header.fields)
      named.count(header)
    case .key(let key):
      keys += 1
      keyFields.formUnion(key.fields)
      named.count(key)
    case .device(let device, _):
      devices += 1
      deviceFields.formUnion(device.fields)
      named.count(device)
    case .file(let file):
      files += 1
      named.count(file)
    case .end(let totals): leftOut = totals.leftOut
    }
  }
}
