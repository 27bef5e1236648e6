import DocumentFixtures
import Foundation
import LicenceReports
import MirrorTypes
import SiteDocuments
import TestSupport
import Testing

@Suite struct SourceTests {
  @Test func `a device's report is read in English, nested, with a key in reserve`() throws {
    let report = """
      {"Active key": {"Expiration date": "2026-06-12 00:00:00", "Days until expiration": 11,
          "Key status": "Valid", "License type": "Commercial", "License limit": "25 devices",
          "Application name": "Kaspersky Endpoint Security for Linux", "Key": "1234-567890-ABCDEF01",
          "Activation date": "2025-06-12", "Restrictions": "No restrictions"},
       "Reserve key": {"Expiration date": "12.06.2027", "Key status": "Valid", "License type": "Subscription",
          "License limit": 30, "Key": "2222-000000-00000002"}}
      """
    let read = try KeslControlReport(parsing: Array(report.utf8), name: "kesl.json")
    #expect(read.keys.map(\.serial) == ["1234-567890-ABCDEF01", "2222-000000-00000002"])
    let (active, reserve) = (read.keys[0], read.keys[1])
    #expect(active.number(.inUse) == 1 && active.number(.reserve) == nil && active.type == .commercial)
    #expect(active.expiry == time("2026-06-12T00:00:00Z") && active.number(.limit) == 25)
    #expect(active.time(.activated) == time("2025-06-12T00:00:00Z"))
    #expect(reserve.number(.reserve) == 1 && reserve.number(.inUse) == nil && reserve.type == .subscription)
    #expect(reserve.expiry == time("2027-06-12T00:00:00Z") && reserve.number(.limit) == 30)
    #expect(read.unknownValues == 2)
    #expect(LicenceAssessment(reserve, now: Fixture.made, warnDays: 30).states == [.reserve])
  }

  @Test func `a device's report is read in Russian, and a blocked key is known`() throws {
    let report = """
      [{"Активный лицензионный ключ": "1234", "Дата окончания срока действия лицензии": "2026-06-12 10:00:00 UTC",
        "Тип лицензии": "Коммерческая", "Статус ключа": "Ключ заблокирован", "Название приложения": "KESL"},
       {"Резервный лицензионный ключ": "5678", "Дата окончания срока действия": "2028-01-01"}]
      """
    let read = try KeslControlReport(parsing: Array(report.utf8), name: "kesl.json")
    #expect(read.keys.map(\.serial) == ["1234", "5678"])
    #expect(read.keys[0].type == .commercial && read.keys[0].text(.product) == "KESL")
    let states = LicenceAssessment(read.keys[0], now: Fixture.made, warnDays: 30).states
    #expect(states == [.blocked, .expiring, .active])
    #expect(read.keys[1].number(.reserve) == 1)
  }

  @Test func `the shape that a sister product documents is read`() throws {
    let report = """
      {"active": {"AppId": 2321, "Count": 1, "Creation date": "Mon Jun  9 00:00:00 2025 UTC", "Customer": "ACME\\nX",
        "Expiration date": "Fri Jun 12 00:00:00 2026 UTC", "Period": 368, "License ID": "1234-123456-12345ABC",
        "State": "Valid", "Type": "Commercial", "Product name": "NGFW"}, "reserve": {}}
      """
    let key = try #require(try KeslControlReport(parsing: Array(report.utf8), name: "x").keys.first)
    #expect(key.serial == "1234-123456-12345ABC" && key.number(.application) == 2321 && key.number(.limit) == 1)
    #expect(key.expiry == time("2026-06-12T00:00:00Z") && key.text(.customerInfo) == "ACME X")
  }

  @Test(arguments: ["{}", "[]", "null", "{\"Key status\":\"Valid\"}", "Key: 1234", "{\"Key\":\"\"}", "{\"Key\":{}}"])
  func `what holds no key is reported as such`(_ report: String) {
    let error = #expect(throws: ExchangeError.self) {
      try KeslControlReport(parsing: Array(report.utf8), name: "kesl.json")
    }
    #expect(error?.description.contains("kesl.json") == true)
  }

  @Test func `more than one device has is refused`() {
    let keys = (0..<65).map { "{\"Key\":\"\($0)\"}" }.joined(separator: ",")
    #expect(throws: ExchangeError.self) { try KeslControlReport(parsing: Array("[\(keys)]".utf8), name: "x") }
    let deep = String(repeating: "[", count: 17) + String(repeating: "]", count: 17)
    #expect(throws: ExchangeError.self) { try KeslControlReport(parsing: Array(deep.utf8), name: "x") }
  }

  @Test func `key files are reported by name, size and digest, and never by content`() throws {
    let folder = TemporaryFolder()
    let secret = "SECRET-BODY-OF-A-KEY"
    for (name, content) in [
      ("b.key", secret), ("A.KEY", "x"), ("empty.key", ""), ("c.txt", "x"),
      ("big.key", String(repeating: "x", count: 40_000)),
    ] {
      try Data(content.utf8).write(to: URL(fileURLWithPath: folder[name].string))
    }
    try FileManager.default.createSymbolicLink(atPath: folder["l.key"].string, withDestinationPath: "b.key")
    var bodies: [String: LicenceBody] = [:]
    let read = try KeyFileFolder(folder.path) { bodies[$0] = $1 }
    #expect(read.files.map(\.name) == ["A.KEY", "b.key"] && read.skipped == 3)
    let digest = try Command.run("openssl", ["dgst", "-sha256", "-r", folder["b.key"].string]).prefix(64)
    #expect(read.files[1].digest?.hex == String(digest) && read.files[1].number(.size) == secret.utf8.count)
    #expect(bodies["b.key"]?.revealed { text($0) } == secret)
    var document = LicenceDocument(LicenceHeader(site: "plant-7", made: Fixture.made, source: .keyFiles))
    document.files = read.files
    #expect(!text(try Fixture.bytes(document)).contains("SECRET"))
    #expect(throws: ExchangeError.self) { try KeyFileFolder(folder["nowhere"]) }
  }

  @Test func `an earlier export is exported again without what may not leave now`() throws {
    var document = LicenceDocument(Fixture.header)
    document.keys = [Fixture.key(), Fixture.key("1234-567890-ABCDEF02")]
    document.keys[0][.customerInfo] = .text("ACME")
    document.devices = [document.keys[0].serial: [Fixture.device("alpha"), Fixture.device("beta")]]
    let first = try LicenceDocument(parsing: try Fixture.bytes(document))
    let again = try LicenceDocument(parsing: try Fixture.bytes(first, Redaction()))
    #expect(again.devices.isEmpty && again.keys.count == 2)
    #expect(again.keys.allSatisfy { $0.text(.customerInfo) == nil })
    #expect(again.leftOut.counts == ["customerInfo": 1, "device": 2])
    // What was left out then is not in it now either, and the list says so.
    let third = try LicenceDocument(parsing: try Fixture.bytes(again, Redaction()))
    #expect(third.leftOut.counts == ["customerInfo": 1, "device": 2])
  }
}
