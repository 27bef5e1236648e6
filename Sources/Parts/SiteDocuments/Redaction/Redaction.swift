/// What of a site's data may leave it.
///
/// Each field's own ``FieldRule`` says what: a list of what may leave and not of what may not. All else is left out or
/// replaced, and counted by name in ``LeftOut``. What is on no list of ours, whatever a server calls it, never leaves.
package struct Redaction: Sendable {
  /// How the devices that use keys leave.
  package enum Devices: Sendable {
    /// Not at all: the counts of each key tell how many there are.
    case counted
    /// Each under a stable pseudonym of the site's.
    case pseudonyms(SiteSecret)
    /// By their names.
    case named
  }

  /// How devices leave.
  package var devices: Devices
  /// The personal fields that leave nevertheless, by their names in documents: `customerInfo`, `partner`, `group`.
  package var personal: Set<String>
  /// What makes the pseudonyms of keys and key files whose names are not of a form that may leave; without it these are
  /// left out.
  package var secret: SiteSecret?
  private let keepsAll: Bool
  /// Whether nothing is left out.
  var isKeepingEverything: Bool { keepsAll }

  /// A redaction; without arguments the strictest.
  package init(devices: Devices = .counted, personal: Set<String> = [], secret: SiteSecret? = nil) {
    self.devices = devices
    self.personal = personal
    self.secret = secret
    keepsAll = false
  }

  private init(keepingAll: Void) {
    (devices, personal, keepsAll) = (.named, [], true)
  }

  /// Leaves everything in: for a document that does not leave, or one that is already redacted.
  package static let keepingEverything = Redaction(keepingAll: ())

  /// The names of all fields that can hold something personal, for whoever wants all of it.
  package static let personalFields: Set<String> = Set(
    FieldTable.lines.filter { $0.rule.names == .personal }.map(\.field)
  )

  /// Whether documents name devices as they are.
  package var namesDevices: Bool { if case .named = devices { true } else { false } }

  /// Whether no device leaves, so that nobody need ask for them.
  package var countsDevicesOnly: Bool {
    guard !keepsAll, case .counted = devices else { return false }
    return true
  }

  /// The record with what may leave.
  ///
  /// - Parameter leftOut: counts what may not, and what was replaced.
  package func applied<Field: RecordField>(to record: Record<Field>, leftOut: inout LeftOut) -> Record<Field> {
    guard !keepsAll else { return record }
    var result = record
    for field in record.fields {
      guard let value = record[field] else { continue }
      let leaving = leaving(value, field)
      guard leaving != value else { continue }
      result[field] = leaving
      leftOut.count(field.rawValue)
    }
    for name in record.other.keys {
      result.setOther(name, nil)
      leftOut.countOther()
    }
    return result
  }

  /// What leaves of an earlier count of what was left out.
  func leaving(_ earlier: LeftOut) -> LeftOut { keepsAll ? earlier : earlier.withKnownNames }

  /// What leaves of a value: all of it, what takes its place, or nothing.
  func leaving<Field: RecordField>(_ value: FieldValue, _ field: Field) -> FieldValue? {
    let rule = field.rule
    if keepsAll || rule.mayLeave(value) { return value }
    switch rule.names {
    case .open, .chosen: return value
    case .personal: return personal.contains(field.rawValue) ? value : rule.standIn(for: value, anySecret)
    case .device, .server: return namesDevices ? value : rule.standIn(for: value, devicesSecret)
    }
  }

  private var devicesSecret: SiteSecret? { if case .pseudonyms(let secret) = devices { secret } else { nil } }
  private var anySecret: SiteSecret? { secret ?? devicesSecret }

  /// The name that something has in what leaves: a serial number, the name of a key file. `nil` if it does not leave.
  package func leavingName<Field: RecordField>(_ name: String, of field: Field) -> String? {
    leaving(.text(name), field)?.text
  }

  /// Records in the order that they leave in, which is that of the names that they leave by; at the end those that do not.
  package func ordered<Field: RecordField>(_ records: [Record<Field>], by field: Field) -> [Record<Field>] {
    func name(_ record: Record<Field>) -> String { record.text(field).flatMap { leavingName($0, of: field) } ?? "" }
    return records.map { (name($0), $0) }
      .sorted { left, right in
        left.0.isEmpty != right.0.isEmpty ? right.0.isEmpty : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
      }
      .map(\.1)
  }

  /// The device with what may leave; `nil` where devices are only counted.
  ///
  /// A pseudonym follows from the server's identifier of a device, or from its name where there is no identifier.
  ///
  /// - Parameter leftOut: counts what may not leave.
  package func redacted(_ device: LicenceDevice, leftOut: inout LeftOut) -> LicenceDevice? {
    if keepsAll { return device }
    if case .counted = devices {
      leftOut.count("device")
      return nil
    }
    var result = applied(to: device, leftOut: &leftOut)
    if case .pseudonyms(let secret) = devices, let known = device.text(.id) ?? device.text(.name) {
      result[.name] = .text(secret.pseudonym(of: known, kind: "device"))
    }
    return result
  }
}
