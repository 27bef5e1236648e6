import AdministrationServerDouble
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// What leaves a site whose Administration Server writes a person's name everywhere, by the built program: on the stick,
/// in `CONTENTS.txt`, and in what the connected side finds in the opened parcel.
@Suite struct ContentsTests {
  private static let name = "Ivan Petrov"

  private static func holds(_ text: String) -> Bool {
    let plain = text.lowercased()
    return plain.contains("ivan") || plain.contains("petrov")
  }

  /// Attributes of a key, all of which say the name.
  private static let keyNames = [
    "KLLIC_SERIAL", "KLLIC_PROD_NAME", "KLLIC_APP_ID", "KLLIC_PROD_SUITE_ID", "KLLIC_CREATION_DATE",
    "KLLIC_KEY_TYPE", "KLLIC_MAJ_VER", "KLLIC_LICENSE_PERIOD", "KLLIC_LIC_COUNT", "KLLIC_LICINFO", "KLLIC_SUPPORT_INFO",
    "KLLIC_CUSTOMER_INFO", "KLLIC_PART_NUMBER", "KLLIC_PARTNER_NAME", "KLLIC_USED_BY_ADM_SRV",
    "KLLICSRV_KEY_INSTALLED", "KLLICSRV_AUTOKEY", "KLLIC_SUBSCRINFO_PROVIDERURL", "KLLIC_SUBSCRINFO_ENDDATE",
    "KLLIC_SUBSCRINFO_STATEREASON", "KLLIC_NEAREST_EXPIRATION_DATE",
  ]

  private func ground() async throws -> LicenceGround {
    try await LicenceGround(keys: 1, devices: 2) { fixture in
      fixture.keyTexts = Dictionary(uniqueKeysWithValues: Self.keyNames.map { ($0, Self.name) })
      // The double finds devices by the serial number that a key has.
      fixture.keys[0].serial = Self.name
      let device = ["HOSTNAME", "HOSTDN", "HOST_GRPNAME", "PRODUCT", "VERSION", "EXPIRATION_TIME", "INSTALL_TIME"]
      fixture.deviceTexts = Dictionary(uniqueKeysWithValues: device.map { ("KLLICSRV_\($0)", Self.name) })
      fixture.unaskedTexts = ["KLLIC_OWNER": Self.name, "KLLIC_IVAN_PETROV": "1", "IvanPetrov": "1"]
    }
  }

  private func contents(_ folder: FilePath) throws -> String {
    try String(contentsOfFile: folder.appending("CONTENTS.txt").string, encoding: .utf8)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func onStick(_ world: World) throws -> String {
    try World.files(below: world.stick).map { $0.key + String(decoding: $0.value, as: UTF8.self) }.joined()
  }

  @Test func `a name in every attribute of keys and devices stays at the site, and leaves when asked for`() async throws
  {
    let ground = try await ground()
    try await ground.roundTrip("--devices")
    let list = try contents(ground.world.stick.appending("kscmirror-parcel-plant-000001"))
    #expect(list.contains("addresses: NO - Names of devices: NO - Bodies of keys (secrets): NO"), "\(list)")
    #expect(list.contains("1 licence, each with: serial number") && list.contains("2 entries of devices"), "\(list)")
    let kept = try ground.kept()
    #expect(try !Self.holds(onStick(ground.world)))
    #expect(!Self.holds(kept), "\(kept)")
    #expect(kept.contains("\"serial\":\"serial-"), "the key is known by a pseudonym")
    let listed = try await ground.connected("list", "--from", "plant")
    #expect(!Self.holds(listed.output) && listed.output.contains("serial-"), "\(listed.output)")

    try await Task.sleep(for: .seconds(1.1))
    let arguments = ["licence", "export", "--personal", "--devices", "--device-names", "--output"]
    let exported = try await ground.world.run(
      arguments + [ground.world.stick.string, "--config", ground.world.isolatedConfiguration.string]
    )
    #expect(exported.status == 0, "\(exported.errors)")
    let told = try contents(ground.world.stick.appending("kscmirror-parcel-plant-000002"))
    for word in [
      "customer (1)", "group of devices (2)", "partner (1)", "serial number (1)", "support contact (1)",
      "text of the licence (1)", "part number (1)", "Names of devices: YES (2)", "BY NAME",
    ] {
      #expect(told.contains(word), "\(word): \(told)")
    }
    // The list is for a guard: what is stated is stated, not shown.
    #expect(!Self.holds(told))
    #expect(try await ground.collect().status == 0)
    #expect(try await ground.connected("import").status == 0)
    #expect(try ground.kept().contains("\"customerInfo\":\"Ivan Petrov\""))
  }

  @Test func `bodies of keys and key files lie under the names that leave`() async throws {
    let ground = try await ground()
    try await ground.roundTrip("--with-keys")
    let list = try contents(ground.world.stick.appending("kscmirror-parcel-plant-000001"))
    #expect(list.contains("addresses: NOT CHECKED in bodies of keys (1) - Names of devices: NO"), "\(list)")
    #expect(list.contains("Bodies of keys (secrets): YES (1)"))
    #expect(try !Self.holds(ground.kept()))
    let keys = try ground.world.folder.subfolder("keys")
    for name in ["Ivan Petrov.key", "1A2B3C4D.key"] {
      try ground.world.write("body of \(name)", to: keys.appending(name))
    }
    let shown = try await ground.isolated("export", "--key-files", keys.string, "--dry-run")
    #expect(shown.status == 0 && !Self.holds(shown.output) && shown.output.contains("1A2B3C4D.key"), "\(shown.output)")
    let report = ground.world.folder["kesl.json"]
    try ground.world.write(
      #"{"Active key": {"Serial": "Ivan", "Info": "Ivan Petrov", "Application name": "KES of Petrov", "Status": "Petrov"}}"#,
      to: report
    )
    let device = try await ground.isolated("export", "--kesl-control", report.string, "--dry-run")
    #expect(device.status == 0 && !Self.holds(device.output) && device.output.contains("KES of …"), "\(device.output)")
  }

  @Test func `an earlier document is exported as the rules are now, by this site's name`() async throws {
    let ground = try await LicenceGround(keys: 1)
    let lines = [
      #"{"document":"kscmirror-licences","header":{"made":"2026-01-01T00:00:00Z","program":"kscmirror Ivan","site":"petrov","source":"open-api"},"version":1}"#,
      #"{"key":{"licenceInfo":"for Ivan Petrov","product":"Endpoint of Petrov","serial":"1234-567890-ABCDEF01"}}"#,
      #"{"end":{"devices":0,"files":0,"keys":1,"leftOut":{"IvanPetrov":1,"customerInfo":1}}}"#,
    ]
    let file = ground.world.folder["earlier.jsonl"]
    try ground.world.write(lines.joined(separator: "\n") + "\n", to: file)
    try await ground.roundTrip("--document", file.string)
    let kept = try ground.kept()
    #expect(!Self.holds(kept), "\(kept)")
    #expect(kept.contains("\"customerInfo\":1") && kept.contains("\"licenceInfo\":1"))
    // It is read as it is where it stays.
    let listed = try await ground.isolated("list", "--document", file.string)
    #expect(listed.output.contains("Endpoint of Petrov"), "\(listed.errors)")
  }

  @Test func `nothing that a server or a spool says of KSN lets a name out, and the list says what nobody has checked`()
    async throws
  {
    let ground = try await KSNGround(fields: ["Region"])
    ground.plant.change { fixture in
      fixture.ksn.settingTexts = ["KSNPROXY_OWNER": Self.name, "KSNPROXY_IVAN": "1", "IvanPetrov": Self.name]
      fixture.ksn.statementTexts = [
        "NKsnEula": Self.name, "NKsnProviderName": Self.name, "NKsnProviderContacts": Self.name,
        "NKsnCreateTime": Self.name, "NKsnOwner": Self.name,
      ]
      fixture.keys[0].serial = Self.name
    }
    try ground.put("Stat", #"{"count": 7, "product": "Ivan", "value": ["Ivan Petrov", "KES"], "name": "Petrov"}"#)
    let exported = try await ground.export()
    #expect(exported.status == 0, "\(exported.errors)")
    let list = try contents(ground.world.stick.appending("kscmirror-parcel-plant-000001"))
    #expect(list.contains("addresses: NOT CHECKED in names of bodies of statistics (1) -"), "\(list)")
    try await ground.bring()
    for (name, data) in try ground.kept(1) { #expect(!Self.holds(String(decoding: data, as: UTF8.self)), "\(name)") }
    #expect(try !Self.holds(onStick(ground.world)))

    try ground.put("More", #"{"count": 7, "region": "Ivan Petrov", "product": "Ivan"}"#)
    let more = try await ground.export("--personal")
    #expect(more.status == 0, "\(more.errors)")
    let told = try contents(ground.world.stick.appending("kscmirror-parcel-plant-000002"))
    // The spool's first body has texts now that it had not: it goes again.
    #expect(
      told.contains("provider of Private KSN (1)") && told.contains("version of a statement (2)")
        && told.contains("bodies of statistics (2)"),
      "\(told)"
    )
    #expect(told.contains("texts in these (4)"), "\(told)")
  }

  @Test func `a file whose name is not what everybody sees stays in its exchange folder, and the others leave`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400)
    let folder = try world.folder.subfolder("out")
    let came = try world.folder.subfolder("came")
    for hidden in ["invoice\u{202E}gpj.exe", "e\u{AD}x", "\u{301}x"] {
      try world.write("content", to: folder.appending(hidden))
    }
    // Two files for Linux, in two Unicode forms of one name.
    for plain in ["caf\u{E9}", "cafe\u{301}"] { try world.write(plain, to: folder.appending(plain)) }
    let exchange = "[[exchange]]\nname = \"papers\"\ndirection = \"out\"\nfolder = "
    try world.configure(rest: exchange + "\"\(came)\"")
    try world.configureIsolated("site = \"plant\"\n\(exchange)\"\(folder)\"")
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack("--site", "plant").status == 0)
    #expect(try await world.import().status == 0)
    let trust = try await world.run("trust", "show", "--json", "--store", world.isolated.string)
    let digits = try #require(trust.result["siteFingerprint"] as? [String]).joined(separator: " ")
    let isolated = ["--config", world.isolatedConfiguration.string]
    let sent = try await world.run(["exchange", "send", "--output", world.stick.string] + isolated)
    #expect(sent.status == 0, "\(sent.errors)")
    #expect(sent.errors.contains("invoice\\u{202e}gpj.exe"), "\(sent.errors)")
    let list = try contents(world.stick.appending("kscmirror-parcel-plant-000001"))
    #expect(!list.contains("invoice") && list.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow }, "\(list)")
    #expect(list.contains("NOT CHECKED in names and content of files of exchange folders (2)"))
    let connected = ["--config", world.configuration.string]
    let collected = try await world.run(["collect", world.stick.string, "--fingerprint", digits] + connected)
    #expect(collected.status == 0, "\(collected.errors)")
    let received = try await world.run(["exchange", "receive"] + connected)
    #expect(received.status == 0, "\(received.errors)")
    for plain in ["caf\u{E9}", "cafe\u{301}"] {
      let bytes = FileManager.default.contents(atPath: came.appending("plant").appending(plain).string)
      #expect(bytes == Data(plain.utf8))
    }
  }
}
