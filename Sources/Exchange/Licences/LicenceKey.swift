import MirrorTypes

/// A key by what its server, or a device, tells of it; never its body.
public typealias LicenceKey = Record<LicenceField>

extension Record where Field == LicenceField {
  /// A key with a serial number and nothing else.
  public init(serial: String) {
    self.init()
    self[.serial] = .text(serial)
  }

  /// The serial number; empty for a key that has none, which no document takes.
  public var serial: String { text(.serial) ?? "" }

  /// The type, where it is one of those known.
  public var type: LicenceType? { number(.type).flatMap(LicenceType.init) }

  /// Whether it is a subscription.
  public var isSubscription: Bool { flag(.subscription) == true || type == .subscription }

  /// For how many devices it is good; `nil` if that is unknown or unlimited.
  public var deviceLimit: Int? { (number(.effectiveLimit) ?? number(.limit)).flatMap { $0 > 0 ? $0 : nil } }

  /// When it runs out: a subscription at its end and the days of grace behind it, and any other key when the nearest of
  /// the licences activated with it does, or else the key itself. `nil` where there is no such day.
  public var expiry: UTCTime? {
    if isSubscription, let endType = number(.subscriptionEndType), endType != 0 {
      guard endType == 2, let end = time(.subscriptionEnd) else { return nil }
      return UTCTime(seconds: end.seconds + Int64(number(.subscriptionGraceDays) ?? 0) * 86_400)
    }
    return time(.expires) ?? time(.subscriptionEnd) ?? time(.limitDate)
  }

  /// Reads what `EnumKeys` gives for a key.
  ///
  /// Attributes that are on no list of ours come into ``other``. A key's body (`KLLICSRV_KEYDATA`, `KLLIC_LICFILE`) is
  /// never taken, whatever a server sends.
  ///
  /// - Returns: the key, and the names of the attributes whose values could not be read.
  public static func read(
    attributes: some Sequence<ExchangeValue.Member>
  ) -> (key: LicenceKey, unreadable: [String]) {
    let plain = attributes.lazy.filter { !LicenceField.bodies.contains($0.name) }.map { member in
      guard member.name == LicenceField.applications.serverName else { return member }
      return ExchangeValue.Member(member.name, applications(member.value))
    }
    let (record, unreadable) = LicenceKey.read(attributes: plain, fields: LicenceField.byServerName)
    return (record, unreadable)
  }

  /// The applications, which the server gives as the names of members.
  private static func applications(_ value: ExchangeValue) -> ExchangeValue {
    guard let members = value.unwrapped.members else { return value }
    return .list(members.compactMap { Int64($0.name) }.map { .integer($0) })
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
    attributes: some Sequence<ExchangeValue.Member>,
    fields: [String: Field]
  ) -> (record: Self, unreadable: [String]) {
    var record = Self()
    var unreadable: [String] = []
    for attribute in attributes {
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

  private static func plain(_ value: ExchangeValue) -> FieldValue? {
    switch value {
    case .text(let text): .text(text)
    case .number(let number): number.integer.map { .number($0) } ?? .text(number.digits)
    case .flag(let flag): .flag(flag)
    case .list, .object, .null: nil
    }
  }
}
