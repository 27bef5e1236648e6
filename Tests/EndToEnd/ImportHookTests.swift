import Foundation
import SystemPackage
import TestSupport
import Testing

/// The command of `[import]`, from the configuration to the journal.
@Suite struct ImportHookTests {
  @Test func `an import that publishes has the tree exported, and a command that fails hides nothing of it`()
    async throws
  {
    let world = try World(files: 20)
    let folder = world.folder["tree-for-endpoints"]
    try world.configureIsolated(
      "[import]\nthen = \"\(World.program) export \(folder) && echo $KSCMIRROR_BUNDLE\"\nthen_timeout = \"5m\""
    )
    try await world.sync()
    try await world.pack()
    let first = try await world.import("--json")
    #expect(first.status == 0, "\(first.errors) \(first.output)")
    let hook = try #require(first.result["hook"] as? [String: Any])
    #expect((hook["output"] as? String)?.contains("| kscmirror-000001") == true, "\(hook)")
    let tree = try World.files(below: folder).filter { $0.key != ".kscmirror-export" }
    let published = try world.published(world.isolated).filter { $0.key.hasPrefix("updates/") }
    #expect(Set(tree.keys.map { "updates/\($0)" }) == Set(published.keys))
    let again = try await world.import("--json")
    #expect(again.status == 0 && again.result["hook"] == nil, "\(again.output)")

    try world.configureIsolated("[import]\nthen = \"echo no room; exit 9\"")
    try world.age()
    try await world.sync()
    try await world.pack()
    let failed = try await world.import()
    #expect(failed.status == Exit.hookFailed, "\(failed.errors)")
    #expect(failed.output.contains("verified and published") && failed.errors.contains("it said: no room"))
    #expect(world.current(world.isolated) == "releases/2")
    let log = try await world.run("log", "--store", world.isolated.string)
    #expect(log.output.contains("it ended with status 9") && log.output.contains("has ended well"), "\(log.output)")

    try world.configureIsolated("[import]\nthen = \"true\"\nthen_user = \"no-such-user-here\"")
    let wrong = try await world.import()
    #expect(wrong.status == Exit.configuration && wrong.errors.contains("then_user"), "\(wrong.errors)")
  }
}
