import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What leaves a site for KSN, and what stays, by the built program.
@Suite struct KSNExportTests {
  @Test func `what is on no list stays at the site, and a dry run shows all that would leave`() async throws {
    let ground = try await KSNGround(fields: ["Region"])
    let body =
      #"{"count": 7, "region": "north", "user": "alice", "path": "/home/alice", "events": [{"ip": "10.0.0.1"}]}"#
    try ground.put("Stat", body)
    try ground.put("Nothing", #"{"user": "alice"}"#)
    let planned = try await ground.world.run(ground.exporting + ["--dry-run"])
    #expect(planned.status == 0, "\(planned.errors)")
    #expect(
      planned.output.contains("\n==> ksn/statistics/Stat.json\n{\"count\":7,\"events\":[{}],\"region\":\"north\"}\n")
    )
    #expect(
      planned.output.contains("==> ksn/ksn.json\n{\"configurations\":") && planned.errors.contains("Nothing.json")
    )
    #expect(try ground.parcels().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: ground.world.isolated.appending("ksn").string))
    let exported = try await ground.export("--json")
    #expect(exported.result["valuesLeftOut"] as? Int == 3 && exported.result["empty"] as? [String] == ["Nothing"])
    try await ground.bring()
    let kept = try ground.kept(1)
    #expect(kept.keys.sorted() == ["ksn.json", "statistics/Stat.json"])
    for data in kept.values {
      for secret in ["alice", "10.0.0.1", "nobody@example.invalid", "Synthetic statement"] {
        #expect(data.firstRange(of: Data(secret.utf8)) == nil, "\(secret)")
      }
    }
  }

  @Test func `a hostile spool is reported, and does not keep the rest`() async throws {
    let ground = try await KSNGround()
    try ground.put("Good", #"{"count": 1}"#)
    try ground.put("broken", #"{"count": "#)
    try ground.put("list", "[1]")
    try ground.put(
      "deep",
      #"{"events":"# + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + "}"
    )
    try ground.put("huge", #"{"count": ""# + String(repeating: "x", count: 3 << 20) + #""}"#)
    try ground.put("wide", #"{"count": 99999999999999999999}"#)
    try ground.world.write("outside", to: ground.world.folder["outside.json"])
    try FileManager.default.createSymbolicLink(
      atPath: ground.spool.appending("link.json").string,
      withDestinationPath: ground.world.folder["outside.json"].string
    )
    #expect(mkfifo(ground.spool.appending("pipe.json").string, 0o600) == 0)
    try FileManager.default.createDirectory(
      atPath: ground.spool.appending("folder.json").string,
      withIntermediateDirectories: false
    )
    let exported = try await ground.export()
    #expect(exported.status == Exit.partial, "\(exported.errors)")
    for name in ["broken", "list", "deep", "huge", "wide"] { #expect(exported.errors.contains("\(name).json")) }
    #expect(exported.errors.contains("3 names are not regular files"), "\(exported.errors)")
    #expect(try ground.sent() == ["Good": 1])
    // More names than a spool may have are no spool.
    for number in 0..<1000 { try ground.put("n\(number)", "{}") }
    let refused = try await ground.export("--no-server")
    #expect(refused.status == Exit.wrongContent && refused.errors.contains("more than 1000 names"), "\(refused.errors)")
    let missing = try await ground.export("--no-server", "--spool", ground.world.folder["nowhere"].string)
    #expect(missing.status == Exit.notThere, "\(missing.errors)")
    #expect(try ground.parcels().count == 1)
  }

  @Test(arguments: [
    ("HostGroup.GetStaticInfo", Misbehaviour.status(500), 82), ("KsnInternal.GetSettings", .status(404), 76),
    ("KsnInternal.GetSettings", .failure(PxgFailure(1195, "starting")), 82),
    ("KsnInternal.NeedToSendStatistics", .failure(PxgFailure(1184, "no")), 77),
    ("KsnInternal.GetNKsnEulas", .failure(PxgFailure(42, "boom")), 76),
    ("LicenseKeys.EnumKeys", .body(Array("<html>".utf8), contentType: "text/html"), 76),
    ("KsnInternal.CheckKsnConnection", .cut, 83),
  ])
  func `a server that fails ends an export with its own status, and nothing is made`(
    _ method: String,
    _ fault: Misbehaviour,
    _ status: Int32
  ) async throws {
    let ground = try await KSNGround()
    try ground.put("A", #"{"count": 1}"#)
    ground.plant.misbehave { $0.method == method ? fault : nil }
    let failed = try await ground.export()
    #expect(failed.status == status && failed.errors.contains(ground.plant.url), "\(failed.status) \(failed.errors)")
    #expect(try ground.parcels().isEmpty)
    ground.plant.misbehave { $0.method == method && $0.count == 2 ? .status(503) : nil }
    let exported = try await ground.export()
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(try ground.sent() == ["A": 1] && ground.parcels() == ["000001"])
  }

  @Test func `an older server leaves out what it does not know, and a proxy that is off is an answer`() async throws {
    let ground = try await KSNGround()
    ground.plant.change { fixture in
      fixture.unknownCalls = ["KsnInternal.GetNKsnEulas", "KsnInternal.NeedToSendStatistics"]
      fixture.ksn.isEnabled = false
    }
    let exported = try await ground.export("--json")
    #expect(exported.status == 0, "\(exported.output)")
    #expect(exported.result["connected"] as? Bool == false && exported.result["statements"] as? Int == 0)
    #expect(exported.result["proxyEnabled"] as? Bool == false)
  }

  @Test func `a site without anything to export says so`() async throws {
    let ground = try await KSNGround()
    try ground.world.configureIsolated("site = \"plant\"")
    let nothing = try await ground.export("--no-server")
    #expect(nothing.status == Exit.configuration && nothing.errors.contains("--spool"), "\(nothing.errors)")
    let noServer = try await ground.export()
    #expect(
      noServer.status == Exit.configuration && noServer.errors.contains("[administration_server]"),
      "\(noServer.errors)"
    )
    try ground.put("A", #"{"count": 1}"#)
    let exported = try await ground.export("--no-server", "--spool", ground.spool.string)
    #expect(exported.status == 0, "\(exported.errors)")
  }
}
