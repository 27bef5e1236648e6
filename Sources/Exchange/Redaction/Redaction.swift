/// What of a site's data may leave it.
///
/// The rule is a list of what may leave and not of what may not: each field's own ``FieldRule/Privacy``, and for what a
/// server sends beyond our fields a list of names. All else is left out, and counted by name in ``LeftOut``.
public struct Redaction: Sendable {
  /// How the devices that use keys leave.
  public enum Devices: Sendable {
    /// Not at all: the counts of each key tell how many there are.
    case counted
    /// Each under a stable pseudonym of the site's.
    case pseudonyms(SiteSecret)
    /// By their names.
    case named
  }

  /// How devices leave.
  public var devices: Devices
  /// The personal fields that leave nevertheless, by their names in documents: `customerInfo`, `partner`, `group`.
  public var personal: Set<String>
  /// The attributes beyond our fields that leave, by the names that the server gives them.
  public var attributes: Set<String>
  private let keepsAll: Bool

  /// A redaction; without arguments the strictest.
  public init(devices: Devices = .counted, personal: Set<String> = [], attributes: Set<String> = []) {
    self.devices = devices
    self.personal = personal
    self.attributes = attributes
    keepsAll = false
  }

  private init(keepingAll: Void) {
    (devices, personal, attributes, keepsAll) = (.named, [], [], true)
  }

  /// Leaves everything in: for a document that does not leave, or one that is already redacted.
  public static let keepingEverything = Redaction(keepingAll: ())

  /// The names of all personal fields, for whoever wants all of them.
  public static let personalFields: Set<String> = Set(
    names(LicenceField.self) + names(DeviceField.self) + names(LicenceHeaderField.self) + names(KSNField.self)
  )

  private static func names<Field: RecordField>(_ fields: Field.Type) -> [String] {
    fields.allCases.filter { $0.rule.privacy == .personal }.map(\.rawValue)
  }

  /// Whether documents name devices as they are.
  public var namesDevices: Bool { if case .named = devices { true } else { false } }

  /// Whether no device leaves, so that nobody need ask for them.
  public var countsDevicesOnly: Bool {
    guard !keepsAll, case .counted = devices else { return false }
    return true
  }

  /// The record with what may leave.
  ///
  /// - Parameter leftOut: counts what may not.
  public func applied<Field: RecordField>(to record: Record<Field>, leftOut: inout LeftOut) -> Record<Field> {
    guard !keepsAll else { return record }
    var result = record
    for field in record.fields {
      switch field.rule.privacy {
      case .open: continue
      case .personal where personal.contains(field.rawValue): continue
      case .device where namesDevices: continue
      case .server where namesDevices: continue
      case .personal, .device, .server:
        result[field] = field.rule.privacy == .server ? pseudonym(ofServer: record.text(field)) : nil
        leftOut.count(field.rawValue)
      }
    }
    for name in record.other.keys where !attributes.contains(name) {
      result.setOther(name, nil)
      leftOut.count(foreign: name)
    }
    return result
  }

  private func pseudonym(ofServer name: String?) -> FieldValue? {
    guard case .pseudonyms(let secret) = devices, let name else { return nil }
    return .text(secret.pseudonym(of: name, kind: "server"))
  }

  /// The device with what may leave; `nil` where devices are only counted.
  ///
  /// A pseudonym follows from the server's identifier of a device, or from its name where there is no identifier.
  ///
  /// - Parameter leftOut: counts what may not leave.
  public func redacted(_ device: LicenceDevice, leftOut: inout LeftOut) -> LicenceDevice? {
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
