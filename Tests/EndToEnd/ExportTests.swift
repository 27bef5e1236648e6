import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The update tree as plain files, for those that read a folder.
@Suite struct ExportTests {
  private static let mark = ".kscmirror-export"

  private func export(_ world: World, to folder: FilePath, _ more: String...) async throws -> Outcome {
    try await world.run(["export", folder.string, "--store", world.connected.string, "--json"] + more)
  }

  /// What should lie in the folder: the published update tree.
  private func expected(_ world: World) throws -> [String: Data] {
    let files = try world.published(world.connected).filter { $0.key.hasPrefix("updates/") }
    return Dictionary(uniqueKeysWithValues: files.map { (String($0.key.dropFirst("updates/".count)), $0.value) })
  }

  private func exported(_ folder: FilePath) throws -> [String: Data] {
    try World.files(below: folder).filter { $0.key != Self.mark }
  }

  private func attributes(_ path: FilePath) throws -> (inode: Int, mode: Int) {
    let found = try FileManager.default.attributesOfItem(atPath: path.string)
    return (found[.systemFileNumber] as? Int ?? 0, found[.posixPermissions] as? Int ?? 0)
  }

  @Test func `a folder has the release, whole, for all to read, and of the next one only what is new is written`()
    async throws
  {
    let world = try World(files: 60)
    try await world.sync()
    let folder = try world.folder.subfolder("share").appending("tree")
    let words = ["export", folder.string, "--store", world.connected.string, "--json"]
    let first = try await world.run(
      ["-c", "umask 077; exec \"$0\" \"$@\"", World.program] + words,
      program: "/bin/sh"
    )
    #expect(first.status == 0, "\(first.errors)")
    #expect(try exported(folder) == expected(world))
    #expect(try attributes(folder.appending("index")).mode == 0o755)
    #expect(try attributes(folder).mode == 0o755)
    #expect(try attributes(folder.appending(Self.mark)).mode == 0o644)
    #expect(try attributes(folder.pushing("index/u1901g.xml")).mode == 0o644)
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder["share"].string) == ["tree"])
    let verified = try await world.run("verify", "--vendor", folder.string, "--config", world.configuration.string)
    #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    #expect(!verified.output.contains(Self.mark))
    let again = try await export(world, to: folder)
    #expect(again.status == 0 && again.result["written"] as? Int == 0 && again.result["way"] == nil, "\(again.output)")

    let before = try expected(world)
    try world.age()
    try await world.sync()
    let after = try expected(world)
    let same = try #require(after.first { before[$0.key] == $0.value }?.key)
    let inode = try attributes(folder.pushing(FilePath(same))).inode
    let plan = try await export(world, to: folder, "--dry-run")
    #expect(try exported(folder) == before)
    let second = try await export(world, to: folder)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try exported(folder) == after)
    let changed = after.count { before[$0.key] != $0.value }
    #expect(
      second.result["written"] as? Int == changed && plan.result["written"] as? Int == changed,
      "\(second.output)"
    )
    #expect(second.result["removed"] as? Int == before.keys.count { after[$0] == nil })
    #expect(try attributes(folder.pushing(FilePath(same))).inode == inode)
    let log = try await world.run("log", "--store", world.connected.string)
    #expect(log.output.contains("release 2 was exported to \(folder)"), "\(log.output)")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make files of others"))
  func `nothing is built in a folder that somebody else has laid beside`() async throws {
    let world = try World(files: 24)
    try await world.sync()
    let folder = try world.folder.subfolder("shared").appending("tree")
    let work = try world.folder.subfolder("shared/.tree.kscmirror")
    try #require(chown(work.string, 12_345, 12_345) == 0)
    let refused = try await export(world, to: folder)
    let said = refused.output + refused.errors
    #expect(refused.status == Exit.permission && said.contains("12345"), "\(said)")
    #expect(!FileManager.default.fileExists(atPath: folder.string))
    try FileManager.default.removeItem(atPath: work.string)
    // A link there is not followed either.
    let victim = try world.folder.subfolder("victim")
    try FileManager.default.createSymbolicLink(atPath: work.string, withDestinationPath: victim.string)
    #expect(try await export(world, to: folder).status != 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: victim.string).isEmpty)
    try FileManager.default.removeItem(atPath: work.string)
    #expect(try await export(world, to: folder).status == 0)
  }

  @Test func `what others have changed in it is mended, whatever its time and size say`() async throws {
    let world = try World(files: 30)
    try await world.sync()
    let folder = world.folder["tree-copy"]
    try #require(try await export(world, to: folder).status == 0)
    let wanted = try expected(world)
    let names = wanted.keys.filter { !(wanted[$0]?.isEmpty ?? true) }.sorted()
    let (damaged, closed, gone) = (names[0], names[1], names[2])
    let time = try FileManager.default.attributesOfItem(atPath: folder.pushing(FilePath(damaged)).string)[
      .modificationDate
    ]
    var bytes = try #require(wanted[damaged])
    bytes[0] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder.pushing(FilePath(damaged)).string))
    try FileManager.default.setAttributes(
      [.modificationDate: time ?? Date()],
      ofItemAtPath: folder.pushing(FilePath(damaged)).string
    )
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600],
      ofItemAtPath: folder.pushing(FilePath(closed)).string
    )
    try FileManager.default.removeItem(atPath: folder.pushing(FilePath(gone)).string)
    try world.write("stray", to: folder.pushing("bases/stray/file"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.appending("link").string,
      withDestinationPath: world.connected.string
    )
    let outcome = try await export(world, to: folder)
    #expect(outcome.status == 0 && outcome.result["written"] as? Int == 3, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.result["removed"] as? Int == 2)
    #expect(try exported(folder) == wanted)
    #expect(!FileManager.default.fileExists(atPath: folder.pushing("bases/stray").string))
    #expect(try attributes(folder.pushing(FilePath(closed))).mode == 0o644)
    #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
  }

  @Test func `somebody else's folder is replaced only if that is asked for, and a server's own never`() async throws {
    let world = try World(files: 12)
    try await world.sync()
    let folder = world.folder["other"]
    try world.write("precious", to: folder.appending("notes.txt"))
    let refused = try await export(world, to: folder)
    #expect(
      refused.status == Exit.usage && refused.output.contains("notes.txt") && refused.output.contains("--replace")
    )
    #expect(try World.files(below: folder) == ["notes.txt": Data("precious".utf8)])
    #expect(!FileManager.default.fileExists(atPath: world.folder[".other.kscmirror"].string))
    let replaced = try await export(world, to: folder, "--replace")
    #expect(replaced.status == 0, "\(replaced.output)")
    #expect(try exported(folder) == expected(world))
    let share = try world.folder.subfolder("klnagent_srv/1093/.working/share").appending("Updates")
    let own = try await export(world, to: share, "--replace")
    #expect(own.status == Exit.usage && own.output.contains("Kaspersky's own"), "\(own.output)")
    #expect(!FileManager.default.fileExists(atPath: share.string))
    #expect(try await export(world, to: world.connected.appending("tree")).status == Exit.usage)
  }

  @Test(
    .enabled(if: !RealFileSystem.possible.isEmpty, "exFAT and NTFS cannot be mounted here"),
    arguments: RealFileSystem.possible
  )
  func `a stick gets the tree, and of the next ones only what differs`(_ kind: RealFileSystem.Kind) async throws {
    let world = try World(files: 40)
    try await world.sync()
    let medium = try RealFileSystem(kind, in: world.folder)
    let whole = try await export(world, to: medium.path)
    #expect(whole.status == Exit.usage && whole.output.contains("/Updates"), "\(whole.output)")
    let folder = medium.path.appending("Updates")
    var writes: [Int] = []
    for day in 1...3 {
      if day > 1 {
        try world.age()
        try await world.sync()
      }
      let outcome = try await export(world, to: folder)
      #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
      writes.append(outcome.result["written"] as? Int ?? -1)
      #expect(try exported(folder) == expected(world))
    }
    // The third tree is made of the first one, which still lies there.
    #expect(writes[2] < writes[0], "\(writes)")
    medium.unmount()
    try medium.check()
  }
}
