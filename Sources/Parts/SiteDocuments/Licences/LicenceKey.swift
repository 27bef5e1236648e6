import MirrorTypes
import StrictJSON

/// A key by what its server, or a device, says about it; never its body.
package typealias LicenceKey = Record<LicenceField>

extension Record where Field == LicenceField {
  /// A key with a serial number and nothing else.
  package init(serial: String) {
    self.init()
    self[.serial] = .text(serial)
  }

  /// The serial number; empty for a key that has none, which no document takes.
  package var serial: String { text(.serial) ?? "" }

  /// The type, where it is one of those known.
  package var type: LicenceType? { number(.type).flatMap(LicenceType.init) }

  /// Whether it is a subscription: as the source says, or else by its type.
  package var isSubscription: Bool { flag(.subscription) ?? (type == .subscription) }

  /// For how many devices it is good; `nil` if that is unknown or unlimited.
  package var deviceLimit: Int? { (number(.effectiveLimit) ?? number(.limit)).flatMap { $0 > 0 ? $0 : nil } }

  /// When it ends: the one place that decides it, for tables, pages, days left and exit statuses.
  ///
  /// A licence that is not a subscription ends at its limit date, whatever was activated with it and when. Where nobody
  /// tells that date, as some devices do not, it ends when the licence on the device does. A subscription has no limit
  /// date that means anything: it ends as its provider says, some days of grace behind its end.
  package var end: LicenceEnd {
    guard isSubscription else { return LicenceEnd(time(.limitDate) ?? time(.expires)) }
    switch number(.subscriptionEndType) {
    case 1: return .never
    case 3: return .paused
    case 2:
      // The days of grace are a count of a server's: in bounds, so that the sum is.
      return LicenceEnd(
        time(.subscriptionEnd).map { $0.adding(seconds: Int64(number(.subscriptionGraceDays) ?? 0) * 86_400) }
      )
    default: return LicenceEnd(time(.subscriptionEnd) ?? time(.expires))
    }
  }

  /// When it ends; `nil` where there is no such day, or nobody knows it.
  package var expiry: UTCTime? { end.time }

  /// Reads what `EnumKeys` gives for a key.
  ///
  /// Attributes that are on no list of ours come into ``other``. A key's body (`KLLICSRV_KEYDATA`, `KLLIC_LICFILE`) is
  /// never taken, whatever a server sends.
  ///
  /// - Returns: the key, and the names of the attributes whose values could not be read.
  package static func read(attributes: JSONObject) -> (key: LicenceKey, unreadable: [String]) {
    var plain = attributes
    for name in LicenceField.bodies { plain[name] = nil }
    if let name = LicenceField.applications.serverName { plain[name] = plain[name].map(applications) }
    let (record, unreadable) = LicenceKey.read(attributes: plain, fields: LicenceField.byServerName)
    return (record, unreadable)
  }

  /// The applications, which the server gives as the names of members.
  private static func applications(_ value: JSONValue) -> JSONValue {
    guard let object = value.unwrapped.object else { return value }
    return .array(object.members.compactMap { Int64($0.name) }.map { .integer($0) })
  }
}

extension LicenceField {
  fileprivate static let byServerName = Dictionary(
    uniqueKeysWithValues: allCases.compactMap { field in field.serverName.map { ($0, field) } }
  )
  /// What holds a key's body.
  fileprivate static let bodies: Set<String> = ["KLLICSRV_KEYDATA", "KLLIC_LICFILE", "KLLIC_IFKEYFILE"]
}

extension Record {
  /// Reads a server's attributes by a table of its names.
  static func read(
    attributes: JSONObject,
    fields: [String: Field]
  ) -> (record: Self, unreadable: [String]) {
    var record = Self()
    var unreadable: [String] = []
    for attribute in attributes.members {
      // An empty date is how the server says that there is none.
      if attribute.value.unwrapped == "" || attribute.value.unwrapped == .null { continue }
      if let field = fields[attribute.name] {
        record[field] = field.rule.foreignValue(attribute.value)
        if record[field] == nil { unreadable.append(attribute.name) }
      } else {
        record.setOther(attribute.name, plain(attribute.value.unwrapped))
        if record.other[attribute.name] == nil { unreadable.append(attribute.name) }
      }
    }
    return (record, unreadable)
  }

  private static func plain(_ value: JSONValue) -> FieldValue? {
    switch value {
    case .string(let text): .text(text)
    case .integer(let number): .number(number)
    case .decimal(let number): .text(number.digits)
    case .bool(let flag): .flag(flag)
    case .array, .object, .null: nil
    }
  }
}

/// When a licence ends.
package enum LicenceEnd: Hashable, Sendable {
  /// At a point in time.
  case at(UTCTime)
  /// Never: a subscription without end.
  case never
  /// Nobody can say as long as the subscription is paused.
  case paused
  /// Nobody tells.
  case unknown

  init(_ time: UTCTime?) { self = time.map { .at($0) } ?? .unknown }

  /// The point in time, if there is one.
  package var time: UTCTime? { if case .at(let time) = self { time } else { nil } }
}
