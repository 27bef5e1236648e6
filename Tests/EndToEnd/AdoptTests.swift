import Foundation
import SystemPackage
import TestSupport
import Testing

/// An update tree that is here already is taken into the store, so that it need not be fetched.
@Suite struct AdoptTests {
  private func adopt(_ world: World, _ folder: FilePath, _ more: String...) async throws -> Outcome {
    try await world.run(["adopt", folder.string, "--config", world.configuration.string, "--json"] + more)
  }

  private func place(_ path: String, in folder: FilePath) -> URL {
    URL(fileURLWithPath: folder.pushing(FilePath(path)).string)
  }

  @Test func `what is right in an adopted folder is not fetched again, and what is not never gets out`() async throws {
    let world = try World(files: 150)
    let copy = world.folder["copy"]
    try FileManager.default.copyItem(atPath: world.folder["tree"].string, toPath: copy.string)
    let names = try FileManager.default.contentsOfDirectory(atPath: copy.pushing("updates/ah").string).sorted()
      .filter { $0.hasSuffix(".dat") }.map { "updates/ah/\($0)" }
    try #require(names.count > 2)
    let (right, changed, missing) = (names[1], names[0], names[2])
    var bytes = try Data(contentsOf: place(changed, in: copy))
    bytes[0] ^= 1
    try bytes.write(to: place(changed, in: copy))
    try FileManager.default.removeItem(at: place(missing, in: copy))
    try world.write("junk", to: copy.pushing("bases/junk.dat"))
    try FileManager.default.createSymbolicLink(atPath: copy.pushing("bases/link").string, withDestinationPath: "/etc")
    try #require(mkfifo(copy.pushing("bases/pipe").string, 0o600) == 0)

    let plan = try await adopt(world, copy, "--dry-run")
    #expect(plan.status == 0, "\(plan.output) \(plan.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.connected.string))
    let adopted = try await adopt(world, copy)
    #expect(adopted.status == 0, "\(adopted.output) \(adopted.errors)")
    #expect(adopted.result["files"] as? Int == plan.result["files"] as? Int)
    #expect(adopted.result["ignored"] as? Int == 2)
    #expect(world.current(world.connected) == nil)
    let again = try await adopt(world, copy)
    #expect(again.result["files"] as? Int == 0 && (again.result["known"] as? Int ?? 0) > 50, "\(again.output)")

    let before = world.server.requests.count
    let synced = try await world.sync("--json")
    #expect(synced.status == 0, "\(synced.errors)")
    #expect(try world.published(world.connected) == world.expected())
    let asked = world.server.requests.dropFirst(before).map(\.path)
    #expect(!asked.contains { $0.contains(right) })
    #expect(asked.contains { $0.contains(changed) } && asked.contains { $0.contains(missing) })
    #expect(try await world.run("verify", "--vendor", "--config", world.configuration.string).status == 0)
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("adoption"), "\(log.output)")
  }

  @Test func `a folder without an update tree, and a source that is not there, are errors with the right one`()
    async throws
  {
    let world = try World(files: 12)
    try FileManager.default.createDirectory(atPath: world.folder["share"].string, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: world.folder["tree"].string, toPath: world.folder["share/Updates"].string)
    let outside = try await adopt(world, world.folder["share"])
    #expect(outside.status == Exit.notThere && outside.output.contains("share/Updates"), "\(outside.output)")
    let source = try await adopt(world, world.folder["share/Updates"], "--source", "kasperski")
    #expect(source.status == Exit.usage && source.output.contains("did you mean 'kaspersky'?"), "\(source.output)")
    let file = try await adopt(world, world.configuration)
    #expect(file.status == Exit.usage && file.output.contains("is not a folder"), "\(file.output)")
  }
}
