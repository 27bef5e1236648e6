import Foundation
import SystemPackage
import TestSupport
import Testing

/// A kill at any moment of making, sending or taking in parcels leaves both sides able to go on.
///
/// `KSCMIRROR_KILLS` sets how often each is killed.
@Suite struct ParcelKillTests {
  private let kills = ProcessInfo.processInfo.environment["KSCMIRROR_KILLS"].flatMap { Int($0) } ?? 6

  /// A world with a site that can make parcels of a few megabytes.
  private func prepared() async throws -> (world: World, file: FilePath) {
    let world = try World(files: 24, meanSize: 400)
    try world.configureIsolated("site = \"plant\"")
    try await world.sync()
    #expect(try await world.pack("--site", "plant").status == 0)
    #expect(try await world.import().status == 0)
    #expect(try await world.introduceSite().status == 0)
    var random = SeededGenerator(9)
    let words = (0..<1_000_000).map { _ in random.next() }
    let file = world.folder["big.bin"]
    try words.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: file.string))
    return (world, file)
  }

  /// Starts a program, and kills it at a random moment of the time that it takes.
  private func kill(_ program: String, _ words: [String], within seconds: Double) async throws {
    let process = try ChildProcess(program, words, environment: ["PATH": "/usr/bin:/bin"])
    usleep(UInt32(Double.random(in: 0...1) * seconds * 1e6))
    process.kill(SIGKILL)
    _ = await process.ending()
  }

  /// Runs `parcel-tool`, which has to end well.
  @discardableResult
  private func tool(_ world: World, _ words: [String]) async throws -> String {
    let outcome = try await world.run(words, program: World.built("parcel-tool"))
    guard outcome.status == 0 else { throw TestFailure(outcome.errors) }
    return outcome.output
  }

  /// How long it takes what is left in peace.
  private func time(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    let passed = ContinuousClock.now - start
    return Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
  }

  @Test func `a parcel whose making is killed gives its number to no other, and is not missed`() async throws {
    let (world, file) = try await prepared()
    let make = ["make", world.isolated.string, "plant", "ksn", file.string]
    let duration = try await time { try await tool(world, make) }
    var last = 1
    for _ in 0..<kills {
      try await kill(World.built("parcel-tool"), make, within: duration)
      let made = try await tool(world, make)
      let number = try #require(Int(made.split(separator: " ")[0]))
      #expect(number > last)
      last = number
    }
    let send = ["parcel", "send", "--config", world.isolatedConfiguration.string, "-o", world.stick.string]
    #expect(try await world.run(send).status == 0)
    let taken = try await world.run("collect", "--config", world.configuration.string, world.stick.string, "--json")
    #expect(taken.status == 0, "\(taken.errors)")
    #expect((taken.result["missing"] as? [Any])?.isEmpty == true, "\(taken.output)")
    let parcels = try #require(taken.result["parcels"] as? [[String: Any]])
    #expect(parcels.count > kills && parcels.last?["number"] as? Int == last)
    let names = try FileManager.default.contentsOfDirectory(atPath: world.isolated.appending("parcels/out").string)
    #expect(!names.contains { $0.hasSuffix(".part") }, "\(names)")
  }

  @Test func `a sending that is killed leaves whole parcels or none, and can be done again`() async throws {
    let (world, file) = try await prepared()
    for _ in 0..<3 {
      try await tool(world, ["make", world.isolated.string, "plant", "ksn", file.string])
    }
    let send = ["parcel", "send", "--config", world.isolatedConfiguration.string, "-o", world.stick.string]
    let duration = try await time {
      let outcome = try await world.run(send)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for _ in 0..<kills {
      try world.emptyStick()
      try await kill(World.program, send, within: duration)
      let names = try FileManager.default.contentsOfDirectory(atPath: world.stick.string)
      for name in names where !name.hasSuffix(".part") {
        let whole = try FileManager.default.contentsOfDirectory(atPath: world.stick.appending(name).string)
        #expect(whole.sorted() == ["CONTENTS.txt", "parcel.json", "payload.sealed"], "\(name)")
      }
      let again = try await world.run(send)
      #expect(again.status == 0, "\(again.errors)")
      let after = try FileManager.default.contentsOfDirectory(atPath: world.stick.string).sorted()
      #expect(after == (1...3).map { "kscmirror-parcel-plant-00000\($0)" })
    }
    #expect(try await world.run("collect", "--config", world.configuration.string, world.stick.string).status == 0)
  }

  @Test func `a collect that is killed takes each parcel whole or not at all, and each once`() async throws {
    let (world, file) = try await prepared()
    for _ in 0..<3 {
      try await tool(world, ["make", world.isolated.string, "plant", "ksn", file.string])
    }
    let send = ["parcel", "send", "--config", world.isolatedConfiguration.string, "-o", world.stick.string]
    #expect(try await world.run(send).status == 0)
    let collect = ["collect", "--config", world.configuration.string, world.stick.string]
    let shelf = world.connected.appending("parcels")
    let duration = try await time {
      let outcome = try await world.run(collect)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for _ in 0..<kills {
      try FileManager.default.removeItem(atPath: shelf.string)
      try await kill(World.program, collect, within: duration)
      let taken = try await world.run(collect + ["--json"])
      #expect(taken.status == 0, "\(taken.errors)")
      let list = try await world.run("parcel", "list", "--config", world.configuration.string, "--json")
      let parcels = try #require(list.result["taken"] as? [[String: Any]])
      #expect(parcels.compactMap { $0["number"] as? Int } == [1, 2, 3])
      #expect((list.result["missing"] as? [Any])?.isEmpty == true)
      let names = try FileManager.default.contentsOfDirectory(atPath: shelf.appending("sites/plant").string).sorted()
      #expect(names == ["000001", "000002", "000003", "taken.json"])
      let place = world.folder["unpacked"]
      try? FileManager.default.removeItem(atPath: place.string)
      // Using it is killed too.
      let open = ["open", world.connected.string, "plant", "3", "ksn", place.string]
      try await kill(World.built("parcel-tool"), open, within: 0.3)
      try await tool(world, open)
      #expect(try await tool(world, open) == "used before\n")
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: place.appending("big.bin").string))
          == Data(contentsOf: URL(fileURLWithPath: file.string))
      )
    }
  }
}
