import Foundation
import SystemPackage
import TestSupport
import Testing

/// A site rebuilds lost and damaged volumes from parity volumes, up to as many as there are of those.
@Suite struct ParityTests {
  private func ground(parity: Int = 2) async throws -> SticksGround {
    let ground = try await SticksGround(files: 30, ["--parity", "\(parity)"])
    let names = try ground.names(ground.world.stick)
    #expect(names.filter { $0.hasSuffix(".parity") }.count == parity)
    #expect(names.count >= 3 + parity)
    return ground
  }

  @Test func `any volumes are lost, as many as there is parity`() async throws {
    let ground = try await ground()
    let names = try ground.names(ground.world.stick)
    var subsets = names.map { [$0] }
    for (number, name) in names.enumerated() { subsets += names.dropFirst(number + 1).map { [name, $0] } }
    for lost in subsets {
      let stick = try ground.copy("medium")
      let store = try ground.newStore()
      for name in lost { try ground.remove(name, from: stick) }
      let outcome = try await ground.import(stick, into: store)
      #expect(outcome.status == 0, "\(lost): \(outcome.errors)")
      for name in lost where name.hasSuffix(".zst") {
        #expect(outcome.errors.contains(name) && outcome.errors.contains("rebuilt"), "\(outcome.errors)")
      }
      try ground.expectPublished(store)
    }
  }

  @Test func `one more is too many, and the message counts`() async throws {
    let ground = try await ground()
    let names = try ground.names(ground.world.stick)
    let parity = names.filter { $0.hasSuffix(".parity") }
    for lost in [Array(names.prefix(3)), [names[0]] + parity, [names[1], names[2], parity[0]]] {
      let stick = try ground.copy("medium")
      let store = try ground.newStore()
      for name in lost { try ground.remove(name, from: stick) }
      for words in [["--dry-run"], []] {
        let outcome = try await ground.world.run(["import", "--store", store.string, stick.string] + words)
        #expect(outcome.status == Exit.incompleteBundle, "\(lost): \(outcome.errors)")
        #expect(outcome.errors.contains("1 more are needed"), "\(outcome.errors)")
        for name in lost where name.hasSuffix(".zst") { #expect(outcome.errors.contains(name), "\(outcome.errors)") }
      }
      ground.expectNothing(store)
      // Another medium brings one of them.
      let second = try ground.copy("second")
      for name in names where name != lost[0] { try ground.remove(name, from: second) }
      #expect(try await ground.import(second, into: store).status == 0)
      try ground.expectPublished(store)
    }
  }

  @Test func `damaged bytes in volumes of both kinds`() async throws {
    let ground = try await ground()
    let names = try ground.names(ground.world.stick)
    let (first, second, parity) = (names[0], names[1], names.filter { $0.hasSuffix(".parity") })
    for damaged in [[first], [second, names[2]], [first, parity[0]], [parity[0], parity[1]]] {
      for share in [0, 0.5, 1] {
        let stick = try ground.copy("medium")
        let store = try ground.newStore()
        for name in damaged { try ground.flip(name, on: stick, at: share) }
        let outcome = try await ground.import(stick, into: store)
        #expect(outcome.status == 0, "\(damaged) at \(share): \(outcome.errors)")
        try ground.expectPublished(store)
      }
    }
    let stick = try ground.copy("medium")
    let store = try ground.newStore()
    try ground.flip(first, on: stick)
    try ground.remove(second, from: stick)
    try ground.flip(parity[1], on: stick)
    let outcome = try await ground.import(stick, into: store)
    #expect(outcome.status == Exit.incompleteBundle, "\(outcome.errors)")
    #expect(outcome.errors.contains(first) && outcome.errors.contains(second), "\(outcome.errors)")
    #expect(outcome.errors.contains("1 more are needed"), "\(outcome.errors)")
    ground.expectNothing(store)
  }

  @Test func `without parity a damaged volume is refused as before`() async throws {
    let ground = try await SticksGround()
    let name = try ground.names(ground.world.stick)[1]
    let stick = try ground.copy("medium")
    let store = try ground.newStore()
    try ground.flip(name, on: stick)
    let outcome = try await ground.import(stick, into: store)
    #expect(outcome.status == Exit.damagedBundle && outcome.errors.contains(name), "\(outcome.errors)")
    ground.expectNothing(store)
  }

  @Test func `parity is part of the bundle`() async throws {
    let ground = try await ground(parity: 1)
    let world = ground.world
    // The list of all files names it, and the very same bundle is known again.
    let manifest = try String(contentsOfFile: ground.bundle.appending("manifest-sha256.txt").string, encoding: .utf8)
    #expect(manifest.contains(".kscmirror-000001.p01.parity\n"))
    let again = try await world.run(ground.packing(to: world.stick) + ["--parity", "1"])
    #expect(again.output.contains("already there"), "\(again.output)")
    let other = try await world.run(ground.packing(to: world.stick) + ["--parity", "2"])
    #expect(other.output.contains("wrote") && other.output.contains("p02.parity"), "\(other.output)")
    #expect(try await world.run("inspect", "--store", world.isolated.string, world.stick.string).status == 0)
    // The configuration can say so too.
    try world.configure(rest: "[pack]\nparity = 3\nvolume_size = \"1MiB\"\n")
    let configured = try await world.run("pack", "--config", world.configuration.string, "-o", world.stick.string)
    #expect(configured.output.contains("p03.parity"), "\(configured.output)\(configured.errors)")
    try world.configure(rest: "[pack]\nparity = 100\n")
    #expect(try await world.run("config", "check", "--config", world.configuration.string).status == Exit.configuration)
  }
}
