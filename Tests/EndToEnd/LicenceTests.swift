import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Licences out of an isolated site and to the connected side, by the built program and an Administration Server.
@Suite struct LicenceTests {
  // MARK: - Lists

  @Test func `a list tells all keys, and its status which of them need somebody`() async throws {
    let ground = try await LicenceGround(keys: 3) { fixture in
      for (index, limit) in ["2040-01-01T00:00:00Z", "2040-01-01T00:00:00Z", "2001-01-01T00:00:00Z"].enumerated() {
        fixture.keys[index].limit = limit
        fixture.keys[index].kind = 1
      }
    }
    let listed = try await ground.isolated("list")
    #expect(listed.status == Exit.licenceCritical, "\(listed.output)\(listed.errors)")
    for key in ground.server.fixture.keys { #expect(listed.output.contains(key.serial)) }
    #expect(listed.output.contains("expired"))
    let json = try await ground.isolated("list", "--json")
    let licences = try #require(json.result["licences"] as? [[String: Any]])
    #expect(licences.count == 3)
    #expect(licences.first?["urgency"] as? String == "critical")
    let table = try await ground.isolated("list", "--csv")
    #expect(table.output.hasSuffix("\r\n") && table.output.split(separator: "\r\n").count == 4, "\(table.output)")

    ground.server.change { $0.keys.removeLast() }
    #expect(try await ground.isolated("list").status == 0)
    #expect(try await ground.isolated("list", "--warn-days", "3650").status == 0)
    ground.server.change { $0.keys[0].devices = $0.keys[0].units }
    #expect(try await ground.isolated("list").status == Exit.licenceWarning)
    #expect(ground.server.openSessions == 0, "a session was left open")
  }

  @Test func `an attribute in another form than documented is reported, and the rest is listed`() async throws {
    let ground = try await LicenceGround(keys: 3) { fixture in
      for index in fixture.keys.indices {
        fixture.keys[index].limit = "2040-01-01T00:00:00Z"
        fixture.keys[index].kind = 1
      }
      fixture.keyTexts = ["KLLIC_NHOSTS_ASCURRENT": "several", "KLLIC_USED_BY_ADM_SRV": "yes"]
    }
    let listed = try await ground.isolated("list")
    #expect(listed.status == 0, "\(listed.output)\(listed.errors)")
    for key in ground.server.fixture.keys { #expect(listed.output.contains(key.serial)) }
    #expect(listed.errors.contains("KLLIC_NHOSTS_ASCURRENT of 3, KLLIC_USED_BY_ADM_SRV of 3"), "\(listed.errors)")
  }

  @Test func `a device's own report, key files and documents are listed without a server`() async throws {
    let ground = try await LicenceGround()
    let report = ground.world.folder["kesl.json"]
    try ground.world.write(
      #"{"Active key": {"Serial": "1A2B-240101-0001-ABCD", "Expiration date": "2040-01-01"}}"#,
      to: report
    )
    let fromDevice = try await ground.isolated("list", "--kesl-control", report.string)
    #expect(fromDevice.status == 0 && fromDevice.output.contains("1A2B-240101-0001-ABCD"), "\(fromDevice.errors)")
    let keys = try ground.world.folder.subfolder("keys")
    try ground.world.write("top secret content", to: keys.appending("a.key"))
    let fromFiles = try await ground.isolated("list", "--key-files", keys.string)
    #expect(fromFiles.status == 0 && fromFiles.output.contains("a.key"))
    #expect(!fromFiles.output.contains("top secret"))
    #expect(ground.server.methods.isEmpty)
  }

  // MARK: - There

  @Test func `what a site exports arrives, changes are reported, and each parcel is used once`() async throws {
    let ground = try await LicenceGround()
    try await ground.roundTrip()
    let listed = try await ground.connected("list", "--from", "plant")
    for key in ground.server.fixture.keys { #expect(listed.output.contains(key.serial)) }
    #expect(try await ground.connected("import").output.contains("no parcel"))

    ground.server.change { fixture in
      fixture.keys[1].devices = 9
      fixture.keys.removeLast()
    }
    let gone = "13A5-230401-0004-1E2F"
    try await Task.sleep(for: .seconds(1.1))
    let exported = try await ground.isolated("export", "--output", ground.world.stick.string)
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(try await ground.collect().status == 0)
    let reports = ground.world.folder["reports"]
    let imported = try await ground.connected("import", "--report", reports.string)
    #expect(imported.output.contains("\(gone) is gone"), "\(imported.output)")
    #expect(imported.output.contains("is used by 9 devices"))
    let page = try String(contentsOfFile: reports.appending("plant.html").string, encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>\n"))
    #expect(!page.contains("src=\"http") && !page.contains("<script"))
    for suffix in ["txt", "csv", "json"] {
      #expect(FileManager.default.fileExists(atPath: reports.appending("plant.\(suffix)").string))
    }
  }

  @Test func `personal data and names of devices stay at the site, and are counted`() async throws {
    let ground = try await LicenceGround(keys: 4, devices: 6) { fixture in
      for index in fixture.keys.indices { fixture.keys[index].customer = "Klinikum Seeblick \(index)" }
    }
    try await ground.roundTrip("--devices")
    let kept = try ground.kept()
    #expect(!kept.contains("Klinikum"))
    #expect(kept.contains("device-"), "no pseudonym in \(kept.prefix(500))")
    let shown = try await ground.isolated("export", "--dry-run", "--devices", "--device-names", "--personal")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("Klinikum Seeblick 3"), "what is asked for leaves")
    // Each name of a device that leaves when asked for is absent from what has left without.
    let names = Set(shown.output.matches(of: /"name":"([^"]+)"/).map { String($0.1) })
    #expect(names.count >= 6)
    for name in names { #expect(!kept.contains("\"\(name)\""), "\(name) has left") }
    #expect(kept.contains("\"customerInfo\":4"))
  }

  @Test func `bodies of keys leave only when asked for, sealed, and are nobody else's to read`() async throws {
    let ground = try await LicenceGround(keys: 2) { fixture in
      fixture.keys[0].body = Data("BODY-OF-KEY-ZERO".utf8).base64EncodedString()
    }
    try await ground.roundTrip()
    #expect(!ground.server.methods.contains("LicenseKeys.GetKeyData"))
    #expect(try !ground.kept().contains("\"body\""))
    let shown = try await ground.isolated("export", "--with-keys", "--dry-run")
    #expect(!shown.output.contains("\"body\"") && shown.output.contains("licence-bodies.jsonl"), "\(shown.output)")
    try await Task.sleep(for: .seconds(1.1))
    try await ground.roundTrip("--with-keys")
    #expect(try ground.kept().contains("\"body\""))
    let files = try World.files(below: ground.world.connected.appending("licences"))
    let bodies = try #require(files.keys.first { $0.hasSuffix(".bodies.jsonl") })
    let path = ground.world.connected.appending("licences").pushing(FilePath(bodies)).string
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for (name, bytes) in try World.files(below: ground.world.stick) {
      #expect(!String(decoding: bytes, as: UTF8.self).contains("BODY-OF-KEY"), "\(name)")
    }
  }

  @Test func `a dry run shows what would leave, and makes nothing`() async throws {
    let ground = try await LicenceGround()
    let shown = try await ground.isolated("export", "--dry-run")
    #expect(shown.status == 0, "\(shown.errors)")
    for key in ground.server.fixture.keys { #expect(shown.output.contains(key.serial)) }
    #expect(shown.output.contains("Carries  licence"))
    let listed = try await ground.world.run("parcel", "list", "--config", ground.world.isolatedConfiguration.string)
    #expect(listed.output.contains("no parcels"), "\(listed.output)")
    let devices = try await ground.isolated("export", "--dry-run", "--devices")
    #expect(devices.output.contains("device-"), "\(devices.errors)")
    let secret = ground.world.isolated.appending("keys/pseudonyms.secret")
    #expect(!FileManager.default.fileExists(atPath: secret.string), "a dry run makes no secret")
    let drafts = try World.files(below: ground.world.isolated.appending("parcels")).keys.filter { $0.contains("draft") }
    #expect(drafts.isEmpty)
  }

  // MARK: - Faults

  @Test(arguments: [
    (Misbehaviour.status(503), Int32(82)), (.truncated(to: 40), 76),
    (.body(Array("<p>".utf8), contentType: "text/html"), 76),
    (.cut, 83),
  ])
  func `a server that fails in the middle is reported, and leaves no parcel`(
    _ fault: Misbehaviour,
    _ status: Int32
  ) async throws {
    let ground = try await LicenceGround(keys: 3)
    ground.server.misbehave { call in call.method == "GroupSyncIterator.GetNextItems" ? fault : nil }
    let configuration = ground.world.isolatedConfiguration
    let text = try String(contentsOfFile: configuration.string, encoding: .utf8)
    try ground.world.write(text + "call_timeout = \"5s\"\nbusy_patience = \"1s\"\n", to: configuration)
    let exported = try await ground.isolated("export", "--output", ground.world.stick.string)
    #expect(exported.status == status, "\(exported.errors)")
    #expect(exported.errors.contains("GetNextItems"), "\(exported.errors)")
    let listed = try await ground.world.run("parcel", "list", "--config", configuration.string)
    #expect(listed.output.contains("no parcels"))
  }

  @Test func `a wrong password, no password, and a server with another certificate are told apart`() async throws {
    let ground = try await LicenceGround()
    try ground.world.write("hunter2\n", to: ground.world.folder["password"])
    let wrong = try await ground.isolated("list")
    #expect(wrong.status == Exit.permission && wrong.errors.contains("admin"), "\(wrong.errors)")
    #expect(!wrong.errors.contains("hunter2"))
    let other = try TestAuthority(in: try ground.world.folder.subfolder("other"))
    let head = "site = \"plant\"\n[administration_server]\nurl = \"\(ground.server.url)\"\nuser = \"admin\"\n"
    try ground.world.configureIsolated(head + "password_file = \"password\"\nca = \"\(other.certificate)\"")
    let foreign = try await ground.isolated("list")
    #expect(foreign.status == Exit.notTrusted, "\(foreign.errors)")
    try ground.world.configureIsolated(head + "ca = \"\(ground.world.authority.certificate)\"")
    let nobody = try await ground.isolated("list")
    #expect(nobody.status == Exit.keyUnusable && nobody.errors.contains("password_file"), "\(nobody.errors)")
    try ground.world.configureIsolated("site = \"plant\"")
    let nothing = try await ground.isolated("list")
    #expect(
      nothing.status == Exit.configuration && nothing.errors.contains("[administration_server]"),
      "\(nothing.errors)"
    )
  }

  @Test func `config check names the server, and finds a certificate that is none`() async throws {
    let world = try World(files: 24, meanSize: 400)
    let head = "[administration_server]\nurl = \"https://ksc.example\"\nuser = \"mirror\"\n"
    try world.configureIsolated(head)
    let good = try await world.run("config", "check", "--config", world.isolatedConfiguration.string)
    #expect(good.status == 0 && good.output.contains("https://ksc.example:13299, as mirror"), "\(good.errors)")
    try world.write("no certificate", to: world.folder["klserver.cer"])
    try world.configureIsolated(head + "certificate = \"klserver.cer\"")
    let bad = try await world.run("config", "check", "--config", world.isolatedConfiguration.string)
    #expect(bad.status == Exit.configuration && bad.errors.contains("klserver.cer"), "\(bad.output)\(bad.errors)")
  }

  @Test func `what a hostile site reports becomes text in its own report, or is refused`() async throws {
    let ground = try await LicenceGround(keys: 2)
    let (world, tool) = (ground.world, World.built("parcel-tool"))
    let exported = try await ground.isolated("export", "--output", world.stick.string)
    try #require(exported.status == 0, "\(exported.errors)")
    try #require(try await ground.collect().status == 0)
    try Command.run(tool, ["open", world.connected.string, "plant", "1", "licence", world.folder["opened"].string])
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: world.folder["opened"].string).first)
    let honest = try String(contentsOfFile: world.folder["opened"].appending(name).string, encoding: .utf8)
    func changing(_ field: String, to value: String) throws -> String {
      let field = try Regex("\"\(field)\":(\"[^\"]*\"|[0-9]+)")
      let changed = honest.replacing(field, maxReplacements: 1) { match in
        "\(match.output[0].substring?.prefix { $0 != ":" } ?? ""):\(value)"
      }
      #expect(changed != honest)
      return changed
    }
    let markup = #"<script>alert(1)</script><img src=x onerror=alert(1)>"#
    let documents = [
      try changing("site", to: "\"other\""), try changing("site", to: "\"../../outside\""),
      try changing("product", to: "\"\(markup)\""), try changing("product", to: #""=HYPERLINK(\"http://evil/\")""#),
      try changing("product", to: #""\u001b]0;x\u0007\n\u202e""#),
      try changing("product", to: "\"\(String(repeating: "x", count: 1 << 20))\""),
      try changing("serial", to: "\"../../outside\""), try changing("limit", to: "9223372036854775807"),
      try changing("limit", to: "-9223372036854775808"), String(repeating: "[", count: 100_000), "",
      honest + honest,
    ]
    let (reports, files) = (world.folder["reports"], FileManager.default)
    for (index, document) in documents.enumerated() {
      try world.write(document, to: world.folder["hostile"].appending(name))
      try Command.run(tool, ["make", world.isolated.string, "plant", "licence", "\(world.folder["hostile"])/\(name)"])
      let sent = try await world.run(
        ["parcel", "send", "--config", world.isolatedConfiguration.string, "-o", world.stick.string]
      )
      try #require(sent.status == 0, "\(sent.errors)")
      _ = try await ground.collect()
      let imported = try await ground.connected("import", "--report", reports.string)
      let words = "document \(index): \(imported.status) \(imported.errors)"
      #expect(imported.status >= 0 && imported.status != Exit.software, "\(words)")
      #expect(
        !(imported.output + imported.errors).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" },
        "\(words)"
      )
      let written = (try? files.contentsOfDirectory(atPath: reports.string)) ?? []
      #expect(Set(written).isSubset(of: ["html", "txt", "csv", "json"].map { "plant.\($0)" }), "\(words): \(written)")
      if let page = try? String(contentsOfFile: reports.appending("plant.html").string, encoding: .utf8) {
        #expect(!page.contains("<script>alert") && !page.contains("<img"), "\(words)")
      }
      if let table = try? String(contentsOfFile: reports.appending("plant.csv").string, encoding: .utf8) {
        #expect(!table.contains(",=") && !table.contains("\"="), "\(words)")
      }
    }
    #expect(!files.fileExists(atPath: world.folder["outside"].string))
    // An honest document afterwards is taken as ever.
    for _ in 0..<3 { _ = try await ground.connected("import") }
    let again = try await ground.isolated("export", "--output", world.stick.string)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try await ground.collect().status == 0)
    #expect(try await ground.connected("import", "--report", reports.string).status == 0)
  }

  @Test func `a licence parcel that is damaged in the store stops no other, and is set aside`() async throws {
    let ground = try await LicenceGround()
    for _ in 0..<2 {
      let exported = try await ground.isolated("export", "--output", ground.world.stick.string)
      try #require(exported.status == 0, "\(exported.errors)")
      try #require(try await ground.collect().status == 0)
    }
    let sealed = ground.world.connected.pushing("parcels/sites/plant/000001/payload.sealed")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: sealed.string))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: sealed.string))
    let first = try await ground.connected("import")
    #expect(first.status == Exit.badParcel && first.errors.contains("parcel 1 of site plant"), "\(first.errors)")
    #expect(first.output.contains("plant"), "what is sound is taken: \(first.output)")
    for _ in 0..<2 { #expect(try await ground.connected("import").status == Exit.badParcel) }
    #expect(try await ground.connected("import").status == 0)
    let dropped = try await ground.world.run("parcel", "drop", "plant", "1", "--store", ground.world.connected.string)
    #expect(dropped.status == 0, "\(dropped.errors)")
  }
}
