import Foundation

/// A licence key that nobody has bought.
package struct SyntheticKey: Codable, Sendable {
  /// Its serial number.
  package var serial: String
  /// The product's name.
  package var productName: String
  /// The vendor's number of its kind, 1 to 6.
  package var kind: Int
  /// The number of the application.
  package var applicationID: Int
  /// Its time limit.
  package var limit: String
  /// How many units may use it.
  package var units: Int
  /// How many devices use it. They are made up when they are asked for.
  package var devices: Int
  /// Whose it is: personal data.
  package var customer: String
  /// Its body, if the server has it: base64.
  package var body: String?
  /// Whether the body is an activation code.
  package var isCode: Bool
  /// Whether the server gives it to devices by itself.
  package var isAutomatic: Bool

  /// A key that follows from a number: of each six, each kind is there once.
  package init(number: Int, devices: Int) {
    let digits = String(format: "%04X", number)
    serial = "13A5-230\(number % 10)01-\(digits)-1E2F"
    productName = "Synthetic Endpoint Security №\(number)"
    kind = number % 6 + 1
    applicationID = 1090 + number % 7
    limit = "203\(number % 10)-11-25T12:00:00Z"
    units = 100 + number
    self.devices = devices
    customer = "Иван Примеров \(number); ivan\(number)@example.invalid; +7 000 000-00-\(number % 90 + 10)"
    isCode = number % 4 == 3
    let file = "SYNTHETIC KEY FILE \(digits)\r\n" + String(repeating: "\(digits)-", count: 200)
    let code = "ABCD\(number % 10)-FGHIJ-KLMNO-P\(digits)"
    body = number % 5 == 4 ? nil : Data((isCode ? code : file).utf8).base64EncodedString()
    isAutomatic = number % 2 == 0
  }

  var isSubscription: Bool { kind == 6 }

  /// All attributes, as the wire has them, but the body.
  var attributes: [String: Any] {
    var all: [String: Any] = [
      "KLLIC_SERIAL": serial, "KLLIC_PROD_NAME": productName, "KLLIC_APP_ID": applicationID,
      "KLLIC_APP_IDS": Wire.params([
        "\(applicationID)": Wire.params(["KLLIC_APP_ID": applicationID, "KLLIC_LICOBJECT_WORKSTATION": units])
      ]),
      "KLLIC_PROD_SUITE_ID": 70, "KLLIC_CREATION_DATE": Wire.time("2024-01-15T08:30:00Z"),
      "KLLIC_LIMIT_DATE": Wire.time(limit), "KLLIC_KEY_TYPE": kind, "KLLIC_MAJ_VER": "12",
      "KLLIC_LICENSE_PERIOD": 365, "KLLIC_LIC_COUNT": units, "KLLIC_LICINFO": "for tests / \"only\"",
      "KLLIC_SUPPORT_INFO": "nobody", "KLLIC_CUSTOMER_INFO": customer, "KLLIC_PART_NUMBER": "KL0000RAAFS",
      "KLLIC_PARTNER_NAME": "Nobody & Sons", "KLLIC_NHOSTS_ASCURRENT": devices, "KLLIC_NHOSTS_ASNEXT": 0,
      "KLLIC_USED_BY_ADM_SRV": 0, "KLLICSRV_KEY_INSTALLED": body != nil, "KLLICSRV_AUTOKEY": isAutomatic,
      "KLLIC_LICTYPE_IS_SUBSCRIPTION": isSubscription, "KLLIC_EFFECTIVE_LIC_COUNT": units,
      "KLLIC_NEAREST_EXPIRATION_DATE": Wire.time(""),
    ]
    if isSubscription {
      all["KLLIC_SUBSCRINFO_ENDDATE"] = Wire.time(limit)
      all["KLLIC_SUBSCRINFO_ENDDATETYPE"] = 2
      all["KLLIC_SUBSCRINFO_GRACETERM"] = 14
      all["KLLIC_SUBSCRINFO_PROVIDERURL"] = "https://provider.invalid/subscription"
      all["KLLIC_SUBSCRINFO_STATE"] = 2
      all["KLLIC_SUBSCRINFO_STATEREASON"] = 5
    }
    return all
  }

  /// What the server gives out as the key's body.
  var keyData: [String: Any]? {
    body.map { ["KLLIC_LICFILE": Wire.binary($0), "KLLIC_IFKEYFILE": !isCode] }
  }

  /// One device that uses the key.
  func device(_ number: Int) -> [String: Any] {
    [
      "KLLICSRV_HOSTNAME": "\(serial)-\(number)", "KLLICSRV_HOSTDN": "WS-\(number)", "KLLICSRV_HOST_GRPID": "12",
      "KLLICSRV_HOST_GRPNAME": "Managed devices", "KLLICSRV_HOST_CURRENT": true,
      "KLLICSRV_EXPIRATION_TIME": Wire.time(limit), "KLLICSRV_INSTALL_TIME": Wire.time("2024-02-01T00:00:00Z"),
      "KLLICSRV_PRODUCT": "KES", "KLLICSRV_VERSION": number % 3 == 0 ? "11.0.0.0" : "12.1.0.0",
    ]
  }
}
