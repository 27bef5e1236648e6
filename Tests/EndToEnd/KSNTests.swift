import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What concerns KSN, from the Administration Server of a site to the one with internet, by the built program.
@Suite struct KSNTests {
  @Test func `state and statistics leave the site, and statistics reach KSN once`() async throws {
    let ground = try await KSNGround()
    try ground.put("Second", #"{"count": 2, "records": [{"value": 1.5}]}"#)
    try ground.put("First", #"{"version": 1, "time": {"type": "datetime", "value": "2026-06-01T00:00:00Z"}}"#)
    let exported = try await ground.export()
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(exported.output.contains("parcel 1: 2 bodies of statistics, 2 statements, 1 configuration, 3 licences"))
    #expect(exported.output.contains("kscmirror-parcel-plant-000001"))
    try await ground.bring()
    let kept = try ground.kept(1)
    #expect(kept.keys.sorted() == ["ksn.json", "statistics/First.json", "statistics/Second.json"])
    let bytes = try #require(kept["ksn.json"])
    let document = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    let state = try #require(document["state"] as? [String: Any])
    #expect(state["site"] as? String == "plant" && state["proxyTCPPort"] as? Int == 13111)
    #expect(state["connected"] as? Bool == true && state["needsStatistics"] as? Bool == true)
    #expect((document["licences"] as? [String])?.count == 3)
    // Nobody else reads it.
    let folder = ground.world.connected.appending("ksn/plant/000000001")
    for (path, permissions) in [("", 0o700), ("ksn.json", 0o600), ("statistics/First.json", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.pushing(FilePath(path)).string)
      #expect(attributes[.posixPermissions] as? Int == permissions, "\(path)")
    }
    let planned = try await ground.deliver("--dry-run")
    #expect(planned.status == 0 && planned.output.contains("would deliver First of site plant, parcel 1"))
    #expect(ground.office.calls.isEmpty)
    let delivered = try await ground.deliver()
    #expect(delivered.status == 0, "\(delivered.errors)")
    #expect(ground.delivered == ["First", "Second"])
    #expect(
      ground.office.statistics.map(\.body) == [
        #"{"time":{"type":"datetime","value":"2026-06-01T00:00:00Z"},"version":1}"#,
        #"{"count":2,"records":[{"type":"params","value":{"value":{"type":"double","value":1.5}}}]}"#,
      ]
    )
    let again = try await ground.deliver()
    #expect(again.status == 0 && again.output == "there is nothing to deliver\n")
    #expect(ground.delivered.count == 2 && ground.office.openSessions == 0 && ground.plant.openSessions == 0)
    let log = try await ground.world.run("log", "--store", ground.world.connected.string)
    #expect(log.output.contains("delivery ok: statistics First of site plant, parcel 1"), "\(log.output)")
    #expect(try await ground.world.run("verify", "--store", ground.world.connected.string).status == 0)
    // Of the site's server nothing was changed.
    #expect(ground.plant.statistics.isEmpty)
  }

  @Test func `the connected side says what changed since the last time`() async throws {
    let ground = try await KSNGround()
    #expect(try await ground.export().status == 0)
    try await ground.bring()
    try await Task.sleep(for: .seconds(1))
    ground.plant.change { fixture in
      fixture.ksn.isEnabled = false
      fixture.ksn.kind = 2
      fixture.ksn.languages = ["en"]
      fixture.keys.removeLast()
    }
    #expect(try await ground.export().status == 0)
    #expect(try await ground.collect().status == 0)
    let taken = try await ground.take()
    for sentence in [
      "took parcel 2 of site plant", "the KSN proxy was turned off", "KSN cannot be reached any more",
      "the kind of KSN is 2, before 1", "statement 'Private KSN' (ru) is gone", "is gone",
    ] {
      #expect(taken.output.contains(sentence), "\(taken.output)")
    }
    let none = try await ground.take("--json")
    #expect((none.result["parcels"] as? [Any])?.isEmpty == true)
    let site = try #require((none.result["sites"] as? [[String: Any]])?.first)
    #expect(site["proxyEnabled"] as? Bool == false && (site["changes"] as? [Any])?.isEmpty == true)
  }

  @Test func `a body leaves once, again when it has changed, and again when that is asked for`() async throws {
    let ground = try await KSNGround()
    try ground.put("A", #"{"count": 1}"#)
    try ground.put("B", #"{"count": 1}"#)
    #expect(try await ground.export("--no-server").status == 0)
    let nothing = try await ground.export("--no-server")
    #expect(nothing.status == 0 && nothing.output.contains("nothing new to send"))
    #expect(try ground.parcels() == ["000001"] && ground.plant.calls.isEmpty)
    // What stays at home makes no other body.
    try ground.put("A", #"{"count": 1, "user": "alice"}"#)
    #expect(try await ground.export("--no-server").output.contains("nothing new to send"))
    try ground.put("A", #"{"count": 2}"#)
    let changed = try await ground.export("--no-server", "--json")
    #expect(changed.result["bodies"] as? Int == 1 && changed.result["sentBefore"] as? Int == 1)
    #expect(try ground.sent() == ["A": 2, "B": 1])
    #expect(try await ground.export("--no-server", "--again").status == 0)
    #expect(try ground.sent() == ["A": 3, "B": 2])
    // The connected side gets three parcels, and hands each body over once.
    try await ground.bring()
    #expect(try await ground.deliver().status == 0)
    #expect(ground.delivered == ["A", "B", "A"])
    #expect(Set(ground.office.statistics.map(\.body)) == [#"{"count":1}"#, #"{"count":2}"#])
    // A run that was killed before it could take note is no matter: the parcels tell what they hold.
    let note = ground.world.isolated.appending("ksn/.sent.json").string
    let noted = try Data(contentsOf: URL(fileURLWithPath: note))
    try FileManager.default.removeItem(atPath: note)
    #expect(try await ground.export("--no-server").output.contains("nothing new to send"))
    try noted.write(to: URL(fileURLWithPath: note))
    // What was sent is remembered when the parcels are gone.
    try FileManager.default.removeItem(atPath: ground.world.isolated.appending("parcels/out").string)
    #expect(try await ground.export("--no-server").output.contains("nothing new to send"))
  }

  @Test func `a spool is cleared of what has arrived, and of nothing else`() async throws {
    let ground = try await KSNGround()
    for name in ["A", "B"] { try ground.put(name, #"{"count": 1}"#) }
    #expect(try await ground.export("--no-server").status == 0)
    let early = try await ground.export("--no-server", "--clear-confirmed")
    #expect(early.status == 0 && !early.output.contains("removed"), "\(early.output)")
    try await ground.bring()
    try await ground.answer()
    try ground.put("B", #"{"count": 2}"#)
    try ground.put("C", #"{"count": 3}"#)
    let planned = try await ground.export("--no-server", "--clear-confirmed", "--dry-run")
    #expect(planned.output.contains("would remove A.json"), "\(planned.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: ground.spool.string).count == 3)
    let cleared = try await ground.export("--no-server", "--clear-confirmed", "--json")
    #expect(cleared.result["cleared"] as? [String] == ["A"] && cleared.result["bodies"] as? Int == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: ground.spool.string).sorted() == ["B.json", "C.json"])
  }

  @Test func `a parcel that lies is refused, and does not keep the others`() async throws {
    let ground = try await KSNGround()
    let tool = World.built("parcel-tool")
    let file = ground.world.folder["ksn.json"]
    let make = ["make", ground.world.isolated.string, "plant", "ksn", file.string]
    let other =
      ##"{"configurations":[],"counters":{},"document":"kscmirror-ksn","leftOut":{},"licences":[],"##
      + ##""state":{"made":"2026-06-01T00:00:00Z","site":"SITE"},"statements":[],"statistics":BODIES,"version":1}"##
    let lies = [
      "no JSON", other.replacing("SITE", with: "elsewhere").replacing("BODIES", with: "[]"),
      other.replacing("SITE", with: "plant").replacing(
        "BODIES",
        with: #"[{"name":"gone","sha256":"\#(String(repeating: "0", count: 64))"}]"#
      ),
    ]
    for text in lies {
      try ground.world.write(text, to: file)
      try Command.run(tool, make)
    }
    let send = [
      "parcel", "send", "--config", ground.world.isolatedConfiguration.string, "-o", ground.world.stick.string,
    ]
    #expect(try await ground.world.run(send).status == 0)
    #expect(try await ground.collect().status == 0)
    let refused = try await ground.take()
    #expect(refused.status == Exit.badParcel, "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: ground.world.connected.appending("ksn/plant/000000001").string))
    #expect(try await ground.export().status == 0)
    #expect(try await ground.collect().status == 0)
    let taken = try await ground.take()
    #expect(taken.status == refused.status && taken.output.contains("took parcel 4 of site plant"), "\(taken.errors)")
    #expect(taken.errors.contains("elsewhere") && taken.errors.contains("other bodies"), "\(taken.errors)")
    #expect(try await ground.deliver().output == "there is nothing to deliver\n")
  }

  @Test func `a configuration of Private KSN is verified by the server, and only its outside leaves`() async throws {
    let ground = try await KSNGround()
    let folder = ground.world.folder
    try Command.run(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/O=Provider AG/CN=Private KSN", "-keyout", folder["k.pem"].string, "-out", folder["c.pem"].string]
    )
    try ground.world.write("the configuration itself", to: folder["content"])
    try Command.run(
      "openssl",
      ["cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", folder["content"].string]
        + ["-signer", folder["c.pem"].string, "-inkey", folder["k.pem"].string, "-out", folder["kpsn.pkcs7"].string]
    )
    let digest = String(try Command.run("openssl", ["dgst", "-sha256", "-r", folder["kpsn.pkcs7"].string]).prefix(64))
    let verify = ["ksn", "import", "--config", ground.world.isolatedConfiguration.string, "--private-ksn"]
    let shown = try await ground.world.run(verify + [folder["kpsn.pkcs7"].string, "--language", "ru"])
    #expect(shown.status == 0, "\(shown.errors)")
    for part in ["Nobody's Private KSN", digest, "Synthetic statement (ru)", "2024-05-20", "Nothing was changed"] {
      #expect(shown.output.contains(part), "\(shown.output)")
    }
    let calls = ground.plant.methods.filter { !$0.hasPrefix("Session.") }
    #expect(calls == ["KsnInternal.VerifyKpsnConfigLoc", "KsnInternal.VerifyKpsnConfigAndGetContentViaKsc0"])
    ground.plant.misbehave { call in
      call.method == "KsnInternal.VerifyKpsnConfigLoc" ? .failure(PxgFailure(1192, "not genuine")) : nil
    }
    let forged = try await ground.world.run(verify + [folder["kpsn.pkcs7"].string])
    #expect(forged.status == Exit.wrongContent && forged.errors.contains("not genuine"), "\(forged.errors)")
    #expect(try await ground.world.run(verify + [folder["content"].string]).status == Exit.wrongContent)
    #expect(try await ground.export("--no-server", "--private-ksn", folder["kpsn.pkcs7"].string).status == 0)
    try await ground.bring()
    let document = String(decoding: try #require(ground.kept(1)["ksn.json"]), as: UTF8.self)
    #expect(
      document.contains(digest) && !document.contains("Provider AG") && !document.contains("configuration itself")
    )
    let asked = try await ground.export("--no-server", "--private-ksn", folder["kpsn.pkcs7"].string, "--personal")
    #expect(asked.status == 0, "\(asked.errors)")
    try await ground.bring()
    let personal = String(decoding: try #require(ground.kept(2)["ksn.json"]), as: UTF8.self)
    #expect(personal.contains("Provider AG") && !personal.contains("configuration itself"))
  }
}
