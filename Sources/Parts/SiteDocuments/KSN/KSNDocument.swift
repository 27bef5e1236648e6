import MirrorTypes
import StrictJSON

/// What a site tells about Kaspersky Security Network (KSN): its proxy, its connection, what was accepted, its
/// configurations of Private KSN, the licences that a provider of Private KSN must be informed, and which bodies of
/// statistics go with it.
///
/// The vendor documents no format for KSN's data to be carried by hand. The only documented way into KSN is the call
/// `KsnInternal.SendKsnStatistics` of a connected Administration Server. So this document is kscmirror's own: a state
/// for people and for the provider, and beside it the bodies that the administrator has supplied (``StatisticsBody``),
/// which a connected server can be given one by one. Nothing in it pretends to be the vendor's.
package struct KSNDocument: Hashable, Sendable {
  /// What the document says it is.
  package static let kind = "kscmirror-ksn"
  /// The version of the format. A reader refuses any other.
  package static let version = 1
  /// The name that the file has in a parcel.
  package static let fileName = "ksn.json"

  /// The most statements, configurations or bodies; the most serial numbers and counters are ten times as many.
  package static let maximumCount = 1_000

  /// The state: the site, the proxy, the connection.
  package var state: Record<KSNField>
  /// The statements that were accepted.
  package var statements: [KSNStatement] = []
  /// The configurations of Private KSN.
  package var configurations: [KSNConfiguration] = []
  /// The serial numbers that a provider of Private KSN must know, or its server refuses the site.
  package var licences: [String] = []
  /// Counters by name.
  package var counters: [String: Int] = [:]
  /// The bodies of statistics that go with the document.
  package var statistics: [StatisticsEntry] = []
  /// What was left out when it was written.
  package private(set) var leftOut = LeftOut()

  /// A document of a site.
  package init(site: String, made: UTCTime) {
    state = Record()
    state[.site] = .text(site)
    state[.made] = .time(made)
  }

  /// The site.
  package var site: String { state.text(.site) ?? "" }
  /// When the document was made.
  package var made: UTCTime { state.time(.made) ?? UTCTime(seconds: 0) }

  /// Takes the settings that `KsnInternal.GetSettings` gives; what is unknown goes to the state's ``Record/other``.
  ///
  /// - Returns: the names of the settings whose values could not be read.
  @discardableResult
  package mutating func take(settings: JSONObject) -> [String] {
    let (record, unreadable) = Record<KSNField>.read(attributes: settings, fields: KSNField.bySetting)
    for field in record.fields { state[field] = record[field] }
    for (name, value) in record.other { state.setOther(name, value) }
    return unreadable
  }

  /// The document with what may leave.
  package func redacted(_ redaction: Redaction) -> KSNDocument {
    var result = self
    result.leftOut = redaction.leaving(leftOut)
    result.state = redaction.applied(to: state, leftOut: &result.leftOut)
    result.statements = statements.map { redaction.applied(to: $0, leftOut: &result.leftOut) }
    result.configurations = configurations.map { redaction.applied(to: $0, leftOut: &result.leftOut) }
    result.statistics = statistics.map { redaction.applied(to: $0, leftOut: &result.leftOut) }
    // A provider has to know a serial number as it is: a pseudonym would tell it nothing.
    let serial = LicenceField.serial
    result.licences = licences.filter { redaction.leavingName($0, of: serial) == $0 }
    let missing = licences.count - result.licences.count
    if missing > 0 { result.leftOut.count(serial.rawValue, missing) }
    if !redaction.isKeepingEverything {
      result.counters = counters.filter { Self.counterNames.contains($0.key) }
      let unknown = counters.count - result.counters.count
      if unknown > 0 { result.leftOut.count("counter", unknown) }
    }
    return result
  }

  /// The names of the counters that leave.
  static let counterNames: Set<String> = [
    "spoolBodies", "spoolSentBefore", "spoolEmpty", "spoolRefused", "spoolSkipped",
  ]

  /// The document's bytes in its one form, with what may leave: JSON in one line, with a line feed.
  package func serialized(_ redaction: Redaction) -> [UInt8] { redacted(redaction).bytes }

  private var bytes: [UInt8] {
    var output: [UInt8] = Array("{\"configurations\":".utf8)
    Self.write(configurations.sorted { $0.sortKey < $1.sortKey }, to: &output)
    output += ",\"counters\":".utf8
    // What a reader would refuse is not written.
    let counters = counters.filter { FieldName.isSound($0.key) && $0.value >= 0 }
    let licences = Set(licences).filter { !$0.isEmpty && SafeText.isClean($0, atMost: 128) }
    JSONValue.object(JSONObject(counts: counters)).write(.visible, to: &output)
    output += ",\"document\":\"\(Self.kind)\",\"leftOut\":".utf8
    leftOut.write(to: &output)
    output += ",\"licences\":".utf8
    JSONValue.array(licences.sorted(by: <).map { .string($0) }).write(.visible, to: &output)
    output += ",\"state\":{".utf8
    state.writeMembers(to: &output)
    output += "},\"statements\":".utf8
    Self.write(statements.sorted { $0.sortKey < $1.sortKey }, to: &output)
    output += ",\"statistics\":".utf8
    Self.write(statistics.sorted { $0.name < $1.name }, to: &output)
    output += ",\"version\":\(Self.version)}\n".utf8
    return output
  }

  private static func write<Field: RecordField>(_ records: [Record<Field>], to output: inout [UInt8]) {
    output.append(UInt8(ascii: "["))
    for (index, record) in records.enumerated() {
      output += (index == 0 ? "{" : ",{").utf8
      record.writeMembers(to: &output)
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "]"))
  }
}

extension Record {
  /// All of a record as text, to order records by.
  fileprivate var sortKey: String {
    var output: [UInt8] = []
    writeMembers(to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

extension KSNDocument {
  /// Reads a document.
  ///
  /// - Parameter name: how errors name it.
  /// - Throws: ``ExchangeError``.
  package init(parsing bytes: [UInt8], name: String = fileName) throws(ExchangeError) {
    do throws(DocumentProblem) {
      try self.init(checking: bytes)
    } catch {
      throw .document(name: name, line: nil, error)
    }
  }

  private init(checking bytes: [UInt8]) throws(DocumentProblem) {
    let value = try JSONValue(document: bytes, within: .document)
    guard value["document"]?.string == Self.kind, let version = value["version"]?.integer else {
      throw .notThis(expected: "document of KSN")
    }
    guard version == Self.version else { throw .version(version) }
    guard value.object?.members.count == 9 else { throw .unknownField("in the document") }
    guard let state = value["state"]?.object else { throw .missing(field: "state") }
    self.state = try Record(state)
    for field in [KSNField.site, .made] where self.state[field] == nil { throw .missing(field: field.rawValue) }
    statements = try Self.records(value["statements"], "statements")
    configurations = try Self.records(value["configurations"], "configurations")
    statistics = try Self.records(value["statistics"], "statistics")
    guard statistics.allSatisfy({ StatisticsName.isSound($0.name) && $0.digest != nil }) else {
      throw .value(field: "statistics")
    }
    licences = try Self.licences(value["licences"])
    counters = try Self.counters(value["counters"])
    leftOut = try LeftOut(value["leftOut"], field: "leftOut")
  }

  private static func records<Field: RecordField>(
    _ value: JSONValue?,
    _ what: String
  ) throws(DocumentProblem) -> [Record<Field>] {
    guard let elements = value?.array else { throw .missing(field: what) }
    guard elements.count <= maximumCount else { throw .tooMany(what, limit: maximumCount) }
    var records: [Record<Field>] = []
    for element in elements {
      guard let object = element.object else { throw .value(field: what) }
      records.append(try Record(object))
    }
    return records
  }

  private static func licences(_ value: JSONValue?) throws(DocumentProblem) -> [String] {
    guard let elements = value?.array else { throw .missing(field: "licences") }
    guard elements.count <= 10 * maximumCount else { throw .tooMany("licences", limit: 10 * maximumCount) }
    let texts = elements.compactMap(\.string)
    guard texts.count == elements.count,
      texts.allSatisfy({ !$0.isEmpty && SafeText.isClean($0, atMost: 128) })
    else { throw .value(field: "licences") }
    return texts
  }

  private static func counters(_ value: JSONValue?) throws(DocumentProblem) -> [String: Int] {
    guard let members = value?.object?.members else { throw .missing(field: "counters") }
    guard members.count <= 10 * maximumCount else { throw .tooMany("counters", limit: 10 * maximumCount) }
    var counters: [String: Int] = [:]
    for member in members {
      guard FieldName.isSound(member.name), let number = member.value.integer, number >= 0 else {
        throw .value(field: "counters")
      }
      counters[member.name] = Int(number)
    }
    return counters
  }
}
