import Foundation
import SystemPackage
import TestSupport
import Testing

/// A bundle goes over several sticks, which come in any order.
@Suite struct SpreadTests {
  /// Three sticks' worth of volumes, some of them in pieces.
  private func spread(_ ground: SticksGround, _ count: Int = 3, size: String = "4.7MiB") async throws -> [FilePath] {
    let world = ground.world
    var sticks: [FilePath] = []
    for number in 1...count {
      let stick = try ground.newStick("stick-\(number)")
      sticks.append(stick)
      let outcome = try await world.run(words(ground, stick, size, first: number == 1))
      #expect(outcome.status == (number == count ? 0 : 91), "\(number): \(outcome.output)\(outcome.errors)")
      if number < count {
        #expect(outcome.output.contains("pack --continue --output \(stick)"), "\(outcome.output)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: world.connected.appending("outgoing/spread.json").string))
    #expect(!FileManager.default.fileExists(atPath: world.bundle(1, at: world.connected.appending("outgoing")).string))
    return sticks
  }

  private func words(_ ground: SticksGround, _ stick: FilePath, _ size: String, first: Bool) -> [String] {
    ground.packing(to: stick) + ["--stick-size", size, first ? "--spread" : "--continue"]
  }

  private static let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

  @Test func `three sticks in every order`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    let names = try sticks.map { try ground.names($0) }
    #expect(names.flatMap { $0 }.contains { $0.contains(".part0") }, "\(names)")
    #expect(Set(names.flatMap { $0 }).count == names.reduce(0) { $0 + $1.count })
    let hints = try String(
      contentsOfFile: ground.world.bundle(1, at: sticks[1]).appending("VOLUMES.txt").string,
      encoding: .utf8
    )
    for (number, stick) in sticks.prefix(2).enumerated() {
      for name in try ground.fileNames(stick) { #expect(hints.contains("stick \(number + 1): \(name)\n")) }
    }
    for order in Self.orders {
      let store = try ground.newStore()
      for (turn, number) in order.enumerated() {
        #expect(try await ground.import(sticks[number], into: store, "--dry-run").status == (turn < 2 ? 91 : 0))
        let outcome = try await ground.import(sticks[number], into: store)
        #expect(outcome.status == (turn < 2 ? 91 : 0), "\(order): \(outcome.errors)")
        guard turn < 2 else { continue }
        #expect(outcome.errors.contains("Import the next stick"), "\(outcome.errors)")
        ground.expectNothing(store)
        let seen = try await ground.world.run("inspect", "--store", store.string, sticks[number].string)
        #expect(seen.status == Exit.incompleteBundle && seen.output.contains("missing"), "\(seen.output)")
        if turn == 1 { #expect(seen.output.contains("kept in the store"), "\(seen.output)") }
        // The same stick once more changes nothing.
        if turn == 0 { #expect(try await ground.import(sticks[number], into: store).status == Exit.incompleteBundle) }
        let said = order.dropFirst(turn + 1).map { "stick \($0 + 1)" }
        if turn == 0, number == 2 {
          for text in said { #expect(outcome.errors.contains(text.dropFirst(6)), "\(outcome.errors)") }
        }
      }
      try ground.expectPublished(store)
      // A stick that comes late is no news.
      #expect(try await ground.import(sticks[order[0]], into: store).status == 0)
      try ground.expectPublished(store)
      try FileManager.default.removeItem(atPath: store.string)
    }
  }

  @Test func `all sticks' volumes in one folder are the bundle`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    for stick in sticks.dropFirst() {
      for name in try ground.fileNames(stick) {
        try FileManager.default.moveItem(
          atPath: ground.volumeFolder(stick).appending(name).string,
          toPath: ground.volumeFolder(sticks[0]).appending(name).string
        )
      }
    }
    let target = try ground.newStick("joined")
    let outcome = try await ground.world.run(
      "bundle",
      "resplit",
      sticks[0].string,
      "--size",
      "1GiB",
      "-o",
      target.string
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let check =
      "cd '\(ground.world.bundle(1, at: target))' && sha256sum --quiet -c tagmanifest-sha256.txt manifest-sha256.txt"
    try Command.run("sh", ["-c", check])
    let store = try ground.newStore()
    #expect(try await ground.import(target, into: store).status == 0)
    try ground.expectPublished(store)
  }

  @Test func `damage in what was kept is found and asked for again`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    let store = try ground.newStore()
    for stick in sticks.prefix(2) {
      #expect(try await ground.import(stick, into: store).status == Exit.incompleteBundle)
    }
    let incoming = store.appending("incoming")
    let kept = try World.files(below: incoming).keys.filter { !$0.hasSuffix(".txt") }.sorted()
    let victim = try #require(kept.first)
    let url = URL(fileURLWithPath: incoming.pushing(FilePath(victim)).string)
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: url)
    let outcome = try await ground.import(sticks[2], into: store)
    #expect(
      [Exit.incompleteBundle, Exit.damagedBundle].contains(outcome.status),
      "\(outcome.status) \(outcome.errors)"
    )
    #expect(outcome.errors.contains("001.tar.zst"), "\(outcome.errors)")
    ground.expectNothing(store)
    let again = try await ground.import(sticks[0], into: store)
    #expect(again.status == 0, "\(again.errors)")
    try ground.expectPublished(store)
  }

  @Test func `what was kept goes with a newer bundle, or when it is forgotten`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    let store = try ground.newStore()
    #expect(try await ground.import(sticks[1], into: store).status == Exit.incompleteBundle)
    #expect(try await ground.import(sticks[0], into: store).status == Exit.incompleteBundle)
    // Nothing of the others is known any more.
    let forgotten = try await ground.import(sticks[2], into: store, "--forget-incoming")
    #expect(
      forgotten.status == Exit.incompleteBundle && forgotten.errors.contains("001.tar.zst"),
      "\(forgotten.errors)"
    )
    let streams = store.appending("incoming/stream/x")
    try ground.world.write("a stream's", to: streams)
    try ground.world.age()
    #expect(try await ground.world.sync().status == 0)
    #expect(try await ground.world.run(ground.packing(to: ground.world.stick)).status == 0)
    #expect(try await ground.import(ground.world.stick, into: store).status == 0)
    #expect(try World.files(below: store.appending("incoming")).keys.sorted() == ["stream/x"])
    // The older bundle is refused, and nothing of it is kept.
    #expect(try await ground.import(sticks[0], into: store).status == Exit.olderBundle)
    #expect(try World.files(below: store.appending("incoming")).keys.sorted() == ["stream/x"])
  }

  @Test func `imports that are killed between and within sticks`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    for _ in 0..<3 {
      let store = try ground.newStore()
      for (turn, stick) in sticks.enumerated() {
        let run = try ground.world.start(["import", "--store", store.string, stick.string])
        usleep(.random(in: 5_000...150_000))
        run.process.kill(SIGKILL)
        _ = await run.process.ending()
        let outcome = try await ground.import(stick, into: store)
        #expect(outcome.status == (turn < 2 ? 91 : 0), "\(outcome.errors)")
      }
      try ground.expectPublished(store)
    }
  }

  @Test func `a spread that is killed in mid-stick goes on with that stick`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    var stick = try ground.newStick("stick-1")
    #expect(try await ground.world.run(words(ground, stick, "4.7MiB", first: true)).status == Exit.incompleteBundle)
    var sticks = [stick]
    for number in 2...3 {
      stick = try ground.newStick("stick-\(number)")
      sticks.append(stick)
      for _ in 0..<4 {
        let run = try ground.world.start(words(ground, stick, "4.7MiB", first: false))
        usleep(.random(in: 1_000...60_000))
        run.process.kill(SIGKILL)
        _ = await run.process.ending()
        // What was pulled half-way may be wiped, or put in again.
        let names = try FileManager.default.contentsOfDirectory(atPath: stick.string)
        if names.contains("kscmirror-000001") { break }
      }
      let outcome = try await ground.world.run(words(ground, stick, "4.7MiB", first: false))
      #expect([0, 66, 73, 91].contains(outcome.status), "\(outcome.errors)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: stick.string).filter { !$0.contains("receipt") }.sorted()
          == ["LABEL.txt", "kscmirror-000001"]
      )
    }
    let store = try ground.newStore()
    var statuses: [Int32] = []
    for stick in sticks.reversed() { statuses.append(try await ground.import(stick, into: store).status) }
    #expect(statuses == [91, 91, 0])
    try ground.expectPublished(store)
  }

  @Test(.enabled(if: Mount.isPossible, Comment(rawValue: Mount.absence)))
  func `what ended while the staged bundle was removed stops no further run`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let world = ground.world
    let (first, second) = (try ground.newStick("first"), try ground.newStick("second"))
    #expect(try await world.run(words(ground, first, "4.7MiB", first: true)).status == Exit.incompleteBundle)
    // A mount cannot be removed: here the removal ends, as by a power cut.
    let staged = world.bundle(1, at: world.connected.appending("outgoing"))
    let obstacle = try Mount.bind(try world.folder.subfolder("other"), at: staged.appending("data/obstacle"))
    let cut = try await world.run("pack", "--abandon", "--config", world.configuration.string)
    #expect(cut.status != 0, "\(cut.output)")
    obstacle.unmount()
    #expect(try await world.run(words(ground, first, "4.7MiB", first: false)).status == Exit.notThere)
    let anew = try await world.run(words(ground, second, "4.7MiB", first: true))
    #expect(anew.status == Exit.incompleteBundle, "\(anew)")
    let gone = try await world.run("pack", "--abandon", "--config", world.configuration.string)
    #expect(gone.status == 0, "\(gone.errors)")
    #expect(try World.files(below: world.connected.appending("outgoing")).keys.sorted() == ["lock"])
  }

  @Test func `a stick that was written already, and one with another bundle, are unchanged`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let world = ground.world
    let (first, second) = (try ground.newStick("first"), try ground.newStick("second"))
    #expect(try await world.run(words(ground, first, "4.7MiB", first: true)).status == Exit.incompleteBundle)
    let before = try World.files(below: first)
    let again = try await world.run(words(ground, first, "4.7MiB", first: false))
    #expect(again.status == Exit.cannotCreate && again.errors.contains("this is stick 1"), "\(again.errors)")
    #expect(again.errors.contains("--continue"), "\(again.errors)")
    #expect(try World.files(below: first) == before)
    let anew = try await world.run(words(ground, second, "4.7MiB", first: true))
    #expect(anew.status == Exit.cannotCreate && anew.errors.contains("--abandon"), "\(anew.errors)")
    let foreign = try await world.run(words(ground, world.stick, "4.7MiB", first: false))
    #expect(foreign.status == Exit.cannotCreate && foreign.errors.contains("another bundle"), "\(foreign.errors)")
    let tiny = try await world.run(words(ground, second, "1MiB", first: false))
    #expect(tiny.status == Exit.noSpace, "\(tiny.errors)")
    let gone = try await world.run(words(ground, world.folder["nowhere"], "4.7MiB", first: false))
    #expect(gone.status == Exit.notThere, "\(gone.errors)")
    let abandoned = try await world.run("pack", "--abandon", "--config", world.configuration.string)
    #expect(abandoned.status == 0, "\(abandoned.errors)")
    #expect(try World.files(below: world.connected.appending("outgoing")).keys.sorted() == ["lock"])
    #expect(try await world.run(words(ground, second, "4.7MiB", first: false)).status == Exit.notThere)
    #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a file system"))
  func `sticks that are full end where they are full`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let world = ground.world
    var stores: [SmallFileSystem] = []
    defer { for store in stores { store.unmount() } }
    let refused = try await {
      let stick = world.folder["small-0"]
      stores.append(try SmallFileSystem(at: stick, kilobytes: 4800))
      return try await world.run(ground.packing(to: stick))
    }()
    #expect(refused.status == Exit.noSpace && refused.errors.contains("--spread"), "\(refused.errors)")
    let store = try ground.newStore()
    for number in 1...8 {
      let stick = world.folder["small-\(number)"]
      stores.append(try SmallFileSystem(at: stick, kilobytes: 4800))
      let words = ground.packing(to: stick) + [number == 1 ? "--spread" : "--continue"]
      let outcome = try await world.run(words)
      #expect([0, 91].contains(outcome.status), "\(outcome.errors)")
      #expect(try await ground.import(stick, into: store).status == outcome.status)
      if outcome.status == 0 { break }
    }
    try ground.expectPublished(store)
  }

  @Test func `parity stands in for a stick that is lost`() async throws {
    let ground = try await SticksGround()
    let world = ground.world
    var sticks: [FilePath] = []
    while sticks.count < 9 {
      let stick = try ground.newStick("stick-\(sticks.count + 1)")
      let words = words(ground, stick, "2.2MiB", first: sticks.isEmpty) + (sticks.isEmpty ? ["--parity", "2"] : [])
      let outcome = try await world.run(words)
      #expect([0, 91].contains(outcome.status), "\(outcome.errors)")
      sticks.append(stick)
      if outcome.status == 0 { break }
    }
    #expect(sticks.count >= 3)
    for lost in 0..<sticks.count where try ground.names(sticks[lost]).allSatisfy({ !$0.contains(".part0") }) {
      guard try ground.names(sticks[lost]).count <= 2 else { continue }
      let store = try ground.newStore()
      var status: Int32 = 91
      for number in sticks.indices where number != lost && status == Exit.incompleteBundle {
        status = try await ground.import(sticks[number], into: store).status
      }
      #expect(status == 0, "without stick \(lost + 1)")
      try ground.expectPublished(store)
    }
  }

  @Test func `hints are no more than hints, and steer no terminal`() async throws {
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try await spread(ground)
    let path = ground.world.bundle(1, at: sticks[0]).appending("VOLUMES.txt")
    let name = "kscmirror-000001.003.tar.zst"
    let lies = [
      "stick 7: \(name)\u{1B}[2J", "stick 8: ../../etc/passwd", "stick -1: \(name)", "stick 99999: \(name)",
      "stick 1\u{1B}[31m: \(name)", String(repeating: "stick 5: x\n", count: 400_000),
    ]
    for lie in lies {
      try ground.world.write(lie + "\n", to: path)
      let store = try ground.newStore()
      let outcome = try await ground.import(sticks[0], into: store)
      #expect(outcome.status == Exit.incompleteBundle && outcome.errors.contains(name), "\(outcome.errors)")
      #expect(!outcome.errors.contains("\u{1B}") && !outcome.errors.contains("passwd"), "\(outcome.errors)")
      #expect(try await ground.import(sticks[1], into: store).status == Exit.incompleteBundle)
      #expect(try await ground.import(sticks[2], into: store).status == 0)
      try ground.expectPublished(store)
    }
  }

  @Test(.enabled(if: Command.path(of: "script") != nil, "needs script (Debian: bsdutils)"))
  func `a person at a terminal is asked for the next stick`() async throws {
    let script = try #require(Command.path(of: "script"))
    let ground = try await SticksGround(meanSize: 280_000, volumeSize: "4MiB")
    let sticks = try (1...3).map { try ground.newStick("stick-\($0)") }
    let words = [World.program] + words(ground, sticks[0], "4.7MiB", first: true)
    // Return without another stick, a folder that is not there, then the other sticks.
    let typed = "\n/nowhere/at-all\n\(sticks[1])\n\(sticks[2])\n"
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    let line = "printf '\(typed)' | '\(script)' -qec \"\(command)\" /dev/null"
    let said = try Command.run("sh", ["-c", line])
    // Where volumes end, and so how many sticks there seem to be, differs from run to run.
    #expect(said.contains(/stick 1 of about [345] is written/), "\(said)")
    #expect(said.contains("this is stick 1") && said.contains("is not a folder"), "\(said)")
    let store = try ground.newStore()
    for (number, stick) in sticks.enumerated() {
      #expect(try await ground.import(stick, into: store).status == (number < 2 ? 91 : 0))
    }
    try ground.expectPublished(store)
  }
}
