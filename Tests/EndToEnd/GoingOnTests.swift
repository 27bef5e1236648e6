import Foundation
import SystemPackage
import Testing

/// A run that is killed loses little: a large file goes on where it was cut, and small files are kept as they come.
@Suite struct GoingOnTests {
  private static let size = 6 << 20

  /// A world with one large file in a source of kind files, whose server stops in the middle of it.
  private func worldWithLargeFile() throws -> World {
    let world = try World(files: 12)
    var bytes = Data(count: Self.size)
    for position in stride(from: 0, to: bytes.count, by: 4093) { bytes[position] = UInt8(position % 251) }
    try bytes.write(to: URL(fileURLWithPath: world.folder["tree/large.bin"].string))
    try world.write(
      """
      store = "\(world.connected)"
      [[source]]
      name = "packages"
      kind = "files"
      ca = "\(world.authority.certificate)"
      files = [{ url = "\(world.server.url)/large.bin", path = "large.bin" }]
      """,
      to: world.configuration
    )
    return world
  }

  /// Starts a sync, and kills it when the server has sent the first part of the large file.
  private func killInTheMiddle(_ world: World) async throws {
    world.server.answer { _ in .held(after: 4 << 20, seconds: 300) }
    let run = try world.start(["sync", "--config", world.configuration.string])
    let partial = world.connected.appending("partial").string
    let limit = ContinuousClock.now + .seconds(300)
    var size = 0
    while size < 3 << 20, ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(20))
      let names = (try? FileManager.default.contentsOfDirectory(atPath: partial)) ?? []
      let sizes = names.compactMap { name in
        try? FileManager.default.attributesOfItem(atPath: "\(partial)/\(name)")[.size] as? Int
      }
      size = sizes.max() ?? 0
    }
    run.process.kill(SIGKILL)
    _ = await run.process.ending()
    #expect(size >= 3 << 20)
    world.server.forgetRequests()
    world.server.answer { _ in .file }
  }

  private func expectWhole(_ world: World) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: world.folder["tree/large.bin"].string))
    #expect(try world.published(world.connected)["packages/large.bin"] == bytes)
    let left = try FileManager.default.contentsOfDirectory(atPath: world.connected.appending("partial").string)
    #expect(left.isEmpty, "\(left)")
  }

  @Test func `a large file goes on where the killed run was`() async throws {
    let world = try worldWithLargeFile()
    try await killInTheMiddle(world)
    let next = try await world.sync()
    #expect(next.status == 0, "\(next.errors)")
    let request = try #require(world.server.requests.first)
    #expect(request.headers["range"]?.hasPrefix("bytes=") == true && request.headers["range"] != "bytes=0-")
    #expect(request.headers["if-range"]?.hasPrefix("\"") == true)
    try expectWhole(world)
  }

  @Test func `a large file that changed meanwhile comes anew`() async throws {
    let world = try worldWithLargeFile()
    try await killInTheMiddle(world)
    try Data(repeating: 7, count: Self.size + 1).write(
      to: URL(fileURLWithPath: world.folder["tree/large.bin"].string),
      options: .atomic
    )
    let next = try await world.sync()
    #expect(next.status == 0, "\(next.errors)")
    try expectWhole(world)
  }

  @Test func `without a strong tag nothing is gone on with`() async throws {
    let world = try worldWithLargeFile()
    world.server.answer { _ in .headed(["ETag: W/\"weak\""]) }
    try await killInTheMiddle(world)
    // The tag of the part on the disk is replaced by a weak one, as a server without strong ones would have given it.
    let partial = world.connected.appending("partial").string
    for name in try FileManager.default.contentsOfDirectory(atPath: partial) where name.hasSuffix(".tag") {
      try Data("W/\"weak\"".utf8).write(to: URL(fileURLWithPath: "\(partial)/\(name)"))
    }
    let next = try await world.sync()
    #expect(next.status == 0, "\(next.errors)")
    let requests = world.server.requests
    #expect(!requests.isEmpty && requests.allSatisfy { $0.headers["range"] == nil })
    try expectWhole(world)
  }

  @Test func `small files that came more than a second ago are not asked for again`() async throws {
    let world = try World(files: 400)
    // The last file never comes.
    let last = "updates/vlns/vlns0000.dat"
    world.server.answer { $0.path == last ? .stall(seconds: 60) : .file }
    let run = try world.start(["sync", "--config", world.configuration.string])
    let limit = ContinuousClock.now + .seconds(60)
    while world.server.requests.count < 400, ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(20))
    }
    // Two seconds, on a machine where others are busy too.
    try await Task.sleep(for: .seconds(4))
    run.process.kill(SIGKILL)
    _ = await run.process.ending()
    world.server.forgetRequests()
    world.server.answer { _ in .file }
    let next = try await world.run("sync", "--json", "--config", world.configuration.string)
    #expect(next.status == 0, "\(next.errors)")
    let source = (next.result["sources"] as? [[String: Any]])?.first
    let fetched = try #require(source?["fetchedFiles"] as? Int)
    // The indexes come again, since no sync was sealed; of the files, only the one that had not come.
    let indexes = world.server.requests.filter { $0.path.hasSuffix(".xml") }.count
    #expect(fetched <= indexes + 3, "\(fetched) files came again, \(indexes) of them indexes")
    #expect(try world.published(world.connected) == world.expected())
  }
}
