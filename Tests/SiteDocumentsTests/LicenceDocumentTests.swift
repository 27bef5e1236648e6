import DocumentFixtures
import Foundation
import MirrorTypes
import SiteDocuments
import StrictJSON
import Testing

@Suite struct LicenceDocumentTests {
  @Test func `a document comes back, in the order of serial numbers and names`() throws {
    let bytes = try Fixture.bytes(Fixture.document)
    let read = try LicenceDocument(parsing: bytes)
    #expect(read.header == Fixture.header)
    #expect(read.keys.map(\.serial) == ["A", "B", "C"])
    #expect(read.keys.allSatisfy { $0 == Fixture.key($0.serial) })
    #expect(read.devices["A"]?.map { $0.text(.name) } == ["alpha", "zeta"])
    #expect(read.devices["C"] == [Fixture.device("beta")])
    #expect(read.files.map(\.name) == ["a.key", "b.key"])
    #expect(try Fixture.bytes(read) == bytes)
  }

  @Test func `each line is JSON that any other program reads`() throws {
    let lines = text(try Fixture.bytes(Fixture.document)).split(separator: "\n")
    let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    #expect(objects.count == 10)
    #expect(objects.first??["document"] as? String == "kscmirror-licences")
    #expect((objects.last??["end"] as? [String: Any])?["devices"] as? Int == 3)
  }

  @Test func `a document in pieces of any size reads the same`() throws {
    let bytes = try Fixture.bytes(Fixture.document)
    for size in [1, 2, 7, 64, bytes.count] {
      var reader = LicenceDocumentReader(name: "pieces")
      var records: [LicenceRecord] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        try reader.take(rest.prefix(size)) { records.append($0) }
        rest = rest.dropFirst(size)
      }
      try reader.finish()
      #expect(records.count == 10, "\(size)")
    }
  }

  @Test func `devices can be left unread`() throws {
    let read = try LicenceDocument(parsing: try Fixture.bytes(Fixture.document), withDevices: false)
    #expect(read.devices.isEmpty && read.keys.count == 3)
  }

  @Test func `a document that was cut anywhere is refused`() throws {
    let bytes = try Fixture.bytes(Fixture.document)
    for count in 0..<bytes.count {
      #expect(throws: ExchangeError.self, "\(count)") { try LicenceDocument(parsing: bytes.prefix(count)) }
    }
  }

  static let damages: [(String, String, DocumentProblem)] = [
    ("\"version\":1", "\"version\":2", .version(2)),
    ("kscmirror-licences", "something-else", .notThis(expected: "document of licences")),
    ("\"inUse\":7", "\"inUse\":-7", .value(field: "inUse")),
    ("\"inUse\":7", "\"inUse\":99999999999", .value(field: "inUse")),
    ("\"inUse\":7", "\"inUse\":7.5", .value(field: "inUse")),
    ("\"inUse\":7", "\"inUse\":\"7\"", .value(field: "inUse")),
    ("\"inUse\":7", "\"inHouse\":7", .unknownField("inHouse")),
    ("2027-06-01T00", "2027-06-31T00", .value(field: "expires")),
    ("Endpoint Security", "Endpoint\\u001b[31m", .value(field: "product")),
    ("Endpoint Security", "Endpoint\\u202eSecurity", .value(field: "product")),
    ("Endpoint Security", String(repeating: "x", count: 513), .value(field: "product")),
    ("{\"key\":{", "{\"code\":{", .unknownField("code")),
    ("\"serial\":\"A\"", "\"serial\":\"D\"", .order("devices")),
    ("\"serial\":\"B\"", "\"serial\":\"A\"", .order("keys")),
    (",\"serial\":\"A\"", "", .missing(field: "serial")),
    ("\"keys\":3", "\"keys\":4", .miscounted),
    ("\"devices\":3", "\"devices\":2", .miscounted),
    ("a.key", "c.key", .order("key files")),
    (String(repeating: "01", count: 32), String(repeating: "0g", count: 32), .value(field: "sha256")),
  ]

  @Test(arguments: damages.indices)
  func `whatever is wrong in a document is reported with its line`(_ index: Int) throws {
    let (before, after, expected) = Self.damages[index]
    let good = text(try Fixture.bytes(Fixture.document))
    let range = try #require(good.range(of: before))
    let bad = good.replacingCharacters(in: range, with: after)
    let error = #expect(throws: ExchangeError.self) { try LicenceDocument(parsing: Array(bad.utf8), name: "bad.jsonl") }
    #expect(problem(error) == expected)
    #expect(error?.description.hasPrefix("bad.jsonl, line ") == true)
  }

  @Test func `what stands behind the end is refused`() throws {
    let bytes = try Fixture.bytes(Fixture.document)
    for tail in ["{}\n", "x", "\n"] {
      let error = #expect(throws: ExchangeError.self) { try LicenceDocument(parsing: bytes + Array(tail.utf8)) }
      #expect(problem(error) == .behindEnd)
    }
  }

  @Test func `more than the limits is refused before it is held`() throws {
    let bytes = try Fixture.bytes(Fixture.document)
    let limits: [(WritableKeyPath<LicenceLimits, Int>, Int)] = [
      (\.bytes, bytes.count - 1), (\.keys, 2), (\.devices, 2), (\.files, 1),
    ]
    for (limit, value) in limits {
      var limits = LicenceLimits()
      limits[keyPath: limit] = value
      #expect(throws: ExchangeError.self) { try LicenceDocument(parsing: bytes, limits: limits) }
    }
    let endless = [UInt8](repeating: UInt8(ascii: " "), count: 200_000)
    let error = #expect(throws: ExchangeError.self) { try LicenceDocument(parsing: endless) }
    #expect(problem(error) == .tooLong(limit: 131_072))
  }

  @Test func `keys out of order, twice or without a serial number are not written`() throws {
    var writer = try LicenceDocumentWriter(Fixture.header, redaction: .keepingEverything) { _ in }
    try writer.write(Fixture.key("B"))
    for key in [Fixture.key("A"), Fixture.key("B"), LicenceKey()] {
      #expect(throws: ExchangeError.self) { try writer.write(key) }
    }
    #expect(throws: ExchangeError.self) {
      try LicenceDocumentWriter(LicenceHeader(), redaction: .keepingEverything) { _ in }
    }
  }

  @Test func `texts of a server become one clean line, and what has the wrong kind is not taken`() {
    var key = LicenceKey(serial: "A\u{0}B")
    key[.customerInfo] = .text("  ACME\r\n\nBerlin\u{1B}[2J \u{202E}x  ")
    #expect(key.serial == "A B")
    #expect(key.text(.customerInfo) == "ACME Berlin [2J x")
    key[.product] = .text(String(repeating: "é", count: 1000))
    #expect(key.text(.product)?.utf8.count == 512)
    key[.limit] = .text("10")
    key[.inUse] = .number(-1)
    key[.created] = .time(UTCTime(seconds: -1))
    #expect(key.fields == [.customerInfo, .product, .serial])
  }

  @Test func `attributes of the server are read, wrapped or plain`() throws {
    let attributes: JSONObject = [
      "KLLIC_SERIAL": "1234", "KLLIC_PROD_NAME": "KES", "KLLIC_KEY_TYPE": 6,
      "KLLIC_LIMIT_DATE": .object(["type": "datetime", "value": "2026-06-12T10:00:00Z"]),
      "KLLIC_CREATION_DATE": .object(["type": "date", "value": "2025-06-12"]),
      "KLLIC_SUBSCRINFO_ENDDATE": "", "KLLICSRV_AUTOKEY": true, "KLLIC_LIC_COUNT": "many",
      "KLLIC_APP_IDS": .object([
        "type": "params", "value": .object(["1105": .object([:]), "1017": .object([:])]),
      ]),
      "KLLIC_LICOBJECT_54": .object(["type": "long", "value": 5]),
      "KLLICSRV_KEYDATA": .object(["KLLIC_LICFILE": "QUJD"]), "KLLIC_LICFILE": "QUJD", "owner of it": "x",
    ]
    let (key, unreadable) = LicenceKey.read(attributes: attributes)
    #expect(key.serial == "1234" && key.type == .subscription && key.isSubscription)
    #expect(key.time(.limitDate) == time("2026-06-12T10:00:00Z"))
    #expect(key.time(.created) == time("2025-06-12T00:00:00Z"))
    #expect(key[.applications] == .numbers([1017, 1105]))
    #expect(key.flag(.automatic) == true)
    #expect(key.other == ["KLLIC_LICOBJECT_54": .number(5)])
    #expect(unreadable == ["KLLIC_LIC_COUNT", "owner of it"])
    #expect(!"\(key)".contains("QUJD"))
  }

  @Test func `every field of a key and a device comes back`() throws {
    var document = LicenceDocument(Fixture.header)
    var key = LicenceKey(serial: "S")
    for field in LicenceField.allCases where field != .serial { key[field] = sample(field.rule) }
    key.setOther("KLLIC_NEW", .text("value"))
    key.setOther("KLLIC_TIME", .time(Fixture.made))
    var device = LicenceDevice()
    for field in DeviceField.allCases { device[field] = sample(field.rule) }
    #expect(key.fields.count == LicenceField.allCases.count && device.fields.count == DeviceField.allCases.count)
    document.keys = [key]
    document.devices = ["S": [device]]
    let read = try LicenceDocument(parsing: try Fixture.bytes(document))
    #expect(read.keys == [key] && read.devices["S"] == [device])
  }

  @Test func `a record with all its fields full fits a line`() throws {
    var document = LicenceDocument(Fixture.header)
    let endless = String(repeating: "\"\\", count: 10_000)
    var key = LicenceKey(serial: endless)
    for field in LicenceField.allCases {
      switch field.rule.kind {
      case .text: key[field] = .text(endless)
      case .numbers(let limit): key[field] = .numbers((0..<Int64(limit)).map { .max - $0 })
      default: key[field] = sample(field.rule)
      }
    }
    let numbers = FieldValue.numbers((0..<16).map { .max - $0 })
    for other in [.text(endless), numbers] {
      for number in 0..<100 { key.setOther("KLLIC_\(number)" + String(repeating: "X", count: 50), other) }
      #expect(key.other.count == LicenceKey.maximumOther)
      document.keys = [key]
      #expect(try LicenceDocument(parsing: try Fixture.bytes(document)).keys == [key])
    }
  }

  private func sample(_ rule: FieldRule) -> FieldValue {
    switch rule.kind {
    case .text: .text("Ünïcode \"quoted\" \\ text")
    case .number: .number(3)
    case .numbers: .numbers([1, 2, 3])
    case .flag: .flag(false)
    case .time: .time(Fixture.made)
    case .digest: .text(Fixture.digest(9).hex)
    }
  }
}
