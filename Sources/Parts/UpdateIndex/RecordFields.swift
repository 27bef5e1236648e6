/// What elements and columns of an index can say of an entry, as far as it decides what is mirrored.
enum IndexField: Int, CaseIterable {
  case name, folder, components, applications, applicationNames, operatingSystems, architectures, systemArchitectures
  case languages, dskm, dskm2, date, size, body, updateType

  /// The field of an attribute or column; `nil` for those that do not matter here.
  static func named(_ name: String) -> IndexField? { byName[name] }

  private static let byName: [String: IndexField] = [
    "Name": .name, "Filename": .name, "SrvPath": .folder, "ServerFolder": .folder,
    "CompID": .components, "ComponentID": .components, "App": .applications, "AppName": .applicationNames,
    "OS": .operatingSystems, "Arch": .architectures, "SysArch": .systemArchitectures, "Lang": .languages,
    "DSKM": .dskm, "DSKM2": .dskm2, "Date": .date, "FileDate": .date, "Size": .size, "FileSize": .size,
    "Body": .body, "UpdateType": .updateType,
  ]

  /// Attributes and columns that are known and say nothing of what is mirrored (FORMAT.md, section 2; all that the
  /// samples have).
  static let otherKnown: Set<String> = [
    "ApplyAction", "ApplyPeriod", "ApplyReaction", "BlackDate", "BlstDate", "BlstSolvePeriod", "CrashCount",
    "CustomAction", "Data", "DiffsPath", "FailCount", "FixName", "Format", "GenericApp", "GenericLang", "Item", "KBURL",
    "KOSAppName", "KOSAppVersion", "KSCMode", "KSN", "Key", "List", "LocalPath", "MaxConnectionCount",
    "MaxDownloadSizeKb", "ObjectType", "PackageID", "Patch", "Platform", "ReplaceMode", "Shell", "ShellAdd",
    "SolvePeriod", "Sorted", "Target", "Trusted", "UpdateDate", "Updater", "Version",
  ]
}

/// The fields of one element or record. What a record does not have is taken from its element.
struct RecordFields {
  private var values = [String?](repeating: nil, count: IndexField.allCases.count)

  subscript(_ field: IndexField) -> String? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }

  /// The fields that restrict a record to applications.
  static let ofApplications: [IndexField] = [.applications, .applicationNames]

  /// What a record is restricted to: by its own fields, or where it has none of them by those of the index's root, which
  /// hold for all records that do not say otherwise. Empty: to nothing, which `*` says as well.
  func restriction(of fields: [IndexField], or root: RecordFields) -> String {
    let own = fields.compactMap { self[$0] }
    let texts = (own.isEmpty ? fields.compactMap { root[$0] } : own).filter { !$0.isEmpty }
    return texts.contains("*") ? "" : texts.joined(separator: ";")
  }

  /// A digest (FNV-1a, 64 bit) of what the record says of the content.
  var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for field in [IndexField.dskm, .dskm2, .date, .size] {
      for byte in (self[field] ?? "").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0x1F) &* 0x100_0000_01B3
    }
    return hash
  }
}
