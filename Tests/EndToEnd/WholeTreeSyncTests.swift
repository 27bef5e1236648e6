import Foundation
import SystemPackage
import TestSupport
import Testing
import UpdateServerDouble

/// A sync of a tree with all that a real one has: mobile and meta indexes, updaters, patches, every kind of record.
@Suite struct WholeTreeSyncTests {
  private static let primaries =
    World.primaries + ["index/um1901g.xml", "index/um1313g.xml", "updaters/updater.xml"]

  /// What only the meta indexes name.
  private static func isMeta(_ path: String) -> Bool {
    path.hasSuffix("-meta.xml") || path == "updates/updates/kinds/set/0/kinds-set-1313g.xml"
      || ["umeta", "ummeta"].contains { path.hasSuffix("\($0).xml") }
  }

  /// The tree on the disk, as it should be published.
  private func expected(_ world: World, meta: Bool, patches: Bool) throws -> [String: Data] {
    var files = try world.expected()
    let catalogue = "updates/bin/kuuc/updater.xml"
    for (path, data) in try World.files(below: world.folder["tree"].appending("updates/bin/kuuc")) {
      files["updates/updates/bin/kuuc/\(path)"] = data
    }
    #expect(files["updates/\(catalogue)"] != nil)
    return files.filter { path, _ in
      (meta || !Self.isMeta(path)) && (patches || !path.hasPrefix("updates/updates/bin/"))
    }
  }

  private func expectSame(_ found: [String: Data], _ expected: [String: Data]) {
    // What is published besides update trees is no concern of these tests.
    let found = found.filter { $0.key.hasPrefix("updates/") }
    #expect(Set(expected.keys).subtracting(found.keys).sorted() == [])
    #expect(Set(found.keys).subtracting(expected.keys).sorted() == [])
    #expect(expected.filter { found[$0.key] != nil && found[$0.key] != $0.value }.keys.sorted() == [])
  }

  /// What of a tree can be verified: indexes with a signature of the vendor's, and files in the folders that they name.
  private func verifiable(_ files: [String: Data]) -> (indexes: Int, files: Int) {
    let folders = ["updates", "mobile", "updaters", "kadsp"].map { "updates/\($0)/" }
    let mark = Data("\r\n=!".utf8)
    var (indexes, payload) = (0, 0)
    for (path, data) in files {
      if path.contains("/set/0/"), path.hasSuffix(".xml") {
        // By the folder of its index it lies elsewhere than that: a file as any other, and only the meta index gives its
        // digest.
        payload += files.keys.contains("updates/index/umeta.xml") ? 1 : 0
      } else if path.hasSuffix(".xml") && !path.hasSuffix("/kuuc/updater.xml") {
        if data.range(of: mark) != nil {
          indexes += 1
        } else if path.hasSuffix("-1313g.xml"), !path.contains("/set/"),
          files[path.dropLast("1313g.xml".count) + "meta.xml"] != nil
        {
          // The meta index, which is signed, gives the digest of its unsigned sibling.
          payload += 1
        }
      } else if folders.contains(where: { path.hasPrefix($0) }) {
        payload += 1
      }
    }
    return (indexes, payload)
  }

  private func expectVerified(_ world: World, _ files: [String: Data], indexes: Int) async throws {
    let outcome = try await world.run("verify", "--vendor", "--json", "--config", world.configuration.string)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    let vendor = try #require(outcome.result["vendor"] as? [String: Any])
    let wanted = verifiable(files)
    #expect(wanted.indexes == indexes)
    #expect(vendor["indexes"] as? Int == wanted.indexes)
    #expect(vendor["files"] as? Int == wanted.files)
    #expect(vendor["notVerifiable"] as? Int == files.count - wanted.indexes - wanted.files)
    #expect((vendor["problems"] as? [Any])?.isEmpty == true)
  }

  @Test func `a sync by everything publishes all that the tree names, and it stays so as the tree grows older`()
    async throws
  {
    let world = try World(files: 60, meanSize: 500, whole: true)
    try world.configure(source: "patches = true\nmeta_indexes = true", primaries: Self.primaries)
    for _ in 0..<2 {
      let outcome = try await world.sync()
      #expect(outcome.status == 0, "\(outcome.errors)")
      let wanted = try expected(world, meta: true, patches: true)
      expectSame(try world.published(world.connected), wanted)
      try await expectVerified(world, wanted, indexes: 68)
      try world.age()
    }
  }

  @Test func `a sync by a product publishes all that the tree names for it, without meta indexes and patches`()
    async throws
  {
    let world = try World(files: 60, meanSize: 500, whole: true)
    try world.configure(source: "products = [\"WholeProduct\"]", primaries: nil)
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let wanted = try expected(world, meta: false, patches: false)
    expectSame(try world.published(world.connected), wanted)
    try await expectVerified(world, wanted, indexes: 30)
  }

  @Test func `meta indexes are published with all that they name and carry`() async throws {
    let world = try World(files: 60, meanSize: 500, whole: true)
    try world.configure(source: "meta_indexes = true", primaries: ["index/u1901g.xml", "index/u1313g.xml"])
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let published = try world.published(world.connected)
    let meta = try expected(world, meta: true, patches: false).filter { Self.isMeta($0.key) }
    #expect(meta.count > 20)
    for (path, data) in meta { #expect(published[path] == data, "\(path)") }
  }

  @Test func `an updater that was changed on the server is refused`() async throws {
    let world = try World(files: 60, meanSize: 500, whole: true)
    try world.configure(primaries: ["updaters/updater.xml"])
    let payload = "updaters/7.1.34.0/win/i386/updater.kdl"
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(payload)).string)
    var bytes = try Data(contentsOf: place)
    bytes[3] ^= 1
    try bytes.write(to: place, options: .atomic)
    let outcome = try await world.sync()
    #expect(outcome.status == Exit.wrongContent, "\(outcome.errors)")
    #expect(outcome.errors.contains(payload))
  }

  @Test func `a product of the catalogue that names no primary index is looked for in those of all generations`()
    async throws
  {
    let world = try World(files: 60, meanSize: 500, whole: true)
    // Its entry is of the shape "component App Arch OS SysArch".
    try world.configure(source: "products = [\"ShapedProduct_15\"]", primaries: nil)
    let outcome = try await world.sync()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let published = try world.published(world.connected)
    for path in ["index/u1313g.xml", "index/u0607g.xml", "updates/kdb/kdb-1313g.xml", "bases/kdb/kdb-0607g.xml"] {
      #expect(published["updates/\(path)"] != nil, "\(path)")
    }
  }
}
