import AdministrationServerDouble
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What sites report, and what is carried for them, by the built program and Administration Servers.
@Suite struct DemandTests {
  private func has(_ paths: Set<String>, _ component: String) -> Bool {
    paths.contains { $0.hasPrefix("updates/\(component)/") }
  }

  @Test func `as long as no site has reported, a sync says what is missing, and a fallback takes its place`()
    async throws
  {
    let ground = try await DemandGround()
    let refused = try await ground.world.sync()
    #expect(refused.status == Exit.nothingReported, "\(refused.errors)")
    #expect(refused.errors.contains("demand ask") && refused.errors.contains("fallback_products"))
    let plant = try await ground.site("plant", [[DemandGround.windows]])
    try await ground.bring(plant)
    let silent = try await ground.world.sync()
    #expect(silent.status == Exit.nothingReported && silent.errors.contains("plant"), "\(silent.errors)")
    let nothing = try await ground.world.run("demand", "show", "--config", ground.world.configuration.string)
    #expect(nothing.status == 0 && nothing.errors.contains("fallback_products"), "\(nothing.errors)")
    #expect(nothing.output.contains("site plant has not reported"), "\(nothing.output)")
    try ground.configure("fallback_products = [\"KasperskyEndpointSecurityForMacOSX_12\"]")
    let synced = try await ground.world.sync()
    #expect(synced.status == 0 && synced.errors.contains("site plant has not reported"), "\(synced.errors)")
    let paths = try ground.published()
    #expect(has(paths, "kesmac12") && has(paths, "kdb") && !has(paths, "kes11") && !has(paths, "emu"))
  }

  @Test func `a sync carries what the sites report and the databases they share, and nothing for others`()
    async throws
  {
    let ground = try await DemandGround()
    let plant = try await ground.site("plant", [[DemandGround.windows, DemandGround.agent], [DemandGround.agent]])
    try await ground.report(plant)
    let first = try await ground.world.sync("--json")
    #expect(first.status == 0, "\(first.errors)")
    let one = try ground.published()
    #expect(has(one, "kes11") && has(one, "kdb") && has(one, "ksn") && has(one, "vlns"))
    #expect(!has(one, "ksls12") && !has(one, "kesmac12") && !has(one, "emu"))
    let inFull = try await ground.published(
      applications: ["KES 21.13.5.506"],
      components: ["KDB", "APU", "KSN", "KES11", "VLNS", "RETR1901"]
    )
    #expect(one == inFull)
    let same = try await ground.world.sync("--json")
    #expect(same.result["isNew"] as? Bool == false)

    // Another site wants something else: the next sync walks again, though the server has nothing new.
    let harbour = try await ground.site("harbour", [[DemandGround.linux]])
    try await ground.report(harbour)
    let second = try await ground.world.sync()
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("+ kesl 12.1.0.1274 (harbour)"), "\(second.errors)")
    let both = try ground.published()
    #expect(has(both, "kes11") && has(both, "ksls12") && !has(both, "kesmac12"))
    #expect(both.isSuperset(of: one))

    let shown = try await ground.world.run("demand", "show", "--json", "--config", ground.world.configuration.string)
    let source = try #require((shown.result["sources"] as? [[String: Any]])?.first, "\(shown.errors)")
    let wishes = try #require(source["wishes"] as? [[String: Any]])
    func sites(_ application: String) -> [String] {
      let wish = wishes.first { ($0["application"] as? String)?.hasPrefix(application) == true }
      return (wish?["sites"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
    }
    #expect(sites("KES ") == ["plant"] && sites("kesl ") == ["harbour"] && sites("1103 ") == ["plant"])
    let text = try await ground.world.run("demand", "show", "--config", ground.world.configuration.string)
    #expect(text.output.contains("KES 21.13.5.506") && text.output.contains("plant (1)"), "\(text.output)")
    let site = try await ground.world.run("site", "show", "plant", "--config", ground.world.configuration.string)
    #expect(site.output.contains("12.1.0.506") && site.output.contains("2 devices"), "\(site.output)")
  }

  @Test func `a bundle for a site has what that site needs, where the snapshot has more`() async throws {
    let ground = try await DemandGround(differences: true)
    let world = ground.world
    let plant = try await ground.site("plant", [[DemandGround.windows]])
    let harbour = try await ground.site("harbour", [[DemandGround.linux], [DemandGround.windows]])
    for site in [plant, harbour] { try await ground.report(site) }
    try #require(try await world.sync().status == 0)
    for (site, wanted, others) in [(plant, ["kes11"], ["ksls12"]), (harbour, ["kes11", "ksls12"], [])] {
      let stick = try world.folder.subfolder("stick-\(site.name)")
      let packed = try await world.pack(["--site", site.name], to: stick)
      #expect(packed.status == 0, "\(packed.errors)")
      let imported = try await world.run(["import", "--config", site.configuration.string, stick.string])
      #expect(imported.status == 0, "\(imported.errors)")
      let here = try ground.paths(of: site.store)
      for component in wanted + ["kdb", "ksn", "vlns"] { #expect(has(here, component), "\(site.name) \(component)") }
      for component in others + ["kesmac12"] { #expect(!has(here, component), "\(site.name) \(component)") }
      #expect(here.isSubset(of: try ground.published()))
      // What it has now comes back, and there is nothing more to carry.
      let collected = try await world.run(["collect", "--config", world.configuration.string, stick.string])
      #expect(collected.status == 0, "\(collected.errors)")
      let again = try await world.pack(["--site", site.name, "--dry-run"], to: stick)
      #expect(again.status == 0 && again.output.contains("nothing"), "\(again.output)\(again.errors)")
    }
    // No bundle tells a site what another one has.
    for (name, bytes) in try World.files(below: world.folder["stick-plant"]) {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("harbour") && !text.contains("KSLS 12.1.0.1274"), "\(name)")
    }

    // The site changes its mind: the whole snapshot goes to it, under a number that it takes.
    plant.server.change { $0.kinds = [[DemandGround.windows], [DemandGround.linux]] }
    plant.server.change { $0.devices = 2 }
    try await ground.report(plant)
    try #require(try await world.sync().status == 0)
    let stick = try world.folder.subfolder("stick-late")
    let packed = try await world.pack(["--site", "plant"], to: stick)
    #expect(packed.status == 0, "\(packed.errors)")
    let imported = try await world.run(["import", "--config", plant.configuration.string, stick.string])
    #expect(imported.status == 0, "\(imported.errors)")
    let (here, there) = (try ground.paths(of: plant.store), try ground.published())
    #expect(here == there, "\(here.symmetricDifference(there).sorted()) \(packed.errors)\(imported.errors)")
  }

  @Test func `a site that suddenly wants almost nothing does not empty the mirror unasked`() async throws {
    let ground = try await DemandGround()
    let plant = try await ground.site("plant", [[DemandGround.windows]])
    try await ground.report(plant)
    try #require(try await ground.world.sync().status == 0)
    let before = try ground.published()
    plant.server.change { $0.devices = 0 }
    try await ground.report(plant)
    let refused = try await ground.world.sync()
    #expect(refused.status == Exit.shrunk, "\(refused.errors)")
    #expect(refused.errors.contains("- KES 12.1.0.506 (plant)") && refused.errors.contains("--accept-shrink"))
    #expect(try ground.published() == before)
    let accepted = try await ground.world.sync("--accept-shrink")
    #expect(accepted.status == 0, "\(accepted.errors)")
    #expect(try !has(ground.published(), "kes11"))
  }

  @Test func `what the catalogue does not know is reported with the site that wants it, and costs no component`()
    async throws
  {
    let ground = try await DemandGround()
    let odd = ["ODDAPP", "3.0.0.0", "Odd Application", "3.0.0.7"]
    let plant = try await ground.site("plant", [[DemandGround.windows, odd]])
    try await ground.report(plant)
    let synced = try await ground.world.sync()
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(synced.errors.contains("site plant wants ODDAPP 3.0.0.7") && synced.errors.contains("reported_as"))
    let paths = try ground.published()
    #expect(has(paths, "emu") && has(paths, "kes11") && !has(paths, "ksls12"))
    try ground.configure("reported_as = { oddapp = \"\" }")
    let quiet = try await ground.world.sync("--accept-shrink")
    #expect(quiet.status == 0 && !quiet.errors.contains("ODDAPP"), "\(quiet.errors)")
    #expect(try !has(ground.published(), "emu"))
    try ground.configure("reported_as = { oddapp = \"KESMAC 12\" }")
    try #require(try await ground.world.sync().status == 0)
    #expect(try has(ground.published(), "kesmac12"))
  }

  @Test func `what a server tells is kept for receipts, a dry run keeps nothing, and no name of a device leaves`()
    async throws
  {
    let ground = try await DemandGround()
    let plant = try await ground.site("plant", [[DemandGround.windows], [DemandGround.agent]])
    let file = plant.store.appending("receipts/demand.json").string
    let shown = try await ground.run(plant, "demand", "ask", "--dry-run")
    #expect(shown.status == 0 && shown.output.contains("12.1.0.506"), "\(shown.output)\(shown.errors)")
    #expect(!FileManager.default.fileExists(atPath: file))
    try await ground.report(plant)
    let receipt = ground.world.stick.appending("kscmirror-receipt-plant.json").string
    let text = try String(contentsOfFile: receipt, encoding: .utf8)
    #expect(text.contains("\"demand\"") && text.contains("12.1.0.506"))
    for name in ["host-0", "host-1", "WS-0", "WS-1"] { #expect(!text.contains(name), "\(name) has left") }
    #expect(plant.server.openSessions == 0, "a session was left open")
    // A server that cannot be asked leaves what is known, and receipts are written all the same.
    plant.server.misbehave { _ in .status(500) }
    let failed = try await ground.run(plant, "demand", "ask")
    #expect(failed.status == Exit.serverError, "\(failed.errors)")
    #expect(FileManager.default.fileExists(atPath: file))
    try ground.world.write("no json", to: FilePath(file))
    try await ground.bring(plant)
    let doctor = try await ground.run(plant, "doctor")
    #expect(doctor.status == Exit.doctorError && doctor.output.contains("demand.json"), "\(doctor.output)")
    // The connected side goes by what it was told before.
    let known = try await ground.world.run("demand", "show", "--config", ground.world.configuration.string)
    #expect(known.status == 0 && known.output.contains("KES 21.13.5.506"), "\(known.output)\(known.errors)")
    let own = try await ground.run(plant, "demand", "show")
    #expect(own.status == Exit.badStore && own.errors.contains("demand ask"), "\(own.errors)")
  }

  @Test func `many devices are asked for by several sessions, each once, and others known by their licences`()
    async throws
  {
    let ground = try await DemandGround()
    let plant = try await ground.site("plant", [[DemandGround.windows], [DemandGround.linux], [DemandGround.agent]])
    plant.server.change { fixture in
      fixture.devices = 300
      fixture.keys = [SyntheticKey(number: 0, devices: 40)]
    }
    let asked = try await ground.run(plant, "demand", "ask", "--json", "--dry-run")
    #expect(asked.status == 0, "\(asked.errors)")
    let demand = try #require(asked.result["demand"] as? [String: Any])
    #expect(demand["devices"] as? Int == 300 && demand["devicesRead"] as? Int == 300)
    let counts = try #require(demand["applications"] as? [[String: Any]]).compactMap { $0["devices"] as? Int }
    #expect(counts.reduce(0, +) == 301, "three hundred devices and the server: \(counts)")
    let calls = plant.server.calls.filter { $0.method == "HostGroup.GetHostProducts" }
    #expect(calls.count == 300 && Set(calls.map(\.body)).count == 300)
    #expect(Set(calls.map(\.connection)).count > 1, "one session did it all")
    let some = try await ground.run(plant, "demand", "ask", "--json", "--dry-run", "--devices", "10")
    let part = try #require(some.result["demand"] as? [String: Any], "\(some.errors)")
    #expect(part["devices"] as? Int == 300 && part["devicesRead"] as? Int == 10)
    #expect(plant.server.methods.contains("LicenseKeys.AcquireKeyHosts"))
    #expect(plant.server.openSessions == 0 && plant.server.openLists == 0)
  }

  @Test func `a device that is gone, or of which nonsense is reported, says nothing of the others`() async throws {
    let ground = try await DemandGround()
    let plant = try await ground.site("plant", [[DemandGround.windows], [DemandGround.linux], [DemandGround.agent]])
    plant.server.misbehave { call in
      guard call.method == "HostGroup.GetHostProducts" else { return nil }
      if String(decoding: call.body, as: UTF8.self).contains("host-1") { return .failure(PxgFailure(1186, "gone")) }
      return nil
    }
    let asked = try await ground.run(plant, "demand", "ask", "--json")
    #expect(asked.status == 0, "\(asked.errors)")
    let demand = try #require(asked.result["demand"] as? [String: Any])
    #expect(demand["devices"] as? Int == 3 && demand["devicesRead"] as? Int == 2)
    plant.server.misbehave { $0.method == "HostGroup.GetHostProducts" ? .failure(PxgFailure(1186, "gone")) : nil }
    let nothing = try await ground.run(plant, "demand", "ask")
    #expect(nothing.status != 0 && nothing.errors.contains("GetHostProducts"), "\(nothing.errors)")
  }
}
