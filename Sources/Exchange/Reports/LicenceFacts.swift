/// What a document of licences really carries, counted from its records: for the list that lies beside a parcel.
public struct LicenceFacts: Hashable, Sendable {
  /// How many keys.
  public private(set) var keys = 0
  /// How many entries of devices, over all keys.
  public private(set) var devices = 0
  /// How many of those have a name that is no pseudonym.
  public private(set) var namedDevices = 0
  /// Whether it names the Administration Server.
  public private(set) var namesServer = false
  /// How many key files.
  public private(set) var files = 0
  /// The fields of keys that occur, by their names in documents.
  public private(set) var keyFields: Set<String> = []
  /// The fields of devices that occur.
  public private(set) var deviceFields: Set<String> = []
  /// How often each personal field occurs.
  public private(set) var personal: [String: Int] = [:]
  /// How often attributes beyond our fields occur.
  public private(set) var others: [String: Int] = [:]
  /// What was left out.
  public private(set) var leftOut = LeftOut()

  /// Nothing yet.
  public init() {}

  /// Counts a document that lies in memory, as it would be written with nothing left out.
  public init(_ document: LicenceDocument) {
    count(.header(document.header))
    for key in document.keys { count(.key(key)) }
    for (serial, devices) in document.devices { for device in devices { count(.device(device, serial: serial)) } }
    for file in document.files { count(.file(file)) }
    leftOut = document.leftOut
  }

  /// Counts a record.
  public mutating func count(_ record: LicenceRecord) {
    switch record {
    case .header(let header):
      namesServer = header.text(.serverName).map { !SiteSecret.isPseudonym($0) } ?? false
      countFields(header)
    case .key(let key):
      keys += 1
      keyFields.formUnion(key.fields.map(\.rawValue))
      countFields(key)
    case .device(let device, _):
      devices += 1
      deviceFields.formUnion(device.fields.map(\.rawValue))
      if [DeviceField.name, .id].contains(where: { device.text($0).map { !SiteSecret.isPseudonym($0) } ?? false }) {
        namedDevices += 1
      }
      countFields(device)
    case .file: files += 1
    case .end(let totals): leftOut = totals.leftOut
    }
  }

  private mutating func countFields<Field: RecordField>(_ record: Record<Field>) {
    for field in record.fields where field.rule.privacy == .personal { personal[field.rawValue, default: 0] += 1 }
    for name in record.other.keys where others.count < 256 || others[name] != nil { others[name, default: 0] += 1 }
  }

  /// Whether it carries anything that could name a person or a device, as far as our fields tell.
  public var hasPersonalData: Bool { namedDevices > 0 || namesServer || !personal.isEmpty }
}
