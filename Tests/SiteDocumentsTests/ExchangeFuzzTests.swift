import DocumentFixtures
import LicenceReports
import MirrorTypes
import SiteDocuments
import TestSupport
import Testing

/// Changes documents at random, the same way in every run: see `Fuzz`.
@Suite struct ExchangeFuzzTests {
  /// With pieces that matter to the format.
  private static let mutator = Mutator(
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "\\u0000", "\\ud800", "0", "-", "1e999", "null", "true",
      "99999999999999999999", "\"key\":{},", "\"end\":{},", "\"other\":{\"A\":1},", "\"serial\":\"..\",", "\u{202E}",
    ]
  )

  @Test func `a changed document of licences is refused, or is another that is sound in all its parts`() throws {
    let (document, _) = RedactionTests.seeded()
    let original = try Fixture.bytes(document)
    var (tried, believed) = (0, 0)
    for round in Fuzz.rounds("documents of licences", 4000) {
      var random = round.random
      tried += 1
      let bytes = Self.mutator.changed(original, &random)
      guard let read = try? LicenceDocument(parsing: bytes, name: "fuzz") else { continue }
      believed += 1
      // What was read can be written, and reads back the same; all reports can be made of it, and are clean.
      let again = try Fixture.bytes(read)
      #expect(try LicenceDocument(parsing: again).keys == read.keys)
      let report = LicenceReport(read, now: Fixture.made)
      #expect(report.table(in: .english).unicodeScalars.allSatisfy { $0 == "\n" || !SafeText.isUnsafe($0) })
      #expect(!report.csv(for: .standard).isEmpty && !report.json.isEmpty)
      #expect(LicencePage([LicenceHistory([read])], now: Fixture.made, in: .english).html.hasSuffix("</html>\n"))
    }
    #expect(believed > 0 && believed < tried / 2)
  }

  @Test func `changed documents of KSN, bodies and reports never do more than fail`() throws {
    var ksn = KSNDocument(site: "plant-7", made: Fixture.made)
    ksn.licences = ["A", "B"]
    ksn.counters = ["a": 1]
    let statistics = try StatisticsBody(name: "S", parsing: Array("{\"count\":[1,{\"a\":2}]}".utf8), schema: .init())
    ksn.statistics = [statistics.entry]
    var bodies = LicenceBodies()
    bodies["A"] = LicenceBody([1, 2, 3])
    let report = Array(
      "{\"Active key\":{\"Key\":\"1\",\"License limit\":\"25\",\"Expiration date\":\"2026-06-12\"}}".utf8
    )
    for round in Fuzz.rounds("documents of KSN, bodies and reports", 4000) {
      var random = round.random
      if let read = try? KSNDocument(parsing: Self.mutator.changed(ksn.serialized(.keepingEverything), &random)) {
        _ = try KSNDocument(parsing: read.serialized(.keepingEverything))
      }
      _ = try? LicenceBodies(parsing: Self.mutator.changed(bodies.serializedWithSecrets(), &random))
      if let read = try? KeslControlReport(parsing: Self.mutator.changed(report, &random), name: "x") {
        #expect(read.keys.allSatisfy { !$0.serial.isEmpty })
      }
      let body = try? StatisticsBody(
        name: "S",
        parsing: Self.mutator.changed(statistics.bytes, &random),
        schema: .init()
      )
      if let body { _ = try StatisticsBody(name: "S", parsing: body.bytes, schema: .init()) }
    }
  }

  @Test func `a large document is written and read piece by piece`() throws {
    // 2,000 keys and 20,000 devices: each is seen once, and nothing is held but the line.
    var bytes: [UInt8] = []
    let redaction = Redaction(devices: .pseudonyms(try #require(Fixture.secret)))
    var writer = try LicenceDocumentWriter(Fixture.header, redaction: redaction) { bytes += $0 }
    for number in 100_000..<102_000 {
      try writer.write(Fixture.key("1234-\(number)-1"), devices: (0..<10).map { Fixture.device("pc-\(number)-\($0)") })
    }
    #expect(try writer.finish().devices == 20_000)
    var reader = LicenceDocumentReader(name: "large")
    var names: Set<String> = []
    var rest = bytes[...]
    while !rest.isEmpty {
      try reader.take(rest.prefix(65_536)) { record in
        if case .device(let device, _) = record { names.insert(device.text(.name) ?? "") }
      }
      rest = rest.dropFirst(65_536)
    }
    try reader.finish()
    #expect(names.count == 20_000)
  }
}
