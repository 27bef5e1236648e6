import DocumentFixtures
import Foundation
import LicenceReports
import Languages
import MirrorTypes
import SiteDocuments
import TestSupport
import Testing

/// A person's name is written into every field of every document, in several disguises, and looked for in what leaves.
///
/// The fields are those of the table that decides what leaves: a new one is tried as soon as it is there.
@Suite struct NameTests {
  /// The name as it is, in other cases, in Cyrillic, and encoded as somebody might.
  static let names: [String] = [
    "Ivan Petrov", "IVAN PETROV", "ivan.petrov", "Иван Петров", "Kaspersky Ivan Petrov 100-149",
    Data("Ivan Petrov".utf8).base64EncodedString(), "Ivan%20Petrov", "%49%76%61%6E",
    "1234-567890-" + hex("Ivan"), hex("Ivan") + ".key", hex("Ivan Petrov"), "12.Ivan.1", "en-Petrov",
  ]

  private static func hex(_ text: String) -> String { text.utf8.map { String(format: "%02X", $0) }.joined() }

  /// Whether a text holds the name in any of its disguises.
  private static func holds(_ text: String) -> Bool {
    let plain = text.lowercased()
    return ["ivan", "petrov", "иван", "петров", hex("Ivan").lowercased(), "%49%76"].contains { plain.contains($0) }
      || text.contains(Data("Ivan Petrov".utf8).base64EncodedString())
  }

  /// A record with the name in every field that can hold a text.
  private static func named<Field: RecordField>(_ name: String, besides: Set<Field> = []) -> Record<Field> {
    var record = Record<Field>()
    for field in Field.allCases where !besides.contains(field) {
      if case .text = field.rule.kind { record[field] = .text(name) }
    }
    for other in ["KLLIC_OWNER", "KSNPROXY_OWNER", "IvanPetrov", "KLLIC_IVAN_PETROV"] {
      record.setOther(other, .text(name))
    }
    return record
  }

  private static func licences(_ name: String) -> LicenceDocument {
    // The site's own name is checked when it is set, and the kind of source is the program's.
    var header: LicenceHeader = named(name, besides: [.site, .source])
    header[.site] = .text("plant-7")
    header[.made] = .time(Fixture.made)
    header[.source] = .text(LicenceSource.openAPI.rawValue)
    var document = LicenceDocument(header)
    document.keys = [named(name)]
    document.devices = [document.keys[0].serial: [named(name)]]
    var file: LicenceKeyFile = named(name)
    file[.size] = .number(1)
    file[.sha256] = .text(Fixture.digest(1).hex)
    document.files = [file]
    return document
  }

  @Test(arguments: names)
  func `no field of a document of licences lets a name out by itself`(_ name: String) throws {
    let secret = try #require(Fixture.secret)
    let document = Self.licences(name)
    #expect(Self.holds(text(try Fixture.bytes(document))), "the name is there to be found")
    for redaction in [
      Redaction(), Redaction(secret: secret), Redaction(devices: .pseudonyms(secret), secret: secret),
    ] {
      let bytes = try Fixture.bytes(document, redaction)
      #expect(!Self.holds(text(bytes)), "\(text(bytes))")
      let read = try LicenceDocument(parsing: bytes)
      let list = try sentences(parcel(bytes))
      #expect(list.contains("Names of persons, organisations or addresses: NO - Names of devices: NO"), "\(list)")
      let report = LicenceReport(read, now: Fixture.made)
      let page = LicencePage([LicenceHistory([read])], now: Fixture.made, in: .english).html
      for made in [list, report.table(in: .english), report.csv(for: .standard), report.json, page] {
        #expect(!Self.holds(made))
      }
    }
  }

  /// What is stated is worked out here from the text of the document, field by field, and not by the program's counting.
  @Test(arguments: names)
  func `what is asked for leaves, and the list counts each field that holds a name`(_ name: String) throws {
    let personal = Redaction(devices: .named, personal: Redaction.personalFields)
    let bytes = try Fixture.bytes(Self.licences(name), personal)
    let lines = try text(bytes).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    var held: [String: Int] = [:]
    func count(_ object: Any?) {
      for (field, value) in object as? [String: Any] ?? [:] where (value as? String).map(Self.holds) == true {
        held[field, default: 0] += 1
      }
    }
    for line in lines { for part in ["header", "key", "device", "file"] { count(line[part]) } }
    #expect(held["customerInfo"] == 1 && held["licenceInfo"] == 1 && held["group"] == 1)
    let list = try sentences(parcel(bytes))
    for (field, word) in [
      ("customerInfo", "customer"), ("licenceInfo", "text of the licence"), ("group", "group of devices"),
      ("user", "user"), ("serverAddress", "server's address"), ("partner", "partner"), ("comment", "comment"),
      ("serial", "serial number"), ("partNumber", "part number"),
    ] {
      let count = held[field] ?? 0
      #expect(list.contains("\(word) (\(count))") == (count > 0), "\(field): \(list)")
    }
    #expect(list.contains("Names of devices: YES (2)"), "a device, and the server: \(list)")
  }

  private static func ksn(_ name: String) -> KSNDocument {
    var document = KSNDocument(site: "plant-7", made: Fixture.made)
    let state: Record<KSNField> = named(name, besides: [.site])
    for field in state.fields { document.state[field] = state[field] }
    for (other, value) in state.other { document.state.setOther(other, value) }
    document.statements = [named(name)]
    document.configurations = [named(name)]
    document.licences = [name]
    document.counters = ["IvanPetrov": 1, "spoolBodies": 1]
    return document
  }

  @Test(arguments: names)
  func `no field of a document of KSN lets a name out by itself`(_ name: String) throws {
    let document = Self.ksn(name)
    let bytes = document.serialized(Redaction())
    #expect(!Self.holds(text(bytes)), "\(text(bytes))")
    let list = try sentences(["ksn/ksn.json": bytes])
    #expect(!Self.holds(list))
    #expect(list.contains("Names of persons, organisations or addresses: NO - Names of devices: NO"), "\(list)")
    let asked = document.serialized(Redaction(personal: Redaction.personalFields))
    #expect(Self.holds(text(asked)))
    let told = try sentences(["ksn/ksn.json": asked])
    for word in ["provider of Private KSN (1)", "user (1)", "comment (1)"] { #expect(told.contains(word), "\(told)") }
  }

  /// A body with the name as a text in every place that a standard name allows, wrapped and in lists, and as a name.
  private static func body(_ name: String) throws -> [UInt8] {
    var members: [String: Any] = [name: 1, "IvanPetrov": 1]
    for key in StatisticsSchema.standardNames {
      members[key] = ["value": name, "values": [name, ["name": name]], "time": ["type": "datetime", "value": name]]
      members[key.uppercased()] = name
    }
    return Array(try JSONSerialization.data(withJSONObject: members))
  }

  @Test(arguments: names)
  func `no text of a body of statistics lets a name out by itself`(_ name: String) throws {
    let bytes = try Self.body(name)
    #expect(Self.holds(text(bytes)))
    let body = try StatisticsBody(name: "Stat", parsing: bytes, schema: StatisticsSchema())
    #expect(!Self.holds(text(body.bytes)), "\(text(body.bytes))")
    let list = try sentences(["ksn/statistics/Stat.json": body.bytes])
    #expect(list.contains("NOT CHECKED in names of bodies of statistics (1) -"), "\(list)")
    for schema in [StatisticsSchema(extra: ["Value"]), StatisticsSchema(personal: true)] {
      let more = try StatisticsBody(name: "Stat", parsing: bytes, schema: schema)
      #expect(Self.holds(text(more.bytes)))
      let told = try sentences(["ksn/statistics/Stat.json": more.bytes])
      #expect(told.contains(try Regex("texts in these \\([1-9][0-9]*\\)")), "\(told)")
    }
  }

  @Test func `a device's own report with the name in every value lets nothing out`() throws {
    let secret = try #require(Fixture.secret)
    for name in Self.names {
      let labels = [
        "Serial", "Expiration date", "Limit date", "Creation date", "Activation date", "License type", "License limit",
        "Period", "AppId", "Version", "Application name", "Key status", "Customer", "Support", "Info", "Unknown",
        "Ivan Petrov",
      ]
      let members = Dictionary(uniqueKeysWithValues: labels.map { ($0, name) })
      let json = try JSONSerialization.data(withJSONObject: ["Active key": members])
      var document = LicenceDocument(Fixture.header)
      document.keys = try KeslControlReport(parsing: Array(json), name: "kesl.json").keys
      let bytes = try Fixture.bytes(document, Redaction(secret: secret))
      #expect(!Self.holds(text(bytes)), "\(text(bytes))")
      #expect(try LicenceDocument(parsing: bytes).keys.count == 1, "the licence itself is there under a pseudonym")
    }
  }

  @Test func `bodies of keys lie under the names that leave, and keys to install are counted by theirs`() throws {
    let secret = try #require(Fixture.secret)
    var bodies = LicenceBodies()
    bodies["Ivan Petrov.key"] = LicenceBody([1, 2, 3])
    bodies["1A2B3C4D.key"] = LicenceBody([4])
    let redaction = Redaction(secret: secret)
    let leaving = bodies.leaving(by: redaction, of: KeyFileField.name)
    #expect(leaving.serials == ["1A2B3C4D.key", secret.pseudonym(of: "Ivan Petrov.key", kind: "file")])
    let list = try sentences(["keys/licence-bodies.jsonl": leaving.serializedWithSecrets()])
    #expect(list.contains("addresses: NOT CHECKED in bodies of keys (2) - Names of devices: NO"), "\(list)")
    let order = KeyOrder(isAutomatic: false, note: "for Ivan Petrov")
    let delivery = [
      "keys/licence-bodies.jsonl": bodies.serializedWithSecrets(), "keys/key-order.json": order.serialized,
    ]
    let told = try sentences(delivery, isDelivery: true)
    #expect(told.contains("YES: name of a key file (1), note (1)"), "\(told)")
  }

  @Test func `files that nobody looks into are said not to have been looked into`() throws {
    let list = try sentences(["exchange/patches/Ivan Petrov.txt": [1, 2], "licence/more.json": [3]])
    #expect(
      list.contains("addresses: NOT CHECKED in names and content of files of exchange folders (1), other files (1)")
    )
    #expect(list.contains("Exchange folder patches: 1 file, 2 bytes."), "\(list)")
    for path in ["licence/licences.jsonl", "ksn/ksn.json", "keys/licence-bodies.jsonl"] {
      #expect(
        try sentences([path: Array("{}\n".utf8)]).contains("addresses: NOT CHECKED in other files (1)"),
        "\(path)"
      )
    }
  }

  @Test func `a key whose serial number has no form keeps its place under a pseudonym, the same each time`() throws {
    let secret = try #require(Fixture.secret)
    var document = LicenceDocument(Fixture.header)
    document.keys = ["zz Petrov", "1234-567890-ABCDEF01", "Ivan", "aa"].map { Fixture.key($0) }
    document.devices = ["Ivan": [Fixture.device("pc-1")], "aa": [Fixture.device("pc-2")]]
    let redaction = Redaction(devices: .named, secret: secret)
    let first = try Fixture.bytes(document, redaction)
    let read = try LicenceDocument(parsing: first)
    #expect(read.keys.count == 4 && read.devices.count == 2)
    #expect(read.devices[secret.pseudonym(of: "Ivan", kind: "serial")]?.first?.text(.name) == "pc-1")
    #expect(try Fixture.bytes(document, redaction) == first)
    #expect(read.leftOut.counts["serial"] == 3)
    // Without a secret nothing could take its place.
    let without = try LicenceDocument(parsing: try Fixture.bytes(document, Redaction()))
    #expect(without.keys.map(\.serial) == ["1234-567890-ABCDEF01"])
    #expect(without.leftOut.counts == ["key": 3, "device": 2])
  }
}

/// What forms admit, and what not.
@Suite struct TextFormTests {
  static let admitted: [(TextForm, [String], [String])] = [
    (
      .serial, ["2E94-230117-143521-9-21403", "1234-567890-ABCDEF01", "13a5-230101-0000-1e2f"],
      [
        "", "1234", "1234-567890", "1234-567890-ABCDEFG1", "1234-567890-4976616E", "12345-567890-1", "1234-56789A-1",
        "1234-567890-abcdEF01", "1234-567890-1-2-3-4", "1234-567890-", "1234-567890-ABCDEF012", "IVAN-567890-1",
      ]
    ),
    (
      .partNumber, ["KL4863RAKFS", "KL0000RAAFS", "KL4867XAQDR"],
      ["KL4863RAKF", "KL4863PETER", "kl4863rakfs", "KL486RAKFSS"]
    ),
    (.version, ["12", "12.1.0.506", "15.1.0.12199"], ["", "12.", "12.a", "1234567", "1.2.3.4.5.6", "v12"]),
    (.versionOrDate, ["2024-05-20 10:00:00", "2024-05-20", "3.1"], ["20 May", "yesterday", "2024-05-20 Ivan"]),
    (.language, ["en", "ru", "pt-BR", "zh-Hans"], ["eva", "en-Ivan", "EN", "e", "en-GB-x"]),
    (.identifier, ["0f8fad5b-d9cb-469f-a165-70867728950e"], ["4976616e-d9cb-469f-a165-70867728950e", "0f8fad5b"]),
    (
      .program, ["kscmirror", "kscmirror 0.1.0", "kscmirror 1.0.0-rc.2"], ["kscmirror Ivan", "kscmirrors 1", "other 1"]
    ),
    (.keyFileName, ["1A2B3C4D.key", "0ff0ee12.KEY"], ["4976616E.key", "ivan.key", "1A2B3C4D.key.key", "1A2B3C4D"]),
    (.shortName, ["KES", "1103", "KSVLASVM"], ["Ivan", "IVAN PETROV", "4976616E", "", "KÄS"]),
    (
      .component, ["KDB64L", "RETR1901_Updater", "Updater", "AVBASES-2"], ["IvanPetrov", "kdb", "4976616E50657472", ""]
    ),
    (
      .knownWords,
      [
        "Kaspersky Endpoint Security for Business - Advanced Russian Edition. 100-149 Node 1 year Base License",
        "Kaspersky Anti-Virus 2025", "KES", "Kaspersky Security для виртуальных и облачных сред. Сервер", "Valid",
        "Kaspersky Endpoint Security 12.1 for Linux (MR3)",
      ],
      [
        "Endpoint Security for ACME", "Kaspersky Иван", "12 34 56", "+7 916 123-45-67", "79161234567", "", "№5",
        "a b. c d",
      ]
    ),
    (
      .measure,
      ["12.5", "-3", "ok", "2026-06-01T00:00:00Z", String(repeating: "0f", count: 32), "en", "windows x64", ""],
      ["10.0.0.1.2.3", "C:\\Users\\ivan", "pc-1", "ivan@example.org", "SXZhbg==", String(repeating: "49", count: 32)]
    ),
  ]

  @Test(arguments: admitted.indices)
  func `a form admits what has it, and nothing near it`(_ index: Int) {
    let (form, good, bad) = Self.admitted[index]
    for text in good { #expect(form.admits(text), "\(form): \(text)") }
    for text in bad { #expect(!form.admits(text), "\(form): \(text)") }
  }

  @Test func `of a product's name the known words stay`() throws {
    var key = Fixture.key(RedactionTests.serial)
    let names = [
      (
        "Kaspersky Endpoint Security for ACME Hospital. Ivan Petrov. 100-149 Node",
        "Kaspersky Endpoint Security for … 100-149 Node"
      ),
      ("Kaspersky Endpoint Security", "Kaspersky Endpoint Security"), ("ACME 12", nil),
    ]
    for (name, expected) in names {
      key[.product] = .text(name)
      var document = LicenceDocument(Fixture.header)
      document.keys = [key]
      let bytes = try Fixture.bytes(document, Redaction())
      #expect(try LicenceDocument(parsing: bytes).keys.first?.text(.product) == expected)
      #expect(try sentences(parcel(bytes)).contains("addresses: NO"))
    }
  }
}

/// The manual's table of fields is the program's.
@Suite struct FieldTableTests {
  /// The rows as mdoc has them.
  private static let rows = FieldTable.lines.map { ".It \($0.part) Ta Cm \($0.field) Ta \($0.leaves)" }

  @Test func `the manual says of every field what leaves, as the table has it`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Man/kscmirror-bundle.5")
    let manual = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    let shown = manual.filter { $0.wholeMatch(of: /\.It (licences|ksn): .* Ta Cm .* Ta .*/) != nil }
    #expect(shown == Self.rows, "kscmirror-bundle(5) should have these rows:\n\(Self.rows.joined(separator: "\n"))")
  }

  @Test func `every field has a word, and a text that leaves unasked has a form`() {
    for line in FieldTable.lines {
      #expect(!Language.english.word(line.rule.word).isEmpty)
      guard case .text = line.rule.kind else { continue }
      #expect(line.rule.names != .open, "\(line.part) \(line.field)")
      let isFree = line.rule.form == nil && line.rule.names != .chosen
      #expect(!isFree || !line.rule.mayLeave(.text("Ivan Petrov")), "\(line.part) \(line.field)")
    }
  }
}
