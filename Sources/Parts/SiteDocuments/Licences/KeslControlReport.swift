import MirrorTypes
import StrictJSON

/// What `kesl-control -L --query --json` says on a device with Kaspersky Endpoint Security for Linux: the keys that it
/// uses and has in reserve. A way to report licences where no server's API can be asked.
///
/// What is confirmed by the vendor's help (Endpoint Security for Linux 11 to 12.2): the option exists; the report tells
/// of the active key and the reserve key, of the application and, apart from it, of additional functions; and of each
/// the date of expiry (UTC), the days that are left, the restrictions of functions and of updates, the key's status,
/// the licence's type, its limit, the application's name, the key itself (its serial number), and for active keys the
/// date of activation. A sister command, `--app-info --json`, is known to use its *labels* as names of members, in the
/// language of the system. What is **not** documented is the spelling of the members and their nesting. So this reader
/// takes any nesting, finds objects that look like a key, knows several spellings in English and Russian, and counts
/// what it does not know.
package struct KeslControlReport: Hashable, Sendable {
  /// The keys, in the order of their serial numbers. ``LicenceField/inUse`` is 1 for an active key, and
  /// ``LicenceField/reserve`` is 1 for one in reserve: they count this device.
  package let keys: [LicenceKey]
  /// How many values of those keys are under names that are not known.
  package let unknownValues: Int

  /// The most bytes of a report.
  package static let maximumSize = JSONLimits.foreign.bytes
  private static let maximumKeys = 64

  /// Reads a report.
  ///
  /// - Parameter name: how errors name it.
  /// - Throws: ``ExchangeError`` for what is not JSON, and where no key is found.
  package init(parsing bytes: [UInt8], name: String) throws(ExchangeError) {
    let value: JSONValue
    do throws(DocumentProblem) {
      value = try JSONValue(document: PlainText.utf8(bytes), within: .foreign)
    } catch {
      throw .document(name: name, line: nil, error)
    }
    var search = KeySearch()
    search.visit(value, place: .unknown)
    guard !search.keys.isEmpty else {
      throw .document(name: name, line: nil, .nothingKnown("LC_ALL=C kesl-control -L --query --json"))
    }
    guard search.keys.count <= Self.maximumKeys else {
      throw .document(name: name, line: nil, .tooMany("keys", limit: Self.maximumKeys))
    }
    keys = search.keys.values.sorted { $0.serial.utf8.lexicographicallyPrecedes($1.serial.utf8) }
    unknownValues = search.unknownValues
  }
}

/// Finds the keys in a report.
private struct KeySearch {
  enum Place {
    case active, reserve, unknown
  }

  /// The keys by serial number.
  private(set) var keys: [String: LicenceKey] = [:]
  private(set) var unknownValues = 0

  mutating func visit(_ value: JSONValue, place: Place) {
    switch value {
    case .array(let elements): for element in elements { visit(element, place: place) }
    case .object(let object): visit(object.inReadOrder, place: place)
    default: break
    }
  }

  private mutating func visit(_ members: [JSONObject.Member], place: Place) {
    var key = LicenceKey()
    var unknown = 0
    var place = place
    for member in members {
      let label = KeslLabels.normalised(member.name)
      if member.value.object != nil || member.value.array != nil {
        visit(
          member.value,
          place: KeslLabels.isReserve(label) ? .reserve : KeslLabels.isActive(label) ? .active : place
        )
      } else if let field = KeslLabels.fields[label] {
        if field == .serial, KeslLabels.isReserve(label) { place = .reserve }
        if field == .serial, KeslLabels.isActive(label), place == .unknown { place = .active }
        if key[field] == nil { key[field] = KeslLabels.value(member.value, field) }
      } else {
        unknown += 1
      }
    }
    guard !key.serial.isEmpty else { return }
    unknownValues += unknown
    key[place == .reserve ? .reserve : .inUse] = .number(1)
    key.settleStatus()
    // The application and its additional functions may share a key.
    keys[key.serial] = keys[key.serial] ?? key
  }
}

extension Record where Field == LicenceField {
  /// Draws from the words of a status what the state is worked out from.
  fileprivate mutating func settleStatus() {
    guard let status = text(.status)?.lowercased() else { return }
    let words = ["block", "denylist", "blacklist", "заблокирован", "запрещ"]
    if words.contains(where: status.contains) { self[.blocked] = .flag(true) }
  }
}

/// The labels of a report.
private enum KeslLabels {
  /// A label in small letters and digits alone: `License expiration date`, `LicenseExpirationDate` and
  /// `license_expiration_date` are one.
  static func normalised(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  static func isReserve(_ label: String) -> Bool {
    ["reserve", "additionalkey", "резерв", "дополнительныйключ"].contains { label.contains($0) }
  }

  static func isActive(_ label: String) -> Bool {
    !label.contains("inactive") && ["active", "current", "активн", "текущ"].contains { label.contains($0) }
  }

  static let fields: [String: LicenceField] = {
    let spellings: [(LicenceField, [String])] = [
      (
        .serial,
        [
          "serial", "serialnumber", "key", "keyserial", "licensekey", "activekey", "activelicensekey", "reservekey",
          "reservelicensekey", "licenseid", "keyid", "ключ", "лицензионныйключ", "активныйключ",
          "активныйлицензионныйключ", "резервныйключ", "резервныйлицензионныйключ", "серийныйномер",
        ]
      ),
      (
        .expires,
        [
          "expirationdate", "licenseexpirationdate", "expires", "keyexpirationdate", "validuntil",
          "датаокончаниясрокадействия", "датаокончаниясрокадействиялицензии", "датаистечениясрокадействия",
        ]
      ),
      (.limitDate, ["limitdate"]),
      (.created, ["creationdate", "датасоздания"]),
      (.activated, ["activationdate", "installationdate", "installdate", "датаактивации"]),
      (.type, ["type", "licensetype", "типлицензии", "тип"]),
      (
        .limit,
        ["count", "limit", "licenselimit", "licensecount", "keylimit", "ограничение", "лицензионноеограничение"]
      ),
      (.periodDays, ["period", "licenseperiod", "срокдействия"]),
      (.application, ["appid", "applicationid"]),
      (.majorVersion, ["productversion", "version"]),
      (
        .product,
        [
          "application", "applicationname", "productname", "name", "product", "appname", "приложение", "программа",
          "названиеприложения", "названиепрограммы",
        ]
      ),
      (.status, ["status", "state", "keystatus", "keystate", "статус", "статусключа", "состояние"]),
      (.customerInfo, ["customer", "customerinfo"]),
      (.supportInfo, ["support", "supportinfo"]),
      (.licenceInfo, ["info", "licenseinfo", "информацияолицензии"]),
    ]
    return Dictionary(
      spellings.flatMap { field, names in names.map { ($0, field) } },
      uniquingKeysWith: { first, _ in first }
    )
  }()

  /// The value of a field; types of licences also as words.
  static func value(_ json: JSONValue, _ field: LicenceField) -> FieldValue? {
    guard field == .type, let text = json.string else {
      // "10 units" is a limit too.
      if field == .limit, let text = json.string { return Int64(text.prefix { $0.isNumber }).map { .number($0) } }
      return field.rule.foreignValue(json)
    }
    let word = text.lowercased()
    let words: [(String, LicenceType)] = [
      ("commercial", .commercial), ("коммерч", .commercial), ("beta", .beta), ("бета", .beta), ("trial", .trial),
      ("пробн", .trial), ("test", .test), ("тест", .test), ("oem", .oem), ("subscription", .subscription),
      ("подписк", .subscription),
    ]
    let type = words.first { word.contains($0.0) }?.1
    return (type?.rawValue ?? Int(word)).map { .number(Int64($0)) }
  }
}
