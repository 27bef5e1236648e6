import Foundation
import MirrorTypes
import SiteDocuments
import SystemPackage
import TestSupport
import Testing

@Suite struct KSNTests {
  private static var document: KSNDocument {
    var document = KSNDocument(site: "plant-7", made: Fixture.made)
    document.take(settings: [
      "KSNPROXY_ENABLE": true, "KSNPROXY_TCP_PORT": 13111, "KSNPROXY_KSN_TYPE": 1, "KSNPROXY_NEW_SETTING": "x",
    ])
    document.state[.connected] = .flag(false)
    document.state[.checked] = .time(Fixture.made)
    document.state[.serverName] = .text("ksc.plant.example")
    document.state[.user] = .text("alice")
    var statement = KSNStatement()
    statement[.name] = .text("KSN Statement")
    statement[.acceptedAt] = .time(Fixture.made)
    document.statements = [statement]
    document.licences = ["1234-567890-0000000B", "1234-567890-0000000A", "1234-567890-0000000A"]
    document.counters = ["requests": 12]
    return document
  }

  @Test func `a document comes back in its one form`() throws {
    let bytes = Self.document.serialized(.keepingEverything)
    let read = try KSNDocument(parsing: bytes)
    #expect(read.state == Self.document.state && read.statements == Self.document.statements)
    #expect(read.licences.map { $0.suffix(1) } == ["A", "B"] && read.counters == ["requests": 12])
    #expect(read.serialized(.keepingEverything) == bytes)
    #expect(try JSONSerialization.jsonObject(with: Data(bytes)) is [String: Any])
    for count in 0..<(bytes.count - 1) {
      #expect(throws: ExchangeError.self) { try KSNDocument(parsing: Array(bytes.prefix(count))) }
    }
  }

  @Test func `who and where is left out, and the server has a pseudonym if wanted`() throws {
    let read = try KSNDocument(parsing: Self.document.serialized(Redaction()))
    #expect(read.state.text(.user) == nil && read.state.text(.serverName) == nil && read.state.other.isEmpty)
    #expect(read.leftOut.counts == ["user": 1, "serverName": 1, "others": 1, "name": 1, "counter": 1])
    let secret = try #require(Fixture.secret)
    let named = Self.document.redacted(Redaction(devices: .pseudonyms(secret)))
    #expect(named.state.text(.serverName)?.hasPrefix("server-") == true)
  }

  private static let body = """
    {"Version": 2, "Time": {"type":"datetime","value":"2026-06-01T00:00:00Z"}, "Records": [
      {"product":"KES","count":{"type":"long","value":12345678901234567890},"user":"alice","path":"C:\\\\Users\\\\alice"},
      {"value": 1.50, "host": {"name": "pc-1", "ip": "10.0.0.1"}, "total": null}],
     "alice@example.com": 3, "blob": {"type":"binary","value":"QUJD"}, "size": {"type":"binary","value":"QUJD"}}
    """

  @Test func `of a body only what is on the list leaves, and the rest is counted`() throws {
    let body = try StatisticsBody(name: "KsnStat", parsing: Array(Self.body.utf8), schema: StatisticsSchema())
    #expect(
      text(body.bytes)
        == #"{"Records":[{"count":{"type":"long","value":12345678901234567890},"product":"KES"},"#
        + #"{"total":null,"value":1.50}],"Time":{"type":"datetime","value":"2026-06-01T00:00:00Z"},"Version":2}"#
    )
    for value in ["alice", "pc-1", "10.0.0.1", "QUJD", "example.com"] { #expect(!text(body.bytes).contains(value)) }
    #expect(body.kept == 6 && body.leftOut == 9)
    let more = try StatisticsBody(
      name: "KsnStat",
      parsing: Array(Self.body.utf8),
      schema: StatisticsSchema(extra: ["host", "NAME"])
    )
    #expect(text(more.bytes).contains("pc-1") && !text(more.bytes).contains("10.0.0.1"))
    #expect(try StatisticsBody(name: "x", parsing: Array("{\"a\":1}".utf8), schema: StatisticsSchema()).isEmpty)
  }

  @Test(arguments: ["[]", "1", "", "{", "{\"a\":1,\"a\":2}", "{\"count\":01}", String(repeating: "[", count: 100_000)])
  func `what is no object within bounds is refused`(_ text: String) {
    #expect(throws: ExchangeError.self) {
      try StatisticsBody(name: "x", parsing: Array(text.utf8), schema: StatisticsSchema())
    }
  }

  @Test func `a spool gives its plain files of sound names, and counts the rest`() throws {
    let folder = TemporaryFolder()
    func write(_ name: String, _ content: String) throws {
      try Data(content.utf8).write(to: URL(fileURLWithPath: folder[name].string))
    }
    try write("B.json", "{\"count\":1}")
    try write("A.json", "{\"count\":2}")
    try write("bad.json", "no JSON")
    try write("huge.json", "{\"count\":\"" + String(repeating: "x", count: 2 << 20) + "\"}")
    try write(".hidden.json", "{}")
    try write("sp ace.json", "{}")
    try write("readme.txt", "x")
    try FileManager.default.createDirectory(atPath: folder["folder.json"].string, withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder["link.json"].string,
      withDestinationPath: folder["A.json"].string
    )
    #expect(mkfifo(folder["pipe.json"].string, 0o600) == 0)
    let spool = try StatisticsSpool(folder.path, schema: StatisticsSchema())
    #expect(spool.bodies.map(\.name) == ["A", "B"])
    #expect(spool.refused.count == 2 && spool.skipped == 6)
    #expect(throws: ExchangeError.self) { try StatisticsSpool(folder["missing"], schema: StatisticsSchema()) }
    #expect(throws: ExchangeError.self) { try StatisticsSpool(folder["A.json"], schema: StatisticsSchema()) }
    for number in 0...StatisticsSpool.maximumCount { try write("n\(number)", "") }
    #expect(throws: ExchangeError.self) { try StatisticsSpool(folder.path, schema: StatisticsSchema()) }
  }

  @Test func `names of bodies are names and never paths`() {
    #expect(StatisticsName.name(ofFile: "KSN_Stat-1.json") == "KSN_Stat-1")
    for file in ["../x.json", "a/b.json", ".json", "..json", "-x.json", "x.JSON", "x", "ü.json", "a b.json"] {
      #expect(StatisticsName.name(ofFile: file) == nil, "\(file)")
    }
  }

  private static func signed(_ folder: TemporaryFolder, _ arguments: [String]) throws -> [UInt8] {
    let (key, certificate) = (folder["key.pem"].string, folder["cert.pem"].string)
    if !FileManager.default.fileExists(atPath: key) {
      try Command.run(
        "openssl",
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
          + ["-subj", "/C=CH/O=Provider <AG>/CN=Private KSN", "-keyout", key, "-out", certificate]
      )
      try Data("configuration".utf8).write(to: URL(fileURLWithPath: folder["content"].string))
    }
    let output = folder["signed"].string
    try Command.run(
      "openssl",
      arguments + ["-sign", "-binary", "-nodetach", "-in", folder["content"].string, "-signer", certificate]
        + ["-inkey", key, "-out", output]
    )
    return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
  }

  @Test(arguments: [
    ["cms", "-outform", "DER"], ["cms", "-outform", "PEM"], ["smime", "-outform", "DER"], ["smime", "-outform", "PEM"],
  ])
  func `a signed configuration is known by its outside`(_ arguments: [String]) throws {
    let folder = TemporaryFolder()
    let bytes = try Self.signed(folder, arguments)
    let configuration = try PrivateConfiguration(recognising: bytes, name: "kpsn.pkcs7")
    let facts = configuration.facts
    #expect(facts.text(.provider) == "CN=Private KSN, O=Provider <AG>, C=CH")
    #expect(facts.text(.issuer) == facts.text(.provider))
    let age = Int64(Date().timeIntervalSince1970) - (facts.time(.signed)?.seconds ?? 0)
    #expect((-5..<600).contains(age))
    #expect(facts.text(.form) == arguments[2].lowercased() && facts.number(.size) == bytes.count)
    let digest = try Command.run("openssl", ["dgst", "-sha256", "-r", folder["signed"].string]).prefix(64)
    #expect(configuration.digest.hex == String(digest))
    var document = KSNDocument(site: "plant-7", made: Fixture.made)
    document.configurations = [facts]
    let personal = Redaction(personal: Redaction.personalFields)
    #expect(try KSNDocument(parsing: document.serialized(personal)).configurations == [facts])
    let read = try KSNDocument(parsing: document.serialized(Redaction()))
    #expect(read.configurations.first?.fields == [.form, .sha256, .signed, .size], "who provides it stays")
    #expect(read.leftOut.counts == ["name": 1, "provider": 1, "issuer": 1])
  }

  @Test func `what is no SignedData is refused, however it is damaged`() throws {
    let folder = TemporaryFolder()
    let bytes = try Self.signed(folder, ["cms", "-outform", "DER"])
    for count in stride(from: 0, to: bytes.count, by: 3) {
      #expect(throws: ExchangeError.self) {
        try PrivateConfiguration(recognising: Array(bytes.prefix(count)), name: "x")
      }
    }
    #expect(throws: ExchangeError.self) { try PrivateConfiguration(recognising: bytes + [0], name: "x") }
    let certificate = Array(try Data(contentsOf: URL(fileURLWithPath: folder["cert.pem"].string)))
    #expect(throws: ExchangeError.self) { try PrivateConfiguration(recognising: certificate, name: "x") }
    let nested = [UInt8](repeating: 0x30, count: 100_000)
    #expect(throws: ExchangeError.self) { try PrivateConfiguration(recognising: nested, name: "x") }
    var random = SeededGenerator(3)
    for _ in 0..<5000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = .random(in: .min ... .max, using: &random)
      }
      guard let read = try? PrivateConfiguration(recognising: damaged, name: "x") else { continue }
      #expect((read.facts.text(.provider) ?? "").utf8.count <= 512)
    }
  }
}
