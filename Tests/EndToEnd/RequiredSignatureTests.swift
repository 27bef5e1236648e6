import Foundation
import SystemPackage
import TestSupport
import Testing

/// What keeps out an attacker who controls the host with internet: the signed indexes alone, and nothing unsigned.
@Suite struct RequiredSignatureTests {
  private func bytes(_ path: String, in world: World) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string))
  }

  private func put(_ bytes: Data, at path: String, in world: World) throws {
    let place = URL(fileURLWithPath: world.folder["tree"].pushing(FilePath(path)).string)
    try bytes.write(to: place, options: .atomic)
  }

  /// Takes an index's signature away, and with it whatever says that it should have one.
  private func disguise(_ index: Data) throws -> Data {
    let mark = try #require(index.range(of: Data("\r\n=!".utf8)))
    let text = String(decoding: index[..<mark.lowerBound], as: UTF8.self)
    #expect(text.contains("Format=\"3.0\""))
    return Data(text.replacingOccurrences(of: "Format=\"3.0\"", with: "Format=\"2.0\"").utf8)
  }

  @Test func `an index that is disguised as one of an older generation is refused, and so is what it names`()
    async throws
  {
    let world = try World()
    // The attacker has the keys of the connected side, and looks away from the vendor's signatures.
    try world.configure(rest: "vendor_signatures = \"off\"", primaries: ["index/u1901g.xml"])
    try world.configureIsolated("vendor_signatures = \"required\"")
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let honest = try await world.import()
    #expect(honest.status == 0, "\(honest.errors)")
    let before = try world.published(world.isolated)

    try world.age()
    let (index, payload) = ("updates/ah/ah-1901g.xml", "updates/ah/ah0000.dat")
    try put(disguise(bytes(index, in: world)), at: index, in: world)
    try put(Data("forged".utf8) + bytes(payload, in: world), at: payload, in: world)
    let synced = try await world.sync("--recheck")
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(try world.published(world.connected)["updates/\(payload)"]?.starts(with: Data("forged".utf8)) == true)
    #expect(try await world.pack().status == 0)
    let refused = try await world.import()
    #expect([101, 102].contains(refused.status), "\(refused.status): \(refused.errors)")
    #expect(try world.published(world.isolated) == before)
    #expect(world.current(world.isolated) == "releases/1")

    // Nor does an honest connected side take it in.
    try world.configure(rest: "vendor_signatures = \"required\"", primaries: ["index/u1901g.xml"])
    let sync = try await world.sync("--recheck")
    #expect([101, 102].contains(sync.status), "\(sync.status): \(sync.errors)")
  }
}
