import Languages

/// What a document says about a key. ``serverName`` is what the Administration Server calls it.
package enum LicenceField: String, RecordField {
  /// The licence's serial number, which names the key.
  case serial
  /// The product's name.
  case product
  /// The application that the key is for first of all.
  case application
  /// All applications that the key is for.
  case applications
  /// The set of products.
  case suite
  /// The product's major version.
  case majorVersion
  /// The key's type: ``LicenceType``.
  case type
  /// When the key was made.
  case created
  /// When the key ends, whatever was activated with it: the end of a licence that is not a subscription.
  case limitDate
  /// When a licence that was activated with the key runs out, the nearest of all.
  case expires
  /// For how many days it is good from activation; without meaning for subscriptions.
  case periodDays
  /// For how many devices it is good.
  case limit
  /// For how many devices it is good in effect, where that differs.
  case effectiveLimit
  /// On how many devices it is in use.
  case inUse
  /// On how many devices it lies in reserve.
  case reserve
  /// Whether the Administration Server itself uses it: 0 no, 1 as its current key, 2 as its reserve.
  case serverUse
  /// Whether it is in the server's own store of keys.
  case installed
  /// Whether the server gives it to devices by itself.
  case automatic
  /// What the vendor, or whoever sold it, has written about the licence: any text.
  case licenceInfo
  /// Whom to ask for support.
  case supportInfo
  /// Who has bought it.
  case customerInfo
  /// The part number it was bought under.
  case partNumber
  /// The partner that sold it.
  case partner
  /// Whether it is a subscription.
  case subscription
  /// Since when or until when the subscription runs.
  case subscriptionEnd
  /// Whether it ends: 0 unknown, 1 never, 2 at ``subscriptionEnd``, 3 paused.
  case subscriptionEndType
  /// For how many days it goes on after its end.
  case subscriptionGraceDays
  /// Where the provider is on the web.
  case subscriptionProvider
  /// How it stands: 0 active, 1 paused, 2 soft cancelled, 3 hard cancelled.
  case subscriptionState
  /// Why it stands so, as a number.
  case subscriptionStateReason
  /// Whether it is blocked by the vendor. The Administration Server does not tell; a device does.
  case blocked
  /// What a device says about the key's state, in its own words.
  case status
  /// When it was activated, on the device that was asked.
  case activated

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .serial: .text(128, .serialNumber, .serial, else: .pseudonym("serial"))
    case .product: .text(512, .productAndVersion, .knownWords, else: .knownWords)
    case .application, .suite: .number(-1...Int64(Int32.max), .productAndVersion)
    case .type: .number(-1...Int64(Int32.max), .type)
    case .applications: .numbers(128, .productAndVersion)
    case .majorVersion: .text(128, .productAndVersion, .version)
    case .partNumber: .text(128, .partNumber, .partNumber)
    case .created, .limitDate, .expires, .subscriptionEnd, .activated: .time(.dates)
    case .periodDays: .count(.dates)
    case .limit, .effectiveLimit, .inUse, .reserve: .count(.deviceNumbers)
    case .serverUse: .count(.use)
    case .automatic, .installed: .flag(.use)
    case .subscriptionEndType, .subscriptionGraceDays, .subscriptionState, .subscriptionStateReason: .count(.state)
    case .subscription, .blocked: .flag(.state)
    case .status: .text(512, .state, .knownWords, else: .knownWords)
    case .licenceInfo: .free(4096, .licenceText)
    case .supportInfo: .free(4096, .supportContact)
    case .customerInfo: .free(4096, .customer)
    case .partner: .free(512, .partner)
    case .subscriptionProvider: .free(1024, .providerAddress)
    }
  }

  /// The attribute of `LicenseKeys.EnumKeys` that holds it; `nil` for what the Administration Server does not tell.
  package var serverName: String? {
    switch self {
    case .serial: "KLLIC_SERIAL"
    case .product: "KLLIC_PROD_NAME"
    case .application: "KLLIC_APP_ID"
    case .applications: "KLLIC_APP_IDS"
    case .suite: "KLLIC_PROD_SUITE_ID"
    case .majorVersion: "KLLIC_MAJ_VER"
    case .type: "KLLIC_KEY_TYPE"
    case .created: "KLLIC_CREATION_DATE"
    case .limitDate: "KLLIC_LIMIT_DATE"
    case .expires: "KLLIC_NEAREST_EXPIRATION_DATE"
    case .periodDays: "KLLIC_LICENSE_PERIOD"
    case .limit: "KLLIC_LIC_COUNT"
    case .effectiveLimit: "KLLIC_EFFECTIVE_LIC_COUNT"
    case .inUse: "KLLIC_NHOSTS_ASCURRENT"
    case .reserve: "KLLIC_NHOSTS_ASNEXT"
    case .serverUse: "KLLIC_USED_BY_ADM_SRV"
    case .installed: "KLLICSRV_KEY_INSTALLED"
    case .automatic: "KLLICSRV_AUTOKEY"
    case .licenceInfo: "KLLIC_LICINFO"
    case .supportInfo: "KLLIC_SUPPORT_INFO"
    case .customerInfo: "KLLIC_CUSTOMER_INFO"
    case .partNumber: "KLLIC_PART_NUMBER"
    case .partner: "KLLIC_PARTNER_NAME"
    case .subscription: "KLLIC_LICTYPE_IS_SUBSCRIPTION"
    case .subscriptionEnd: "KLLIC_SUBSCRINFO_ENDDATE"
    case .subscriptionEndType: "KLLIC_SUBSCRINFO_ENDDATETYPE"
    case .subscriptionGraceDays: "KLLIC_SUBSCRINFO_GRACETERM"
    case .subscriptionProvider: "KLLIC_SUBSCRINFO_PROVIDERURL"
    case .subscriptionState: "KLLIC_SUBSCRINFO_STATE"
    case .subscriptionStateReason: "KLLIC_SUBSCRINFO_STATEREASON"
    case .blocked, .status, .activated: nil
    }
  }
}

/// The types of keys, by the Administration Server's numbers.
package enum LicenceType: Int, Sendable, CaseIterable {
  case commercial = 1
  case beta, trial, test, oem, subscription

  /// The type in a word.
  package var word: String { self == .oem ? "OEM" : "\(self)" }
}
