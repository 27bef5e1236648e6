import MirrorTypes

/// A licence key as the server knows it, without its body. What a server does not tell, or tells in another form than
/// documented, is `nil`; ``attributes`` has it as it came.
package struct ServerLicenceKey: Hashable, Sendable {
  /// What kind of licence it is.
  package enum Kind: Hashable, Sendable {
    case commercial, beta, trial, test, oem, subscription
    /// A number that is not documented.
    case other(Int64)
  }

  /// Its serial number.
  package let serial: String
  /// All attributes, as they came. The ones that have a member of their own are among them.
  package let attributes: Params
  /// The product's name.
  package let productName: String?
  /// The number of the main application that it is for.
  package let applicationID: Int64?
  /// Which applications and which objects it is for, by the application's number.
  package let applications: Params?
  /// The number of the set of products.
  package let productSuiteID: Int64?
  /// When it was made.
  package let created: UTCTime?
  /// When it ends at the latest.
  package let limit: UTCTime?
  /// What kind of licence it is.
  package let kind: Kind?
  /// The main version that it is for.
  package let majorVersion: String?
  /// How many days it lasts from its first use; it means nothing for a subscription.
  package let periodDays: Int64?
  /// How many units may use it.
  package let unitLimit: Int64?
  /// How many units may use it at present, where that differs.
  package let effectiveUnitLimit: Int64?
  /// When it ends on the first of the devices that use it.
  package let nearestExpiration: UTCTime?
  /// What it says of itself.
  package let licenceInfo: String?
  /// What it says of support.
  package let supportInfo: String?
  /// Whose it is: personal data.
  package let customerInfo: String?
  /// The order's number.
  package let partNumber: String?
  /// Who sold it.
  package let partnerName: String?
  /// How many devices use it as the active one.
  package let devicesAsActive: Int64?
  /// How many devices have it in reserve.
  package let devicesAsReserve: Int64?
  /// Whether the Administration Server itself uses it.
  package let isUsedByServer: Bool?
  /// Whether it is in the server's own storage, not only known from devices.
  package let isInstalled: Bool?
  /// Whether the server gives it to devices by itself.
  package let isAutomatic: Bool?
  /// What it is as a subscription, if it is one.
  package let subscription: LicenceSubscription?
}

/// A licence that is paid for time by time.
package struct LicenceSubscription: Hashable, Sendable {
  /// What is known of its end.
  package enum End: Hashable, Sendable {
    case undefined, unlimited, limited, paused
    /// A number that is not documented.
    case other(Int64)
  }

  /// Whether it goes on.
  package enum State: Hashable, Sendable {
    case active, paused, softCancelled, hardCancelled
    /// A number that is not documented.
    case other(Int64)
  }

  /// When it ends.
  package let endDate: UTCTime?
  /// What is known of its end.
  package let end: End?
  /// How many days it works beyond its end.
  package let graceDays: Int64?
  /// The address of who provides it.
  package let providerURL: String?
  /// Whether it goes on.
  package let state: State?
  /// Why it is in this state: a number of the vendor's.
  package let stateReason: Int64?
}

// MARK: - Reading

extension ServerLicenceKey {
  /// Reads a key's attributes.
  ///
  /// - Throws: ``ParamsError`` without a serial number.
  package init(_ attributes: Params) throws(ParamsError) {
    var attributes = attributes
    // A body that came unasked is not kept where it could be shown.
    attributes["KLLICSRV_KEYDATA"] = nil
    self.attributes = attributes
    serial = try attributes.required("KLLIC_SERIAL", attributes.string("KLLIC_SERIAL"))
    productName = attributes.tolerantly { try $0.string("KLLIC_PROD_NAME") }
    applicationID = attributes.tolerantly { try $0.integer("KLLIC_APP_ID") }
    applications = attributes.tolerantly { try $0.params("KLLIC_APP_IDS") }
    productSuiteID = attributes.tolerantly { try $0.integer("KLLIC_PROD_SUITE_ID") }
    created = attributes.tolerantly { try $0.time("KLLIC_CREATION_DATE") }
    limit = attributes.tolerantly { try $0.time("KLLIC_LIMIT_DATE") }
    kind = attributes.tolerantly { try $0.integer("KLLIC_KEY_TYPE") }.map(Kind.init)
    majorVersion = attributes.tolerantly { try $0.string("KLLIC_MAJ_VER") }
    periodDays = attributes.tolerantly { try $0.integer("KLLIC_LICENSE_PERIOD") }
    unitLimit = attributes.tolerantly { try $0.integer("KLLIC_LIC_COUNT") }
    effectiveUnitLimit = attributes.tolerantly { try $0.integer("KLLIC_EFFECTIVE_LIC_COUNT") }
    nearestExpiration = attributes.tolerantly { try $0.time("KLLIC_NEAREST_EXPIRATION_DATE") }
    licenceInfo = attributes.tolerantly { try $0.string("KLLIC_LICINFO") }
    supportInfo = attributes.tolerantly { try $0.string("KLLIC_SUPPORT_INFO") }
    customerInfo = attributes.tolerantly { try $0.string("KLLIC_CUSTOMER_INFO") }
    partNumber = attributes.tolerantly { try $0.string("KLLIC_PART_NUMBER") }
    partnerName = attributes.tolerantly { try $0.string("KLLIC_PARTNER_NAME") }
    devicesAsActive = attributes.tolerantly { try $0.integer("KLLIC_NHOSTS_ASCURRENT") }
    devicesAsReserve = attributes.tolerantly { try $0.integer("KLLIC_NHOSTS_ASNEXT") }
    // 0: no; other numbers tell as what.
    isUsedByServer = attributes.tolerantly { try $0.integer("KLLIC_USED_BY_ADM_SRV") }.map { $0 != 0 }
    isInstalled = attributes.tolerantly { try $0.bool("KLLICSRV_KEY_INSTALLED") }
    isAutomatic = attributes.tolerantly { try $0.bool("KLLICSRV_AUTOKEY") }
    let isSubscription =
      attributes.tolerantly { try $0.bool("KLLIC_LICTYPE_IS_SUBSCRIPTION") } ?? (kind == .subscription)
    subscription = isSubscription ? LicenceSubscription(attributes) : nil
  }
}

extension LicenceSubscription {
  init(_ attributes: Params) {
    endDate = attributes.tolerantly { try $0.time("KLLIC_SUBSCRINFO_ENDDATE") }
    end = attributes.tolerantly { try $0.integer("KLLIC_SUBSCRINFO_ENDDATETYPE") }.map(End.init)
    graceDays = attributes.tolerantly { try $0.integer("KLLIC_SUBSCRINFO_GRACETERM") }
    providerURL = attributes.tolerantly { try $0.string("KLLIC_SUBSCRINFO_PROVIDERURL") }
    state = attributes.tolerantly { try $0.integer("KLLIC_SUBSCRINFO_STATE") }.map(State.init)
    stateReason = attributes.tolerantly { try $0.integer("KLLIC_SUBSCRINFO_STATEREASON") }
  }
}

extension ServerLicenceKey.Kind {
  init(_ number: Int64) {
    switch number {
    case 1: self = .commercial
    case 2: self = .beta
    case 3: self = .trial
    case 4: self = .test
    case 5: self = .oem
    case 6: self = .subscription
    default: self = .other(number)
    }
  }
}

extension LicenceSubscription.End {
  init(_ number: Int64) {
    switch number {
    case 0: self = .undefined
    case 1: self = .unlimited
    case 2: self = .limited
    case 3: self = .paused
    default: self = .other(number)
    }
  }
}

extension LicenceSubscription.State {
  init(_ number: Int64) {
    switch number {
    case 0: self = .active
    case 1: self = .paused
    case 2: self = .softCancelled
    case 3: self = .hardCancelled
    default: self = .other(number)
    }
  }
}
