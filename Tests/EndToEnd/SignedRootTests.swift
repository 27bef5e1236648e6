import Foundation
import SystemPackage
import TestSupport
import Testing
import UpdateServerDouble

/// What a configuration mirrors that names products and nothing else: the catalogue names no signed primary index, and
/// yet everything hangs off one.
@Suite struct SignedRootTests {
  private static let product = "products = [\"KasperskyEndpointSecurityForLinux_12_3_0\"]"
  private static let root = "index/u1901g.xml"
  private static let carrier = "index/retr1901-u1313g.xml"

  private func world() throws -> World {
    let world = try World()
    try world.configure(source: Self.product, primaries: nil)
    return world
  }

  private func bytes(_ path: String, in world: World) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string))
  }

  private func put(_ bytes: Data, at path: String, in world: World) throws {
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string)
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: place, options: .atomic)
  }

  /// What an index carries inside itself, in base64.
  private func carried(in carrier: Data) throws -> String {
    let text = String(decoding: carrier, as: UTF8.self)
    return String(try #require(text.firstMatch(of: />([A-Za-z0-9+\/=]{100,})</)).output.1)
  }

  private func verified(_ world: World) async throws -> (indexes: Int?, files: Int?) {
    let outcome = try await world.run("verify", "--vendor", "--json", "--config", world.configuration.string)
    let vendor = try #require(outcome.result["vendor"] as? [String: Any], "\(outcome.output)")
    return (vendor["indexes"] as? Int, vendor["files"] as? Int)
  }

  @Test func `the signed primary index is published, and all that hangs off it verified`() async throws {
    let world = try world()
    #expect(try await world.sync().status == 0)
    let published = try world.published(world.connected)
    #expect(published["updates/\(Self.root)"] == (try bytes(Self.root, in: world)))
    let files = published.keys.count { $0.hasPrefix("updates/updates/") && $0.hasSuffix(".dat") }
    let verified = try await verified(world)
    // The root, KDB's two, KSN's and VLNS's.
    #expect(verified.indexes == 5)
    #expect(verified.files == files && files > 40)
    try await world.pack()
    let imported = try await world.import("--json")
    let vendor = try #require(imported.result["vendor"] as? [String: Any], "\(imported.output)")
    #expect(vendor["indexes"] as? Int == 5 && vendor["files"] as? Int == files)
    #expect(try await world.sync("--json").result["isNew"] as? Bool == false)
  }

  @Test func `a file that was altered is refused by sync, and by import`() async throws {
    let world = try world()
    let path = "updates/ksn/ksn0000.dat"
    var altered = try bytes(path, in: world)
    altered[0] ^= 1
    try put(altered, at: path, in: world)
    let refused = try await world.sync()
    #expect(refused.status == Exit.wrongContent && refused.errors.contains(path), "\(refused.errors)")
    #expect(world.current(world.connected) == nil)
  }

  @Test func `whoever holds the connected side cannot take a signature away from an index below the root`() async throws
  {
    let world = try world()
    try await world.sync()
    try await world.pack()
    #expect(try await world.import().status == 0)
    try world.age()
    let path = "updates/ksn/ksn-1901g.xml"
    let index = try bytes(path, in: world)
    let mark = try #require(index.range(of: Data("\r\n=!".utf8)))
    try put(index[..<mark.lowerBound], at: path, in: world)
    try world.configure(source: Self.product, rest: "vendor_signatures = \"off\"", primaries: nil)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let refused = try await world.import()
    #expect(refused.status == Exit.vendorSignature && refused.errors.contains(path), "\(refused.errors)")
    #expect(world.current(world.isolated) == "releases/1")
  }

  @Test func `a root that the server does not have is taken out of the index that carries it`() async throws {
    let world = try world()
    let root = try bytes(Self.root, in: world)
    world.server.answer { $0.path == Self.root ? .status(404) : .file }
    let first = try await world.sync()
    #expect(first.status == 0, "\(first.errors)")
    #expect(try world.published(world.connected)["updates/\(Self.root)"] == root)
    #expect(try await verified(world).indexes == 5)
    // Nothing new is nothing new; a day later all goes on.
    let second = try await world.sync("--json")
    #expect(second.result["isNew"] as? Bool == false, "\(second.output)")
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["updates/\(Self.root)"] == (try bytes(Self.root, in: world)))
    // Without either there is nothing to begin with.
    let other = try self.world()
    try FileManager.default.removeItem(atPath: other.folder["tree"].pushing(FilePath(Self.carrier)).string)
    other.server.answer { $0.path == Self.root ? .status(404) : .file }
    let refused = try await other.sync()
    #expect(refused.status != 0 && refused.errors.contains(Self.root), "\(refused.errors)")
    #expect(other.current(other.connected) == nil)
  }

  @Test func `a forged root that another index carries is refused like any other`() async throws {
    let world = try world()
    let carrier = String(decoding: try bytes(Self.carrier, in: world), as: UTF8.self)
    let text = try carried(in: Data(carrier.utf8))
    let root = try #require(Data(base64Encoded: text))
    let mark = try #require(root.range(of: Data("\r\n=!".utf8)))
    for forged in [Data(root[..<mark.lowerBound]), Data(root.dropLast(40) + root.suffix(39)), Data("<html>".utf8)] {
      let altered = carrier.replacingOccurrences(of: text, with: forged.base64EncodedString())
      try put(Data(altered.utf8), at: Self.carrier, in: world)
      world.server.answer { $0.path == Self.root ? .status(404) : .file }
      let refused = try await world.sync()
      #expect(
        [Exit.malformedIndex, Exit.vendorSignature].contains(refused.status) && refused.errors.contains(Self.root),
        "\(refused.errors)"
      )
      #expect(world.current(world.connected) == nil)
    }
  }

  @Test func `a root that is not the one that another index carries is reported once, and the server's taken`()
    async throws
  {
    let world = try world()
    // The carrier is of today, and yet what it carries is not.
    let old = try carried(in: bytes(Self.carrier, in: world))
    try world.age()
    let carrier = String(decoding: try bytes(Self.carrier, in: world), as: UTF8.self)
    let new = try carried(in: Data(carrier.utf8))
    try put(Data(carrier.replacingOccurrences(of: new, with: old).utf8), at: Self.carrier, in: world)
    let first = try await world.sync("--quiet")
    #expect(first.status == 0)
    #expect(first.errors.contains(Self.root), "\(first.errors)")
    #expect(try world.published(world.connected)["updates/\(Self.root)"] == (try bytes(Self.root, in: world)))
    #expect(try await world.sync("--quiet", "--recheck").errors.isEmpty)
    let outcome = try await world.run("verify", "--vendor", "--json", "--config", world.configuration.string)
    let vendor = try #require(outcome.result["vendor"] as? [String: Any])
    #expect(vendor["differingPrimaries"] as? [String] == [Self.root])
  }

  @Test func `names of products may have a star; one that fits none is the user's error, with the nearest name`()
    async throws
  {
    let world = try World()
    try world.configure(source: "products = [\"kasperskyendpoint*linux_12_*\"]", primaries: nil)
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["updates/\(Self.root)"] != nil)
    for name in ["KasperskyEndpointSecurityForLinux_12_3_O", "*Windows*"] {
      try world.configure(source: "products = [\"\(name)\"]", primaries: nil)
      let refused = try await world.sync()
      #expect(refused.status == Exit.configuration && refused.errors.contains(name), "\(refused.errors)")
      #expect(refused.errors.contains("kscmirror products"))
      #expect(refused.errors.contains("did you mean") == !name.contains("*"))
    }
    let listed = try await world.run("products", "--config", world.configuration.string)
    #expect(listed.output.contains("u1901g.xml u1313g.xml"), "\(listed.output)")
  }

  @Test func `signed indexes that nothing names are reported as left over`() async throws {
    let world = try World()
    let tree = world.folder["tree"]
    try put(try bytes("updates/ah/ah-1901g.xml", in: world), at: "updates/ah/old/ah-1901g.xml", in: world)
    let outcome = try await world.run(
      "verify",
      "--vendor",
      "--json",
      "--config",
      world.isolatedConfiguration.string,
      tree.string
    )
    #expect(outcome.result["leftOver"] as? Int == 1, "\(outcome.output)")
    #expect(outcome.result["leftOverIndexes"] as? [String] == ["updates/ah/old/ah-1901g.xml"])
    #expect(outcome.result["indexes"] as? Int == 14)
  }
}
