import DocumentFixtures
import Foundation
import LicenceReports
import MirrorTypes
import SiteDocuments
import Testing

@Suite struct RedactionTests {
  static let serial = "1234-567890-ABCDEF01"

  /// A document with something personal wherever there is room for a text.
  static func seeded() -> (document: LicenceDocument, seeds: [String]) {
    var seeds: [String] = []
    func seed(_ place: String) -> FieldValue {
      seeds.append("SEED-\(place)-\(seeds.count)")
      return .text(seeds[seeds.count - 1])
    }
    var document = LicenceDocument(Fixture.header)
    func isFree(_ rule: FieldRule) -> Bool { [.personal, .device, .server].contains(rule.names) && rule.form == nil }
    for field in LicenceHeaderField.allCases where isFree(field.rule) {
      document.header[field] = seed("header-\(field.rawValue)")
    }
    document.header.setOther("admin", seed("admin"))
    var key = Fixture.key(serial)
    for field in LicenceField.allCases where isFree(field.rule) { key[field] = seed(field.rawValue) }
    for name in ["KLLIC_OWNER", "KLLIC_COMMENT", "userName", "ip", "mac"] { key.setOther(name, seed(name)) }
    document.keys = [key]
    var devices: [LicenceDevice] = []
    for number in 0..<3 {
      var device = LicenceDevice()
      for field in DeviceField.allCases where isFree(field.rule) { device[field] = seed("\(field)\(number)") }
      for name in ["KLHST_IP", "mac", "owner"] { device.setOther(name, seed("device-\(name)")) }
      devices.append(device)
    }
    document.devices = [serial: devices]
    return (document, seeds)
  }

  @Test func `the list at the gate is the same each time, in short lines`() throws {
    var ksn = KSNDocument(site: "plant-7", made: Fixture.made)
    ksn.licences = [RedactionTests.serial]
    ksn.state[.comment] = .text("x")
    var bodies = LicenceBodies()
    for serial in ["1234-567890-ABCDEF01", "1234-567890-ABCDEF02"] { bodies[serial] = LicenceBody([1, 2, 3]) }
    let documents = [
      "licence/licences.jsonl": try Fixture.bytes(Fixture.document), "ksn/ksn.json": ksn.serialized(.keepingEverything),
      "keys/licence-bodies.jsonl": bodies.serializedWithSecrets(),
    ]
    let text = try words(documents)
    #expect(try text == words(documents))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    for part in [
      "comment (1)", "NOT CHECKED in bodies of keys (2)", "Names of devices: YES (3)", "secrets): YES (2)", "SECRETS",
      "3 licences",
      "1 serial number of licences",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `nothing personal leaves unless it is asked for`() throws {
    let (document, seeds) = Self.seeded()
    #expect(seeds.count > 25)
    let secret = try #require(Fixture.secret)
    for redaction in [Redaction(), Redaction(devices: .pseudonyms(secret))] {
      let (bytes, totals) = try document.serialized(redaction)
      for seed in seeds { #expect(!text(bytes).contains(seed)) }
      #expect(!text(bytes).contains("SEED"))
      // Nor in what is made of it.
      let read = try LicenceDocument(parsing: bytes)
      let report = LicenceReport(read, now: Fixture.made)
      let list = try sentences(parcel(bytes))
      let page = LicencePage([LicenceHistory([read])], now: Fixture.made, in: .english).html
      for made in [report.table(in: .english), report.csv(for: .standard), report.json, page, list, "\(read)"] {
        #expect(!made.contains("SEED"))
      }
      #expect(list.contains("Names of persons, organisations or addresses: NO - Names of devices: NO"))
      #expect(totals.leftOut.counts["customerInfo"] == 1 && totals.leftOut.counts["licenceInfo"] == 1)
      #expect(read.leftOut == totals.leftOut)
    }
  }

  @Test func `everything is there to be left out`() throws {
    let (document, seeds) = Self.seeded()
    let everything = text(try Fixture.bytes(document))
    for seed in seeds { #expect(everything.contains(seed)) }
  }

  @Test func `what is asked for by name leaves, and the list at the gate says so`() throws {
    let (document, _) = Self.seeded()
    let redaction = Redaction(devices: .named, personal: ["customerInfo"])
    let bytes = try Fixture.bytes(document, redaction)
    let read = try LicenceDocument(parsing: bytes)
    #expect(read.keys[0].text(.customerInfo)?.hasPrefix("SEED") == true)
    #expect(read.keys[0].other.isEmpty, "what is on no list of ours never leaves")
    #expect(read.keys[0].text(.partner) == nil)
    #expect(read.devices[Self.serial]?.count { $0.text(.name) != nil } == 3)
    let list = try sentences(parcel(bytes))
    #expect(list.contains("Names of persons, organisations or addresses: YES: customer (1) -"), "\(list)")
    #expect(list.contains("Names of devices: YES (4)"))
    // A document that was written with all that a server told says so too.
    let everything = try sentences(parcel(try Fixture.bytes(document)))
    #expect(everything.contains("NOT CHECKED in attributes of the server (15)"), "\(everything)")
  }

  @Test func `names that could be content are counted without being told`() throws {
    let (document, _) = Self.seeded()
    let leftOut = try document.serialized(Redaction()).totals.leftOut
    #expect(leftOut.counts.keys.allSatisfy { !["userName", "ip", "mac", "owner", "admin"].contains($0) })
    #expect((leftOut.counts["others"] ?? 0) >= 6)
    #expect(leftOut.counts.keys.allSatisfy { !$0.hasPrefix("KL") }, "a server can call an attribute anything")
  }

  @Test func `a device has the same pseudonym in each export, and another at another site`() throws {
    let secret = try #require(Fixture.secret)
    let redaction = Redaction(devices: .pseudonyms(secret))
    func names(_ devices: [LicenceDevice], _ redaction: Redaction) throws -> [String?] {
      var document = LicenceDocument(Fixture.header)
      document.keys = [Fixture.key(Self.serial)]
      document.devices = [Self.serial: devices]
      return try LicenceDocument(parsing: try Fixture.bytes(document, redaction)).devices[Self.serial]?.map {
        $0.text(.name)
      }
        ?? []
    }
    let first = try names([Fixture.device("pc-1", id: "id-1"), Fixture.device("pc-2")], redaction)
    let renamed = try names([Fixture.device("pc-1-new", id: "ID-1"), Fixture.device("PC-2")], redaction)
    #expect(first == renamed && Set(first).count == 2)
    #expect(first.allSatisfy { $0?.wholeMatch(of: /device-[0-9a-f]{12}/) != nil })
    let other = SiteSecret.make()
    #expect(
      Set(try names([Fixture.device("pc-2")], Redaction(devices: .pseudonyms(other.secret)))).isDisjoint(with: first)
    )
    #expect(
      SiteSecret(other.bytes)?.pseudonym(of: "x", kind: "device") == other.secret.pseudonym(of: "x", kind: "device")
    )
    // Worked out by another program: a later version must give the same.
    #expect(secret.pseudonym(of: "PC-2", kind: "device") == "device-3a9d6e446001")
  }

  @Test func `a secret is not short, and shows nothing of itself`() throws {
    #expect(SiteSecret(Array(repeating: 1, count: 31)) == nil)
    let secret = try #require(SiteSecret(Array("a secret of thirty-two bytes or more".utf8)))
    var dumped = ""
    dump(secret, to: &dumped)
    for shown in ["\(secret)", "\(String(reflecting: secret))", dumped, "\(Redaction(devices: .pseudonyms(secret)))"] {
      #expect(!shown.contains("thirty") && !shown.contains("97"))
    }
  }

  @Test func `bodies of keys come back, and show nothing of themselves`() throws {
    var bodies = LicenceBodies()
    let code = "ABCDE-12345-FGHIJ-67890"
    bodies["S"] = LicenceBody(Array("the body of a key".utf8))
    bodies["T"] = LicenceBody(Array("\(code)\r\n".utf8))
    #expect(bodies["S"]?.kind == .keyFile && bodies["T"]?.kind == .activationCode)
    #expect(LicenceBody([]) == nil && LicenceBody(Array(repeating: 0, count: 40_000)) == nil)
    var dumped = ""
    dump(bodies, to: &dumped)
    for shown in ["\(bodies)", String(reflecting: bodies), dumped, bodies["T"].map { "\($0)" } ?? ""] {
      #expect(!shown.contains("ABCDE") && !shown.contains("body of a key"))
    }
    let bytes = bodies.serializedWithSecrets()
    let read = try LicenceBodies(parsing: bytes)
    #expect(read == bodies && read.serials == ["S", "T"])
    #expect(read["S"]?.revealed { text($0) } == "the body of a key")
    for count in 0..<bytes.count {
      let error = #expect(throws: ExchangeError.self) { try LicenceBodies(parsing: Array(bytes.prefix(count))) }
      #expect(error?.description.contains("QUJD") == false)
    }
  }
}
