import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Licence keys into an isolated site, by the built program: sent, carried, and installed on an Administration Server.
@Suite struct KeyDeliveryTests {
  private let secret = "BODY-OF-A-KEY-THAT-NOBODY-SEES"

  /// A site that is known, with key files on the connected side.
  private func prepared() async throws -> LicenceGround {
    let ground = try await LicenceGround(keys: 2)
    try ground.world.write(secret, to: ground.world.folder["press.key"])
    try ground.world.write("ANOTHER-BODY", to: ground.world.folder["oven.key"])
    return ground
  }

  private func send(_ ground: LicenceGround, _ words: String...) async throws -> Outcome {
    try await ground.connected(["send", "--to", "plant"] + words)
  }

  private func key(_ ground: LicenceGround, _ name: String = "press") -> String {
    ground.world.folder["\(name).key"].string
  }

  private func place(_ ground: LicenceGround, _ number: Int = 1) -> FilePath {
    ground.world.stick.appending("kscmirror-delivery-plant-00000\(number)")
  }

  private func bodies(_ ground: LicenceGround) -> [String] {
    ground.server.fixture.keys.compactMap { $0.body.flatMap { Data(base64Encoded: $0) } }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private func installs(_ ground: LicenceGround) -> Int {
    ground.server.methods.count { $0 == "LicenseKeys.InstallKey" }
  }

  /// Takes in at the site what lies on the stick.
  private func take(_ ground: LicenceGround) async throws -> Outcome {
    try await ground.world.run(
      "collect",
      "--config",
      ground.world.isolatedConfiguration.string,
      ground.world.stick.string
    )
  }

  private func deliveries(_ ground: LicenceGround, _ configuration: FilePath, _ list: String) async throws
    -> [[String: Any]]
  {
    let listed = try await ground.world.run("parcel", "list", "--json", "--config", configuration.string)
    let all = try #require(listed.result[list] as? [[String: Any]], "\(listed.errors)")
    return all.filter { $0["direction"] as? String == "delivery" }
  }

  // MARK: - There and back

  @Test func `keys go with the next bundle, are installed when somebody says so, and once`() async throws {
    let ground = try await prepared()
    let sent = try await send(ground, "--automatic", "--note", "for the new press", key(ground), key(ground, "oven"))
    #expect(sent.status == 0 && sent.output.contains("delivery 1"), "\(sent.errors)")
    let packed = try await ground.world.pack("--site", "plant")
    #expect(packed.status == 0 && packed.output.contains("kscmirror-delivery-plant-000001"), "\(packed.errors)")
    let contents = try String(contentsOfFile: place(ground).appending("CONTENTS.txt").string, encoding: .utf8)
    #expect(contents.contains("press.key: a key file of 30 bytes") && contents.contains("for the new press"))
    let imported = try await ground.world.import()
    #expect(imported.status == 0, "\(imported.errors)")

    let shown = try await ground.isolated("import", "--dry-run")
    #expect(shown.status == 0 && shown.output.contains("press.key") && shown.output.contains("to be installed"))
    // Nobody is there to be asked.
    let unasked = try await ground.isolated("import")
    #expect(unasked.status == Exit.usage && unasked.errors.contains("--yes"), "\(unasked.errors)")
    #expect(installs(ground) == 0)

    let installed = try await ground.isolated("import", "--yes")
    #expect(installed.status == 0, "\(installed.errors)")
    #expect(bodies(ground).contains(secret) && bodies(ground).contains("ANOTHER-BODY"))
    let new = ground.server.fixture.keys.filter { $0.body == Data(secret.utf8).base64EncodedString() }
    #expect(new.map(\.isAutomatic) == [true])
    #expect(installed.output.contains("installed press.key as \(new.first?.serial ?? "")"), "\(installed.output)")
    let again = try await ground.isolated("import", "--yes")
    #expect(again.status == 0 && installs(ground) == 2, "\(again.output)")
    #expect(ground.server.openSessions == 0, "a session was left open")

    // The receipt of the site tells of it, and what has arrived leaves the stick.
    let before = try await deliveries(ground, ground.world.configuration, "sent")
    #expect(before.first?["acknowledged"] == nil)
    let receipt = ["receipt", "--output", ground.world.stick.string, "--config"]
    #expect(try await ground.world.run(receipt + [ground.world.isolatedConfiguration.string]).status == 0)
    #expect(try await ground.collect().status == 0)
    let after = try await deliveries(ground, ground.world.configuration, "sent")
    #expect(after.first?["acknowledged"] != nil && after.first?["isUsed"] as? Bool == true)
    #expect(try await ground.world.pack("--site", "plant").status == 0)
    #expect(!FileManager.default.fileExists(atPath: place(ground).string))
  }

  @Test func `no key is seen outside its sealed delivery`() async throws {
    let ground = try await prepared()
    let code = "ABCDE-FGHIJ-KLMNO-PQRST"
    try ground.world.write(code + "\n", to: ground.world.folder["\(code).txt"])
    let sent = try await send(
      ground,
      "--output",
      ground.world.stick.string,
      key(ground),
      ground.world.folder["\(code).txt"].string
    )
    #expect(sent.status == 0, "\(sent.errors)")
    #expect(try await take(ground).status == 0)
    let outcome = try await ground.isolated("import", "--yes", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bodies(ground).contains(secret) && bodies(ground).contains(code))
    let log = try await ground.world.run("log", "--config", ground.world.isolatedConfiguration.string)
    #expect(log.output.contains("press.key") && log.output.contains("was installed"), "\(log.errors)")
    for text in [sent.output, sent.errors, outcome.output, outcome.errors, log.output] {
      for word in [secret, code] {
        #expect(!text.contains(word) && !text.contains(Data(word.utf8).base64EncodedString()))
      }
    }
    let stores = [ground.world.connected, ground.world.isolated, ground.world.stick]
    for store in stores {
      for (name, bytes) in try World.files(below: store) {
        for word in [secret, code].flatMap({ [$0, Data($0.utf8).base64EncodedString()] }) {
          #expect(bytes.firstRange(of: Data(word.utf8)) == nil, "\(store)/\(name) shows a key")
        }
        #expect(!name.contains(code), "\(name)")
      }
    }
  }

  @Test func `a new key of the connected side signs what still waits, and the site takes it`() async throws {
    let ground = try await prepared()
    let store = ["--store", ground.world.connected.string]
    let rotate = ["keys", "rotate", "--no-passphrase", "timestamp"]
    // It lies on the stick already, signed by the old key.
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    let rotated = try await ground.world.run(rotate + store)
    #expect(rotated.status == 0, "\(rotated.errors)")
    let site = ["--json", "--store", ground.world.isolated.string]
    let sealing = try await ground.world.run(["keys", "rotate", "sealing"] + site)
    #expect(sealing.status == 0 && sealing.result["sealing"] != nil, "\(sealing.errors)")
    try ground.world.age()
    try #require(try await ground.world.sync().status == 0)
    #expect(try await ground.world.pack("--site", "plant").status == 0)
    let imported = try await ground.world.import()
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(try await deliveries(ground, ground.world.isolatedConfiguration, "taken").count == 1)
    #expect(try await ground.isolated("import", "--yes").status == 0)
    #expect(bodies(ground).contains(secret))

    // What has arrived leaves the stick, whichever key signed it.
    #expect(try await ground.world.run(rotate + store).status == 0)
    try #require(FileManager.default.fileExists(atPath: place(ground).string))
    #expect(try await ground.world.pack("--site", "plant").status == 0)
    #expect(!FileManager.default.fileExists(atPath: place(ground).string))
  }

  @Test(arguments: ["--stream", "--spread"])
  func `a bundle that is streamed or spread carries no delivery, and says that one waits`(_ way: String) async throws {
    let ground = try await prepared()
    #expect(try await send(ground, key(ground)).status == 0)
    let target = way == "--stream" ? [way, ground.world.folder["bundle.stream"].string] : [way]
    let packed = try await ground.world.pack(
      ["--full", "--overwrite", "--site", "plant"] + target,
      to: ground.world.stick
    )
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(packed.errors.contains("a delivery waits for site plant"), "\(packed.output)\(packed.errors)")
    let written = try await deliveries(ground, ground.world.configuration, "sent")
    #expect(written.count == 1 && written.allSatisfy { $0["written"] == nil }, "\(written)")
  }

  // MARK: - What is not as it should be

  @Test func `an altered, replayed or foreign delivery is refused or ignored by the name of the fault`()
    async throws
  {
    let ground = try await prepared()
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    let payload = place(ground).appending("payload.sealed")
    let sound = try Data(contentsOf: URL(fileURLWithPath: payload.string))
    var altered = sound
    altered[sound.count / 2] ^= 1
    try altered.write(to: URL(fileURLWithPath: payload.string))
    let refused = try await take(ground)
    #expect(refused.status == Exit.badParcel && refused.errors.contains("parcel send --to SITE"), "\(refused.errors)")
    try sound.write(to: URL(fileURLWithPath: payload.string))
    // A key that signs for nobody here.
    let header = place(ground).appending("parcel.json")
    let signed = try String(contentsOfFile: header.string, encoding: .utf8)
    try ground.world.write(
      signed.replacing("\"number\": 1", with: "\"number\": 2").replacing("\"number\":1", with: "\"number\":2"),
      to: header
    )
    #expect(try await take(ground).status == Exit.badParcel)
    try ground.world.write(signed, to: header)
    #expect(try await take(ground).status == 0)
    let replayed = try await take(ground)
    #expect(replayed.status == 0 && replayed.output.contains("was collected before"), "\(replayed.errors)")
    // What is for another site.
    let elsewhere = ["collect", "--site", "other", "--config", ground.world.isolatedConfiguration.string]
    let foreign = try await ground.world.run(elsewhere + [ground.world.stick.string])
    #expect(
      foreign.status == Exit.notThere && foreign.errors.contains("for plant"),
      "\(foreign.status) \(foreign.errors)"
    )
    let nobody = try await send(ground, "--to", "nowhere", key(ground))
    #expect(nobody.status == Exit.notThere && nobody.errors.contains("nowhere"), "\(nobody.errors)")
  }

  @Test func `a damaged delivery of keys stops no other, is set aside after three refusals, and can be dropped`()
    async throws
  {
    let ground = try await prepared()
    for name in ["press", "oven"] {
      #expect(try await send(ground, "--output", ground.world.stick.string, key(ground, name)).status == 0)
    }
    #expect(try await take(ground).status == 0)
    let sealed = ground.world.isolated.pushing("parcels/in/plant/000001/payload.sealed")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: sealed.string))
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: sealed.string))
    for round in 1...3 {
      let installed = try await ground.isolated("import", "--yes")
      #expect(installed.status == Exit.badParcel, "\(round): \(installed.status) \(installed.errors)")
      #expect(installed.errors.contains("delivery 1 of site plant"), "\(installed.errors)")
      #expect(installed.errors.contains("refused 3 times") == (round == 3), "\(installed.errors)")
      #expect(bodies(ground).contains("ANOTHER-BODY") && !bodies(ground).contains(secret))
    }
    #expect(installs(ground) == 1)
    #expect(try await ground.isolated("import", "--yes").status == 0)
    let isolated = ["--config", ground.world.isolatedConfiguration.string]
    #expect(try await ground.world.run(["log"] + isolated).output.contains("refused 3 times, and is set aside"))
    let dropped = try await ground.world.run(["parcel", "drop", "plant", "1"] + isolated)
    #expect(dropped.status == 0 && !FileManager.default.fileExists(atPath: sealed.string), "\(dropped.errors)")
  }

  @Test func `a delivery that another connected side has signed is refused`() async throws {
    let ground = try await prepared()
    let stranger = try await prepared()
    // The same site, set up at a stranger's.
    #expect(try await send(stranger, "--output", ground.world.stick.string, key(stranger)).status == 0)
    let refused = try await take(ground)
    #expect(
      [Exit.permission, Exit.unknownKey, Exit.keyUnusable].contains(refused.status)
        && refused.errors.contains("another key"),
      "\(refused.errors)"
    )
    #expect(try await deliveries(ground, ground.world.isolatedConfiguration, "taken").isEmpty)
  }

  @Test func `a connected side that was restored from a backup gives no number twice once it has a receipt`()
    async throws
  {
    let ground = try await prepared()
    let (store, backup) = (ground.world.connected.string, ground.world.folder["backup"].string)
    try FileManager.default.copyItem(atPath: store, toPath: backup)
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    #expect(try await take(ground).status == 0)
    try FileManager.default.removeItem(atPath: store)
    try FileManager.default.copyItem(atPath: backup, toPath: store)
    try ground.world.emptyStick()
    try await Task.sleep(for: .seconds(1.1))
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground, "oven")).status == 0)
    let refused = try await take(ground)
    #expect(refused.status == Exit.parcelNumberTaken && refused.errors.contains("newest receipt"), "\(refused.errors)")
    let receipt = ["receipt", "--output", ground.world.stick.string, "--config"]
    #expect(try await ground.world.run(receipt + [ground.world.isolatedConfiguration.string]).status == 0)
    #expect(try await ground.collect().status == 0)
    let next = try await send(ground, "--output", ground.world.stick.string, key(ground, "oven"))
    #expect(next.output.contains("delivery 2"), "\(next.errors)")
    let taken = try await take(ground)
    #expect(taken.output.contains("delivery 2 was collected"), "\(taken.output)\(taken.errors)")
  }

  // MARK: - The server

  @Test func `a key whose installation was cut off is found on the server, and not installed again`() async throws {
    let ground = try await prepared()
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    #expect(try await take(ground).status == 0)
    ground.server.misbehave { call in call.method == "LicenseKeys.InstallKey" ? .cut : nil }
    #expect(try await ground.isolated("import", "--yes").status == Exit.cutShort)
    #expect(bodies(ground).contains(secret), "the server has done it all the same")
    let shown = try await ground.isolated("import", "--dry-run")
    #expect(shown.output.contains("was interrupted"), "\(shown.output)")
    ground.server.misbehave { _ in nil }
    let found = try await ground.isolated("import", "--yes")
    #expect(found.status == 0 && found.output.contains("installed press.key as"), "\(found.errors)")
    #expect(installs(ground) == 1)
  }

  @Test func `what the server refuses waits, does not keep the others, and can be put away`() async throws {
    let ground = try await prepared()
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground, "oven")).status == 0)
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    #expect(try await take(ground).status == 0)
    let bad = Data("ANOTHER-BODY".utf8).base64EncodedString()
    ground.server.misbehave { call in
      call.method == "LicenseKeys.InstallKey" && String(decoding: call.body, as: UTF8.self).contains(bad)
        ? .failure(PxgFailure(2350, "the key is on the black list")) : nil
    }
    let half = try await ground.isolated("import", "--yes")
    #expect(half.status == Exit.badAnswer && half.errors.contains("black list"), "\(half.status) \(half.errors)")
    #expect(bodies(ground).contains(secret))
    let listed = try await ground.isolated("import", "--dry-run")
    #expect(listed.output.contains("oven.key") && !listed.output.contains("press.key"), "\(listed.output)")
    #expect(try await ground.isolated("import", "--dismiss", "7").status == Exit.notThere)
    #expect(try await ground.isolated("import", "--dismiss", "1").status == 0)
    #expect(try await ground.isolated("import", "--yes").output.contains("no delivery with keys"))
  }

  // MARK: - What was sent by mistake

  @Test func `what does not look like a key is sent only if asked`() async throws {
    let ground = try await prepared()
    let folder = ground.world.folder
    let mistakes = [
      ("hostname", "plant-7.example"), ("server.key", "-----BEGIN PRIVATE KEY-----\nMIIE"), ("short.key", "abc"),
      ("page.key", "\n<!DOCTYPE html><html>"),
    ]
    for (name, text) in mistakes {
      try ground.world.write(text, to: folder[name])
      let refused = try await send(ground, folder[name].string)
      #expect(refused.status == Exit.wrongContent && refused.errors.contains("--anyway"), "\(name): \(refused.errors)")
    }
    try ground.world.write("ABCDE-12345-FGHIJ-67890\n", to: folder["code.txt"])
    #expect(try await send(ground, folder["code.txt"].string, "--dry-run").status == 0)
    #expect(try await send(ground, folder["hostname"].string, "--anyway").status == 0)
  }

  @Test func `a delivery that has not arrived can be taken back, and the next one is no gap`() async throws {
    let ground = try await prepared()
    #expect(try await send(ground, key(ground)).status == 0)
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground, "oven")).status == 0)
    func withdraw(_ words: String...) async throws -> Outcome {
      try await ground.world.run(
        ["parcel", "withdraw", "--to", "plant", "--config", ground.world.configuration.string] + words
      )
    }
    let missing = try await withdraw("1", "7")
    #expect(missing.status == Exit.notThere && missing.errors.contains("1, 2"), "\(missing.errors)")
    #expect(try await withdraw("1", "--dry-run").status == 0)
    #expect(try await deliveries(ground, ground.world.configuration, "sent").count == 2)
    #expect(try await withdraw("1").status == 0)
    let carried = try await withdraw("2")
    #expect(carried.status == 0 && carried.errors.contains("kscmirror-delivery-plant-000002"), "\(carried.errors)")
    try FileManager.default.removeItem(atPath: place(ground, 2).string)
    #expect(try await send(ground, "--output", ground.world.stick.string, key(ground)).status == 0)
    let collected = try await ground.world.run(
      ["collect", "--config", ground.world.isolatedConfiguration.string, ground.world.stick.string]
    )
    #expect(collected.status == 0 && !collected.errors.contains("missing"), "\(collected.errors)")
    let taken = try await deliveries(ground, ground.world.isolatedConfiguration, "taken")
    #expect(taken.count == 1 && taken.first?["number"] as? Int == 3, "\(taken)")
    let late = try await withdraw("3")
    #expect(late.status == 0, "not known to have arrived: \(late.errors)")
  }
}
