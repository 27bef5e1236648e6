import Foundation
import SystemPackage
import TestSupport
import Testing
import UpdateServerDouble

/// The vendor's own signatures: on sync, again on import, and over any folder.
@Suite struct VendorTests {
  private static let component = "updates/ah/ah-1901g.xml"
  private static let payload = "updates/ah/ah0000.dat"

  /// Changes one byte of a file of the tree.
  private func change(_ path: String, in world: World, at share: Double = 0.2) throws {
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string)
    var bytes = try Data(contentsOf: place)
    bytes[Int(Double(bytes.count - 1) * share)] ^= 1
    try bytes.write(to: place, options: .atomic)
  }

  private func configureVendor(_ world: World, _ setting: String, primaries: [String] = World.primaries) throws {
    try world.configure(rest: "vendor_signatures = \"\(setting)\"", primaries: primaries)
  }

  @Test func `an index that was changed on the server is refused, and the journal tells of it`() async throws {
    let world = try World()
    try await world.sync()
    try world.age()
    try change(Self.component, in: world)
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.vendorSignature, "\(outcome.errors)")
    #expect(outcome.errors.contains(Self.component))
    #expect(world.current(world.connected) == "releases/1")
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("refusal") && log.output.contains(Self.component))
  }

  @Test func `a file that was changed on the server is refused`() async throws {
    let world = try World()
    try change(Self.payload, in: world)
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.wrongContent, "\(outcome.errors)")
    #expect(outcome.errors.contains(Self.payload))
  }

  @Test func `a connected host in an attacker's hands cannot slip in an index, whatever it signs`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    let before = try world.published(world.isolated)
    // The attacker has the keys, and looks away from the vendor's signatures.
    try world.age()
    try change(Self.component, in: world)
    try configureVendor(world, "off")
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let outcome = try await world.import()
    #expect(outcome.status == Exit.vendorSignature, "\(outcome.errors)")
    #expect(outcome.errors.contains(Self.component))
    #expect(try world.published(world.isolated) == before)
    #expect(world.current(world.isolated) == "releases/1")
  }

  @Test func `a signature that was taken away is missed`() async throws {
    let world = try World()
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(Self.component)).string)
    let bytes = try Data(contentsOf: place)
    let mark = try #require(bytes.range(of: Data("\r\n=!".utf8)))
    try bytes[..<mark.lowerBound].write(to: place, options: .atomic)
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.vendorSignature)
    #expect(outcome.errors.contains("has no signature"))
    // Nor does it help to call a primary index one of the older generation.
    let other = try World()
    let primary = other.folder["tree"].pushing("index/u1901g.xml")
    let text = try String(contentsOfFile: primary.string, encoding: .isoLatin1)
    let older = try #require(
      text.replacingOccurrences(of: "Format=\"3.0\"", with: "Format=\"2.0\"").data(using: .isoLatin1)
    )
    try older.write(to: URL(fileURLWithPath: primary.string), options: .atomic)
    #expect(try await other.sync().status == Exit.vendorSignature)
  }

  @Test func `what nobody can verify is counted, and refused where that is required`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    let imported = try await world.import("--json")
    #expect(imported.status == 0, "\(imported.errors)")
    let counted = try #require(imported.result["vendor"] as? [String: Any])
    #expect(counted["notVerifiable"] as? Int == 56)
    try configureVendor(world, "required")
    #expect(try await world.sync().status == Exit.notVerifiable)
    try configureVendor(world, "required", primaries: ["index/u1901g.xml"])
    let outcome = try await world.sync("--accept-shrink")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try await world.pack("--replace").status == 0)
    try world.configureIsolated("vendor_signatures = \"required\"")
    let taken = try await world.import("--json")
    #expect(taken.status == 0, "\(taken.output)")
    let vendor = try #require(taken.result["vendor"] as? [String: Any])
    #expect(vendor["notVerifiable"] as? Int == 0)
    #expect(vendor["indexes"] as? Int == 14)
    #expect(try #require(vendor["files"] as? Int) > 50)
  }

  @Test func `import refuses what nobody can verify where that is required`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    try world.configureIsolated("vendor_signatures = \"required\"")
    let refused = try await world.import()
    #expect(refused.status == Exit.notVerifiable, "\(refused.errors)")
    #expect(world.current(world.isolated) == nil)
  }

  @Test func `primary indexes never go back in date, on either side, unless that is allowed`() async throws {
    let world = try World()
    try Command.run("/bin/cp", ["-r", world.folder["tree"].string, world.folder["yesterday"].string])
    try world.age()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    try FileManager.default.removeItem(atPath: world.folder["tree"].string)
    try Command.run("/bin/cp", ["-r", world.folder["yesterday"].string, world.folder["tree"].string])
    let refused = try await world.sync()
    #expect(refused.status == Exit.olderIndex, "\(refused.errors)")
    #expect(refused.errors.contains("index/u"))
    #expect(try await world.sync("--allow-older").status == 0)
    #expect(try await world.pack("--replace").status == 0)
    #expect(try await world.import().status == Exit.olderIndex)
    #expect(world.current(world.isolated) == "releases/1")
    #expect(try await world.import("--allow-older").status == 0)
    #expect(world.current(world.isolated) == "releases/2")
  }

  @Test func `a signed primary index that was here does not go away unnoticed`() async throws {
    let world = try World()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    // Without the component by which it is taken out of the other one.
    try world.configure(
      source: "components = [\"KDB\", \"KSN\", \"APU\"]",
      primaries: ["index/u1313g.xml", "index/u0607g.xml"]
    )
    try world.age()
    #expect(try await world.sync("--accept-shrink").status == 0)
    #expect(try await world.pack("--replace").status == 0)
    let refused = try await world.import()
    #expect(refused.status == Exit.olderIndex, "\(refused.errors)")
    #expect(refused.errors.contains("index/u1901g.xml"))
    #expect(world.current(world.isolated) == "releases/1")
    #expect(try await world.import("--allow-older").status == 0)
  }

  @Test func `old indexes that are mixed in under a new primary one are reported`() async throws {
    let world = try World()
    let old = world.folder["old"].string
    try Command.run("/bin/cp", ["-r", world.folder["tree"].pushing("updates/ah").string, old])
    try world.age()
    try await world.sync()
    try await world.pack()
    let first = try await world.import()
    #expect(first.status == 0 && !first.errors.contains("older"), "\(first.errors)")
    try world.age()
    let place = world.folder["tree"].pushing("updates/ah").string
    try FileManager.default.removeItem(atPath: place)
    try Command.run("/bin/cp", ["-r", old, place])
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack("--replace").status == 0)
    let second = try await world.import("--quiet")
    #expect(second.status == 0)
    #expect(second.errors.contains(Self.component), "\(second.errors)")
    let log = try await world.run("log", "--json", "--last", "1", "--store", world.isolated.string)
    #expect(log.output.contains("older-indexes"))
  }

  @Test func `any folder with an update tree can be verified`() async throws {
    let world = try World()
    let tree = world.folder["tree"].string
    let configuration = world.isolatedConfiguration.string
    let good = try await world.run("verify", "--vendor", "--json", "--config", configuration, tree)
    #expect(good.status == 0, "\(good.output)")
    #expect(good.result["indexes"] as? Int == 14)
    try change(Self.payload, in: world)
    let bad = try await world.run("verify", "--vendor", "--config", configuration, tree)
    #expect(bad.status == Exit.vendorSignature)
    #expect(bad.output.contains(Self.payload))
    // Whoever does not trust this vendor's authorities finds nothing good in it.
    try world.write("store = \"s\"\n", to: world.folder["plain.toml"])
    let foreign = try await world.run("verify", "--vendor", "--config", world.folder["plain.toml"].string, tree)
    #expect(foreign.status == Exit.vendorSignature)
    #expect(foreign.output.contains("authority"))
    #expect(
      try await world.run("verify", "--vendor", "--config", configuration, world.stick.string).status == Exit.notThere
    )
  }

  @Test func `the store can be verified by the vendor's signatures too`() async throws {
    let world = try World()
    try await world.sync()
    let outcome = try await world.run("verify", "--vendor", "--json", "--config", world.configuration.string)
    #expect(outcome.status == 0, "\(outcome.output)")
    let vendor = try #require(outcome.result["vendor"] as? [String: Any])
    #expect(vendor["indexes"] as? Int == 14)
  }
}
